"""What a reviewer should know before saying yes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.kinds.kind import Kind, lookup
from reconciler.model.plan import FieldChange
from reconciler.model.resource import ObservedResource
from reconciler.model.value import ABSENT


def warnings(fields: Iterable[FieldChange]) -> Iterator[str]:
    """Yield what a reviewer should know about an update."""
    for field in fields:
        if field.path == ("identity", "systemAssigned") and field.after is False:
            yield "its system-assigned identity goes for good: role assignments are orphaned"
        if field.path == ("disableLocalAuth",) and field.after is True:
            yield "every client that uses an access key stops working"
        if field.path[0] == "linkedDomains" and field.after is ABSENT:
            yield "mail can no longer be sent from the unlinked domain through this resource"
        if field.path == ("publicNetworkAccess",) and field.after == "Disabled":
            yield "clients on public networks can no longer reach it"


def loss(kind: Kind) -> tuple[str, ...]:
    """Say what is lost with a resource."""
    return (f"this destroys {kind.lost_on_replace}",) if kind.lost_on_replace else ()


def health(live: ObservedResource) -> tuple[str, ...]:
    """Say so if Azure reports that the resource is not well."""
    state = lookup(live.body, ("properties", "provisioningState"))
    if isinstance(state, str) and state.lower() in ("failed", "canceled"):
        return (f"Azure reports its last operation as {state}",)
    return ()
