"""Specs and Azure become a plan. Nothing is written, and nothing could be."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, replace

from reconciler.app.loading.specs import Specs
from reconciler.app.targets.connection import Connection, Oversight, connect
from reconciler.app.targets.lookup import LateResolver
from reconciler.core.planner import make_plan
from reconciler.core.policy import Policy
from reconciler.core.sealed.inverse import in_words
from reconciler.engine.clock import today
from reconciler.engine.impact import find_impact
from reconciler.engine.mail import with_mail
from reconciler.engine.observe import observe
from reconciler.engine.ports import Listener, Reader
from reconciler.engine.record_sets import with_record_sets
from reconciler.engine.settling import is_under_way, wait_until_settled
from reconciler.engine.telling import during
from reconciler.model.event import Phase, PlanMade, UnderWay
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Plan
from reconciler.model.resource import DesiredState, ObservedState, Presence


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what it was made from."""

    plan: Plan
    desired: DesiredState
    observed: ObservedState
    policy: Policy


def plan(
    specs: Specs,
    target: str,
    listener: Listener,
    *,
    prune: bool = False,
    through: Callable[[Reader], Reader] | None = None,
    stacks: Set[str] | None = None,
) -> Planned:
    """Return what would make Azure as the specs say.

    Args:
        specs: what is wanted.
        target: see `connect`.
        listener: hears of every answer.
        prune: whether marked resources that left the specs are to be deleted.
        through: puts something around the reader of the connection, such as one that keeps notes.
        stacks: plan only these; all if None.

    """
    project = specs.project
    with connect(
        target,
        project.root,
        existing=existing_groups(specs),
        tenants=project.tenants,
        oversight=Oversight(listener),
    ) as connection:
        reader = through(connection.reader) if through is not None else connection.reader
        return planned_through(reader, specs, listener, prune=prune, stacks=stacks)


def plan_through(
    connection: Connection, specs: Specs, listener: Listener, *, prune: bool = False
) -> Plan:
    """Return the plan, read through an open connection."""
    return planned_through(connection.reader, specs, listener, prune=prune).plan


def planned_through(
    reader: Reader,
    specs: Specs,
    listener: Listener,
    *,
    prune: bool = False,
    stacks: Set[str] | None = None,
) -> Planned:
    """Return the plan with what it was made from; of some stacks, or of all if None."""
    policy = replace(specs.project.policy, prune=prune, today=today())
    desired, asking = specs.desired, None
    if stacks is not None:
        desired = desired.only(stacks)
        asking = stacks | {r.stack for r in desired.resources if r.presence is Presence.MANAGED}
    observed = observe(specs.desired, reader, listener, prune=prune, stacks=asking)
    desired, observed = with_record_sets(desired, observed, reader, listener)
    resolver, limit = LateResolver(specs.project), specs.project.verification_hours * 3600.0
    observed = with_mail(desired, observed, reader, resolver, listener, limit)
    with during(listener, Phase.PLAN):
        made = make_plan(desired, observed, policy)
        made = in_words(made) if specs.leads_back else made
        made = find_impact(made, observed, reader, listener)
    listener(PlanMade(made, len(observed.resources), len(observed.unreadable)))
    return Planned(made, desired, observed, policy)


def planned_when_settled(
    connection: Connection, specs: Specs, listener: Listener, *, prune: bool = False
) -> Planned:
    """Return the plan once nothing is under way on what it is about.

    A run that was killed leaves operations behind, and Azure goes on with them. They are waited
    for, and neither repeated nor planned around.

    Raises:
        RequestFailedError: the run has to end meanwhile.

    """
    planned = planned_through(connection.reader, specs, listener, prune=prune)
    seen = [(c.address, c.observed) for c in planned.plan.changes if not c.is_private]
    busy = [(address, o) for address, o in seen if o is not None and is_under_way(o.body)]
    if not busy:
        return planned
    listener(UnderWay(tuple(address for address, _ in busy)))
    wait_until_settled((o for _, o in busy), connection.reader, connection.clock)
    return planned_through(connection.reader, specs, listener, prune=prune)


def existing_groups(specs: Specs) -> tuple[ResourceId, ...]:
    """Return the resource groups that the specs expect to find."""
    resources = specs.desired.resources
    return tuple(r.id for r in resources if r.presence is Presence.EXISTING)
