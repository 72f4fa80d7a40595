"""Environments beside each other: what two of them would both write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.ids import ResourceId
from reconciler.model.resource import DesiredResource, DesiredState, Presence


def shared_resources(states: Mapping[str, DesiredState]) -> Iterator[Diagnostic]:
    """Yield a problem for each resource that two environments manage: they would undo each other.

    Args:
        states: what is wanted, by the name of the environment.

    """
    seen: dict[ResourceId, tuple[str, DesiredResource]] = {}
    for environment, state in states.items():
        for resource in state.resources:
            if resource.presence is Presence.EXISTING or resource.pending:
                continue
            first = seen.setdefault(resource.id, (environment, resource))
            if first[0] == environment:
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
