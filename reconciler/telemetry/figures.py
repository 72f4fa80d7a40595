"""Events become metrics. No attribute holds a resource, so that there are few series."""

from __future__ import annotations

import time
from threading import Lock

from opentelemetry.metrics import Meter
from opentelemetry.semconv.metrics.http_metrics import HTTP_CLIENT_REQUEST_DURATION

from reconciler.kinds import KINDS
from reconciler.model.drift import Drift
from reconciler.model.event import (
    Began,
    DriftFound,
    Ended,
    Event,
    Invocation,
    PlanMade,
    RequestDelayed,
    RequestEnded,
    StepFinished,
)
from reconciler.model.plan import Action
from reconciler.model.report import Outcome
from reconciler.model.resource import Severity
from reconciler.telemetry import names

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""Of a request: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/."""
MINUTES = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
"""Of a run, in seconds."""


class Figures:
    """Hears events, and counts."""

    def __init__(self, meter: Meter) -> None:
        """Make the instruments; units are those of UCUM."""
        self._lock = Lock()
        self._environment = ""
        self._begun = 0.0
        self._requests = meter.create_histogram(
            HTTP_CLIENT_REQUEST_DURATION,
            "s",
            "Requests to Azure, from the sending to the answer.",
            explicit_bucket_boundaries_advisory=SECONDS,
        )
        self._throttled = meter.create_counter(
            "reconciler.requests.throttled", "{request}", "Requests that Azure answered with 429."
        )
        self._delay = meter.create_counter(
            "reconciler.requests.delay", "s", "Time that requests waited before they were sent."
        )
        self._resources = meter.create_gauge(
            "reconciler.resources", "{resource}", "Resources, by whether they could be read."
        )
        self._changes = meter.create_gauge(
            "reconciler.plan.changes", "{change}", "What the last plan of the run would change."
        )
        self._drifted = meter.create_gauge(
            "reconciler.drift.fields", "{field}", "Differences between specs and Azure."
        )
        self._steps = meter.create_counter(
            "reconciler.apply.steps", "{step}", "Steps of applies, by how they ended."
        )
        self._duration = meter.create_histogram(
            "reconciler.run.duration",
            "s",
            "Runs, by how they ended.",
            explicit_bucket_boundaries_advisory=MINUTES,
        )
        self._success = meter.create_gauge(
            "reconciler.run.last_success", "s", "When a run last went well, since 1970."
        )

    def __call__(self, event: Event) -> None:
        """Hear one event."""
        match event:
            case RequestEnded():
                self._request(event)
            case RequestDelayed(_, _, wait):
                self._delay.add(wait)
            case PlanMade():
                self._plan(event)
            case DriftFound(drift):
                self._drift(drift)
            case StepFinished(outcome):
                self._step(outcome)
            case Began(Invocation()):
                with self._lock:
                    self._environment, self._begun = "", time.monotonic()
            case Ended(Invocation(command)):
                self._run(command, event)
            case _:
                pass

    def _request(self, event: RequestEnded) -> None:
        attributes = names.measured(event)
        self._requests.record(event.seconds, attributes)
        if event.status == 429:
            self._throttled.add(1)

    def _plan(self, event: PlanMade) -> None:
        with self._lock:
            self._environment = event.plan.environment
        here = {names.ENVIRONMENT: event.plan.environment}
        self._resources.set(event.observed, {**here, "reconciler.state": "observed"})
        self._resources.set(event.unreadable, {**here, "reconciler.state": "unreadable"})
        for action in Action:
            count = event.plan.counts.get(action, 0) + event.plan.entry_counts.get(action, 0)
            self._changes.set(count, {**here, "reconciler.action": action.value})

    def _drift(self, drift: Drift) -> None:
        for kind in KINDS:
            for severity in Severity:
                same = (i for i in drift.items if (i.kind, i.severity) == (kind, severity))
                self._drifted.set(
                    len(list(same)),
                    {
                        names.ENVIRONMENT: drift.environment,
                        names.KIND: kind,
                        "reconciler.severity": severity.value,
                    },
                )

    def _step(self, outcome: Outcome) -> None:
        step, result = outcome.step, outcome.result.value
        with self._lock:
            environment = self._environment
        about = {names.KIND: step.kind, names.VERB: step.verb.value, names.RESULT: result}
        self._steps.add(1, {**about, names.ENVIRONMENT: environment})

    def _run(self, command: str, event: Ended) -> None:
        with self._lock:
            environment, begun = self._environment, self._begun
        about = {names.COMMAND: command, names.ENVIRONMENT: environment}
        ended = {**about, names.RESULT: event.result or event.failure}
        self._duration.record(time.monotonic() - begun, ended)
        if not event.failure:
            self._success.set(int(time.time()), about)
