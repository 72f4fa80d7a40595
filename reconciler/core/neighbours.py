"""Environments beside each other: what one of them would do to another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.ids import ResourceId
from reconciler.model.resource import DesiredResource, DesiredState, OnRemoval, Presence


def shared_groups(states: Mapping[str, DesiredState]) -> Iterator[Diagnostic]:
    """Yield a problem for each stack that two environments keep in one resource group, marked.

    A mark names the stack and not the environment, so that ``--prune`` in one environment would
    take what belongs to the other for something that has left the specs.

    Args:
        states: what is wanted, by the name of the environment.

    """
    seen: dict[tuple[str, ResourceId], tuple[str, DesiredResource]] = {}
    for environment, state in states.items():
        for key, resource in _marked(state).items():
            first = seen.setdefault(key, (environment, resource))
            if first[1] is resource:
                continue
            stack, group = key
            what = (
                f"environments `{first[0]}` and `{environment}` both keep stack `{stack}` in the"
                f" resource group `{group.name}`, and `--prune` in one would delete the other's"
            )
            mend = "give each its own group, or leave out `onRemoval: delete`"
            yield Diagnostic(Code.SHARED_GROUP, what, mend, resource.span)


def _marked(state: DesiredState) -> dict[tuple[str, ResourceId], DesiredResource]:
    """Return a resource that bears a mark for each stack and group."""
    found: dict[tuple[str, ResourceId], DesiredResource] = {}
    for resource in state.resources:
        lasting = resource.lifecycle.on_removal is OnRemoval.DELETE
        group = resource.id.group
        if lasting and resource.presence is Presence.MANAGED and group is not None:
            found.setdefault((resource.stack, group), resource)
    return found
