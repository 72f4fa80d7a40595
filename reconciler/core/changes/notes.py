"""What a reviewer should know before saying yes."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace

from reconciler.core.changes.pending import read_field
from reconciler.kinds.kind import Kind, lookup
from reconciler.kinds.role_assignment import ROLE_ASSIGNMENT
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Change, FieldChange
from reconciler.model.resource import ObservedResource, ObservedState


def warnings(fields: Iterable[FieldChange]) -> Iterator[str]:
    """Yield what a reviewer should know about an update."""
    for field in fields:
        if field.path == ("identity", "systemAssigned") and field.after is False:
            yield "its system-assigned identity goes for good: role assignments are orphaned"
        if field.path == ("disableLocalAuth",) and field.after is True:
            yield "every client that uses an access key stops working"
        if field.path == ("publicNetworkAccess",) and field.after == "Disabled":
            yield "clients on public networks can no longer reach it"


def with_leftovers(change: Change, observed: ObservedState, named: Container[ResourceId]) -> Change:
    """Return a new role assignment's change with what its principal has beside it.

    An assignment whose role changes is another assignment, and the old one stays where it is.
    """
    desired = change.desired
    if change.kind != ROLE_ASSIGNMENT.name or change.action is not Action.CREATE or not desired:
        return change
    principal = str(desired.fields.get("principal")).lower()
    beside = sorted(
        str(read_field(ROLE_ASSIGNMENT, live.body, "role"))
        for live in observed.resources.values()
        if live.kind == change.kind
        and live.id.scope == change.id.scope
        and live.id not in named
        and str(read_field(ROLE_ASSIGNMENT, live.body, "principal")).lower() == principal
    )
    notes = (
        f"the principal also has the role {role} here, which no spec names; an assignment with"
        " `remove: true` takes it away"
        for role in beside
    )
    return replace(change, notes=(*change.notes, *notes))


def loss(kind: Kind) -> tuple[str, ...]:
    """Say what is lost with a resource."""
    return (f"this destroys {kind.lost_on_replace}",) if kind.lost_on_replace else ()


def health(live: ObservedResource) -> tuple[str, ...]:
    """Say so if Azure reports that the resource is not well."""
    state = lookup(live.body, ("properties", "provisioningState"))
    if isinstance(state, str) and state.lower() in ("failed", "canceled"):
        return (f"Azure reports its last operation as {state}",)
    return ()
