"""Environments beside each other: what two of them would both write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.ids import ResourceId
from reconciler.model.resource import DesiredResource, DesiredState, Presence


def shared_resources(states: Mapping[str, DesiredState]) -> Iterator[Diagnostic]:
    """Yield a problem for each resource that two environments want otherwise.

    Args:
        states: what is wanted, by the name of the environment.

    """
    seen: dict[ResourceId, tuple[str, DesiredResource]] = {}
    for environment, state in states.items():
        for resource in state.resources:
            if resource.presence is Presence.EXISTING or resource.pending:
                continue
            first = seen.setdefault(resource.id, (environment, resource))
            if first[0] == environment or _agree(first[1], resource):
                continue
            what = (
                f"environments `{first[0]}` and `{environment}` both manage"
                f" `{resource.address}`, and would undo each other's changes"
            )
            mend = (
                "give it another name, group or subscription in one of them; a resource group that"
                " both use is `existing`"
            )
            yield Diagnostic(Code.SHARED_RESOURCE, what, mend, resource.span)


def _agree(one: DesiredResource, other: DesiredResource) -> bool:
    """Whether two environments want the same of a resource, so that neither undoes the other."""
    return one.presence is other.presence and one.fields == other.fields
