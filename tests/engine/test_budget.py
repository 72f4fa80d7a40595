"""Polls leave reads for work where there are too few for both."""

from __future__ import annotations

import threading

import pytest

from reconciler.core.sending.throttle import LIMITS, Call
from reconciler.engine.budget import POLLS_PER_SECOND, Account, Budget
from tests.engine.test_execute import Clock

READS = Account("a subscription", Call.READS)


class Gate(Clock):
    """A clock whose waits end together, and that remembers them."""

    def __init__(self, parties: int) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._all = threading.Barrier(parties, timeout=5)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._all.wait()


def rested(taken: int, polls: int, seconds: float) -> list[float]:
    """Return how long polls of operations wait that are waited for at once.

    Args:
        taken: reads that were drawn before.
        polls: operations.
        seconds: what one alone would wait.

    """
    clock = Gate(polls)
    budget = Budget(clock)
    for _ in range(taken):
        budget.take(READS, lambda _: None)
    threads = [threading.Thread(target=budget.rest, args=(seconds,)) for _ in range(polls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(clock.waits)


def test_as_long_as_there_are_reads_each_operation_is_asked_for_as_if_it_were_alone() -> None:
    half = int(LIMITS[Call.READS].depth / 2)
    assert rested(half, 60, 3.0) == [3.0] * 60


def test_where_reads_are_short_all_polls_together_take_half_of_what_comes_back() -> None:
    waits = rested(200, 60, 3.0)
    assert waits[-1] == pytest.approx(60 / POLLS_PER_SECOND)
    assert waits == [max(3.0, number / POLLS_PER_SECOND) for number in range(1, 61)]


def test_what_azure_asks_to_wait_is_never_cut_short() -> None:
    assert rested(200, 10, 30.0) == [30.0] * 10
