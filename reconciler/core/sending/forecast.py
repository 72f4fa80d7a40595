"""How long an apply may take, from how long Azure was seen to take.

On record are only a few sessions, so that every figure is a span. The steps are laid out as apply
would start them: each when what it waits for is done, so many at work and so many more waiting for
Azure, and no faster than ARM lets one caller write.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reconciler.core.sending.throttle import LIMITS, Call
from reconciler.kinds import KINDS
from reconciler.model.plan import Step, Verb

SOURCES = (
    "times as recorded of azure-service-operator (March 2026) and azure-cli-extensions (March"
    " 2025); the budget as documented, for one subscription, with nobody else drawing on it"
)

POLL_EVERY = 3.0
"""Seconds between two polls of an operation."""


@dataclass(frozen=True, slots=True)
class Span:
    """From so many seconds to so many."""

    low: float
    high: float


CREATED = Span(16.0, 70.0)
"""A long-running PUT, until the operation says so."""
DELETED = Span(17.0, 128.0)
"""A long-running DELETE; email services took longest."""
SYNCHRONOUS = Span(1.0, 6.0)
"""Everything else, PATCHes among it: the answer is the end."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What an apply takes of time, and of polls."""

    seconds: Span
    polls: int
    """Reads that only ask whether an operation has ended, at most."""


def forecast(steps: Sequence[Step], at_work: int, under_way: int) -> Forecast:
    """Return how long steps take.

    Args:
        steps: those of a plan.
        at_work: how many are written at once, those not counted whose operation is waited for.
        under_way: how many there may be at once in all.

    """
    spans = {step.id: span_of(step) for step in steps}
    long = [s for s in spans.values() if s is not SYNCHRONOUS]
    return Forecast(
        Span(
            _length(steps, at_work, under_way, lambda step: spans[step.id].low),
            _length(steps, at_work, under_way, lambda step: spans[step.id].high),
        ),
        sum(round(span.high / POLL_EVERY) for span in long),
    )


def span_of(step: Step) -> Span:
    """Return how long one step takes."""
    operations = KINDS[step.kind].operations
    if operations is not None and step.verb is Verb.PUT and _is_long(operations.create):
        return CREATED
    if operations is not None and step.verb is Verb.DELETE and _is_long(operations.delete):
        return DELETED
    return SYNCHRONOUS


def _is_long(call: str) -> bool:
    """Whether an SDK call begins a long-running operation."""
    return call.startswith("begin_")


def _earliest(call: Call, number: int) -> float:
    """Return when ARM takes one request of a sort, counted from 1, after the first."""
    limit = LIMITS[call]
    return max(0.0, (number - limit.depth) / limit.per_second)


def _length(
    steps: Sequence[Step], at_work: int, under_way: int, lasts: Callable[[Step], float]
) -> float:
    """Return the seconds until the last step ends."""
    waiting = {step.id: set(step.after) for step in steps}
    by_id = {step.id: step for step in steps}
    running: list[tuple[float, str]] = []
    turns: set[str] = set()
    calls: Counter[Call] = Counter()
    busy = 0
    now = 0.0
    while waiting or running:
        for id_ in [i for i, after in waiting.items() if not after & by_id.keys()]:
            step = by_id[id_]
            places = busy < at_work and len(running) < under_way
            if places and not (step.turn and step.turn in turns):
                del waiting[id_]
                turns.add(step.turn)
                busy += span_of(step) is SYNCHRONOUS
                call = Call.of(step.verb)
                calls[call] += 1
                begins = max(now, _earliest(call, calls[call]))
                heapq.heappush(running, (begins + lasts(step), id_))
        if not running:
            return now  # the steps wait for each other, which apply refuses
        now, ended = heapq.heappop(running)
        turns.discard(by_id[ended].turn)
        busy -= span_of(by_id[ended]) is SYNCHRONOUS
        for after in waiting.values():
            after.discard(ended)
    return now
