"""Drift as metrics in a text file, which node_exporter's textfile collector picks up.

No label holds a resource, so that the number of series stays small, and every series is always
there: one that is 0 is not missing. https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from reconciler.model.drift import Drift, Sort, Watched
from reconciler.model.resource import Severity
from reconciler.render.drift.view import DriftView


def render_drift(view: DriftView) -> str:
    """Return the metrics of one run."""
    drift, registry = view.drift, CollectorRegistry()
    items = Gauge(
        "reconciler_drift_items",
        "Differences between specs and Azure.",
        ("environment", "sort", "severity"),
        registry=registry,
    )
    for sort in Sort:
        for severity in Severity:
            count = sum(i.sort is sort and i.severity is severity for i in drift.items)
            items.labels(drift.environment, sort.value, severity.value).set(count)
    at = _seconds(drift.at)
    for name, about, value in (
        ("resources_managed", "Resources that the specs manage.", drift.resources),
        ("resources_unreadable", "Resources of which nothing is known.", len(drift.unread)),
        ("waivers_expired", "Waivers that have run out.", len(view.expired)),
        ("drift_run_complete", "Whether everything could be read.", int(drift.is_complete)),
        ("drift_run_timestamp_seconds", "When the run began.", at),
        ("drift_oldest_seconds", "How long the oldest difference is known.", _age(drift, at)),
    ):
        gauge = Gauge(f"reconciler_{name}", about, ("environment",), registry=registry)
        gauge.labels(drift.environment).set(value)
    return generate_latest(registry).decode()


class _Runs(Collector):
    """The runs of a watch, without the time of a counter's birth, which is no fact of theirs."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    def collect(self) -> Iterator[Metric]:
        """Yield the counter."""
        runs = CounterMetricFamily(
            "reconciler_watch_runs", "Runs since the watch began.", labels=("result",)
        )
        runs.add_metric(("ended",), self._watched.ended)
        runs.add_metric(("failed",), self._watched.failed)
        yield runs


def render_watch(watched: Watched, every: float) -> str:
    """Return the metrics of a watch itself.

    Args:
        watched: its runs so far.
        every: seconds from run to run.

    """
    registry = CollectorRegistry()
    registry.register(_Runs(watched))
    for name, about, value in (
        ("interval_seconds", "Seconds from the beginning of a run to the next.", every),
        ("last_run_failed", "Whether the last run failed.", int(watched.last_failed)),
        (
            "last_success_timestamp_seconds",
            "When a run last ended well; 0 if none has.",
            _seconds(watched.last_success) if watched.last_success else 0,
        ),
    ):
        Gauge(f"reconciler_watch_{name}", about, registry=registry).set(value)
    return generate_latest(registry).decode()


def _age(drift: Drift, now: int) -> int:
    """Return the age of the oldest difference; 0 without a history."""
    first = [item.sighting.first for item in drift.items if item.sighting is not None]
    return now - _seconds(min(first)) if first else 0


def _seconds(moment: str) -> int:
    """Return a moment in seconds since 1970."""
    return int(datetime.fromisoformat(moment).timestamp())
