"""How long an apply may take, from how long Azure was seen to take.

On record are only a few sessions, so that every figure is a span. The steps are laid out as apply
would start them: each when what it waits for is done, so many at once.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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


def forecast(steps: Sequence[Step], parallelism: int) -> Forecast:
    """Return how long steps take, with ``parallelism`` of them at once."""
    spans = {step.id: span_of(step) for step in steps}
    long = [s for s in spans.values() if s is not SYNCHRONOUS]
    return Forecast(
        Span(
            _length(steps, parallelism, lambda step: spans[step.id].low),
            _length(steps, parallelism, lambda step: spans[step.id].high),
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


def _length(steps: Sequence[Step], parallelism: int, lasts: Callable[[Step], float]) -> float:
    """Return the seconds until the last step ends."""
    waiting = {step.id: set(step.after) for step in steps}
    by_id = {step.id: step for step in steps}
    running: list[tuple[float, str]] = []
    turns: set[str] = set()
    now = 0.0
    while waiting or running:
        for id_ in [i for i, after in waiting.items() if not after & by_id.keys()]:
            step = by_id[id_]
            if len(running) < parallelism and not (step.turn and step.turn in turns):
                del waiting[id_]
                turns.add(step.turn)
                heapq.heappush(running, (now + lasts(step), id_))
        if not running:
            return now  # the steps wait for each other, which apply refuses
        now, ended = heapq.heappop(running)
        turns.discard(by_id[ended].turn)
        for after in waiting.values():
            after.discard(ended)
    return now
