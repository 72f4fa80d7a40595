"""What threads tell of their work becomes one tree of spans for each invocation."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock, get_ident

from opentelemetry.context import Context
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from reconciler.model.event import (
    Began,
    DriftFound,
    Ended,
    Event,
    Invocation,
    PlanMade,
    Reading,
    RequestDelayed,
    RequestEnded,
    StepFinished,
    StepRetried,
    Work,
)
from reconciler.model.plan import Step
from reconciler.model.report import Outcome, Result
from reconciler.telemetry import names
from reconciler.telemetry.names import Attributes

READS = ("GET", "HEAD")


@dataclass(slots=True)
class _Open:
    """A span that has begun and not ended."""

    work: Work
    span: Span
    attempts: int = 1
    """Of a step."""
    correlation_id: str = ""
    """Of a step, that of its last write."""


class Spans:
    """Hears events, and makes spans of them.

    A thread that has told of no work of its own, such as one of a pool, works for what is innermost
    on the thread of the invocation. The threads in which the SDK polls are known by the id that
    their requests share with the write that they wait for.
    """

    def __init__(self, tracer: Tracer, environment: Mapping[str, str]) -> None:
        """Begin with no span.

        Args:
            tracer: makes the spans.
            environment: may name the span of the caller in ``TRACEPARENT``.
                https://opentelemetry.io/docs/specs/otel/context/env-carriers/

        """
        carrier = {
            name: environment.get(name.upper(), "") for name in ("traceparent", "tracestate")
        }
        self._caller = TraceContextTextMapPropagator().extract(carrier, Context())
        self._tracer = tracer
        self._lock = Lock()
        self._open: dict[int, list[_Open]] = {}
        """By thread, the innermost last."""
        self._home = 0
        """The thread of the invocation."""
        self._steps: dict[str, _Open] = {}
        self._writes: dict[str, _Open] = {}
        """The steps whose writes have these client ids."""

    def __call__(self, event: Event) -> None:
        """Hear one event."""
        with self._lock:
            match event:
                case Began(work):
                    self._begin(work)
                case Ended():
                    self._end(event)
                case RequestEnded():
                    self._request(event)
                case RequestDelayed(_, reason, wait):
                    self._mark("delayed", {"reconciler.reason": reason, "reconciler.wait": wait})
                case StepRetried(step, failure, attempt, wait):
                    self._retried(step, failure.code, attempt, wait)
                case StepFinished(outcome):
                    self._step(outcome)
                case PlanMade() | DriftFound():
                    self._made(event)
                case _:
                    pass

    def _begin(self, work: Work) -> None:
        """Open a span below that of what this thread is at."""
        if isinstance(work, Invocation):
            self._home = get_ident()
        above = self._innermost()
        context = self._caller if above is None else set_span_in_context(above.span)
        attributes = names.work_attributes(work)
        span = self._tracer.start_span(names.span_name(work), context, attributes=attributes)
        opened = _Open(work, span)
        self._open.setdefault(get_ident(), []).append(opened)
        if isinstance(work, Step):
            self._steps[work.id] = opened

    def _end(self, event: Ended) -> None:
        """Close the span of what this thread was at last; that of a step stays for its outcome."""
        mine = self._open.get(get_ident())
        if not mine:
            return
        ended = mine.pop()
        if not mine:
            del self._open[get_ident()]
        if isinstance(event.work, Step):
            self._writes = {key: one for key, one in self._writes.items() if one is not ended}
            return
        if isinstance(event.work, Reading):
            ended.span.set_attribute("reconciler.found", event.found)
        if event.result:
            ended.span.set_attribute(names.RESULT, event.result)
        _close(ended.span, event.failure)
        if isinstance(event.work, Invocation):
            self._forget()

    def _forget(self) -> None:
        """Close what an invocation that was cut short has left open."""
        for one in self._steps.values():
            _close(one.span, "not told")
        self._steps.clear()
        self._writes.clear()

    def _request(self, event: RequestEnded) -> None:
        """Tell of a request that has ended, below what it was sent for."""
        mine = self._open.get(get_ident())
        below = mine[-1] if mine else self._writes.get(event.client_id) or self._innermost()
        if mine and isinstance(mine[-1].work, Step) and event.method not in READS:
            mine[-1].correlation_id = event.correlation_id
            self._writes[event.client_id] = mine[-1]
        now = time.time_ns()
        span = self._tracer.start_span(
            names.request_name(event),
            self._caller if below is None else set_span_in_context(below.span),
            SpanKind.CLIENT,
            names.request_attributes(event),
            start_time=now - int(event.seconds * 1e9),
        )
        if names.is_failure(event):
            span.set_status(Status(StatusCode.ERROR))
        span.end(now)

    def _retried(self, step: Step, code: str, attempt: int, wait: float) -> None:
        """Note that a step is tried again."""
        told: Attributes = {
            names.FAILURE: code[: names.LONGEST_CODE],
            "reconciler.attempt": attempt,
            "reconciler.wait": wait,
        }
        self._mark("retried", told)
        if step.id in self._steps:
            self._steps[step.id].attempts = attempt + 1

    def _step(self, outcome: Outcome) -> None:
        """Close the span of a step; one that was never sent has a span without length."""
        if outcome.step.id not in self._steps:
            self._begin(outcome.step)
            self._end(Ended(outcome.step))
        ended = self._steps.pop(outcome.step.id)
        ended.span.set_attributes({names.RESULT: outcome.result.value})
        if outcome.result in (Result.DONE, Result.FAILED):
            ended.span.set_attribute("reconciler.attempts", ended.attempts)
        if ended.correlation_id:
            ended.span.set_attribute(names.CORRELATION, ended.correlation_id)
        code = outcome.failure.code if outcome.failure is not None else ""
        _close(ended.span, code if outcome.result is Result.FAILED else "")

    def _made(self, event: PlanMade | DriftFound) -> None:
        """Say what was made on the span of what it was made for."""
        if (here := self._innermost()) is not None:
            here.span.set_attributes(dict(_totals(event)))

    def _mark(self, name: str, attributes: Attributes) -> None:
        """Add an event to the span of what this thread is at."""
        if (here := self._innermost()) is not None:
            here.span.add_event(name, attributes)

    def _innermost(self) -> _Open | None:
        """Return what this thread is at, or else what the invocation is at."""
        found = self._open.get(get_ident()) or self._open.get(self._home)
        return found[-1] if found else None


def _totals(event: PlanMade | DriftFound) -> Iterator[tuple[str, str | int]]:
    """Yield what a run has found, in figures."""
    if isinstance(event, DriftFound):
        yield names.ENVIRONMENT, event.drift.environment
        for severity, count in event.drift.counts.items():
            yield f"reconciler.drift.{severity}", count
        return
    yield names.ENVIRONMENT, event.plan.environment
    yield "reconciler.observed", event.observed
    yield "reconciler.unreadable", event.unreadable
    for action, count in event.plan.counts.items():
        yield f"reconciler.plan.{action}", count


def _close(span: Span, failure: str) -> None:
    """End a span; a failure is its code and never a sentence, which may quote what was sent."""
    if failure:
        span.set_status(Status(StatusCode.ERROR))
        span.set_attribute(ERROR_TYPE, failure[: names.LONGEST_CODE])
    span.end()
