"""Specs and Azure become a drift report, and a history of many. Only reads are ever sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from reconciler.app.loading.specs import Specs
from reconciler.app.planning.plan import existing_groups
from reconciler.app.reviewing.surroundings import place_of
from reconciler.app.targets.connection import Oversight, connect
from reconciler.core.drifted.attribution import by_changes, by_writes, unexplained
from reconciler.core.drifted.drift import drift_of
from reconciler.core.planner import make_plan
from reconciler.engine.clock import moment, moment_before
from reconciler.engine.observe import observe
from reconciler.engine.ports import Listener, Past, Reader, RequestFailedError
from reconciler.engine.record_sets import with_record_sets
from reconciler.engine.telling import during
from reconciler.model.drift import Drift
from reconciler.model.event import Phase, PlanMade
from reconciler.model.failure import Failure
from reconciler.model.record import Record
from reconciler.runs.journal import runs

ON_RECORD = timedelta(days=89)
"""How far back the Activity Log is asked: it keeps 90 days."""


def find_drift(
    specs: Specs,
    target: str,
    listener: Listener,
    *,
    unmanaged: bool = False,
    through: Callable[[Reader], Reader] | None = None,
) -> Drift:
    """Return what in Azure is not as the specs say.

    Args:
        specs: what is wanted.
        target: see `connect`.
        listener: hears of every answer.
        unmanaged: whether to list what is in the resource groups and in no spec.
        through: puts something around the reader of the connection.

    """
    project, at = specs.project, moment()
    with connect(
        target,
        project.root,
        existing=existing_groups(specs),
        tenants=project.tenants,
        oversight=Oversight(listener),
        asks_graph=True,
    ) as connection:
        reader = through(connection.reader) if through is not None else connection.reader
        observed = observe(specs.desired, reader, listener, prune=unmanaged)
        desired, observed = with_record_sets(specs.desired, observed, reader, listener)
        policy = replace(project.policy, today=at[:10])
        with during(listener, Phase.PLAN):
            plan = make_plan(desired, observed, policy)
            drift = drift_of(plan, desired, observed, at, unmanaged=unmanaged)
            drift = replace(drift, whole=specs.whole, project=place_of(project.root))
        listener(PlanMade(plan, len(observed.resources), len(observed.unreadable)))
        with during(listener, Phase.ATTRIBUTE):
            return _attributed(drift, connection.past, _own_runs(project.root))


def _own_runs(root: Path) -> Mapping[str, str]:
    """Return the runs that have a journal here, by the correlation ids of their requests."""
    return {
        write.correlation_id: f"{record.run}, {record.result or 'which did not end'}"
        for record in runs(root)
        for write in record.writes
        if write.correlation_id
    }


def _attributed(drift: Drift, past: Past, own: Mapping[str, str]) -> Drift:
    """Return the drift with who changed what; where that cannot be asked, it says why.

    Args:
        drift: what was found.
        past: who is asked.
        own: this tool's own runs, by the correlation ids of their requests.

    """
    ids = list(dict.fromkeys(item.id for item in drift.items if not item.private))
    failures: dict[str, Failure] = {}
    if ids:
        try:
            drift = by_changes(drift, past.changes(ids), own)
        except RequestFailedError as error:
            failures[error.failure.request] = error.failure
    writes: list[Record] = []
    since = moment_before(ON_RECORD)
    for resource in unexplained(drift):
        try:
            writes += past.writes(resource, since)
        except RequestFailedError as error:  # the next one would fail likewise
            failures[error.failure.request] = error.failure
            break
    return replace(by_writes(drift, writes, own), unasked=tuple(failures.values()))
