"""What has to be asked of Azure to know a desired state: which lists, and which single resources.

What is asked depends on the whole state, also where only some stacks are looked at: so the answers
of several runs, each for its own stacks, put together are those of one run.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import Protocol

from reconciler.core.specs.ownership import owner
from reconciler.kinds import KINDS, RESOURCE_GROUP, children_of
from reconciler.kinds.kind import Kind
from reconciler.model.failure import Failure
from reconciler.model.ids import ResourceId
from reconciler.model.resource import (
    DesiredResource,
    DesiredState,
    ObservedResource,
    Presence,
)


class Seen(Protocol):
    """What is known already."""

    resources: dict[ResourceId, ObservedResource]
    unreadable: dict[ResourceId, Failure]


@dataclass(slots=True)
class Query:
    """What has to be known of one kind in one subscription, or below one parent or scope."""

    kind: Kind
    scope: str
    wanted: list[DesiredResource] = field(default_factory=list)
    groups: set[ResourceId] = field(default_factory=set)
    stacks: set[str] = field(default_factory=set)
    """The stacks for which it is asked."""
    whole: bool = False
    """Whether strangers matter, too."""
    wide: bool = False
    """Whether strangers in other groups matter, too."""

    @property
    def is_single(self) -> bool:
        """Whether one GET says it all."""
        return len(self.wanted) == 1 and not self.whole

    @property
    def scopes(self) -> list[str]:
        """The narrowest scope to list, and the groups to try if that is denied."""
        groups = [group.text for group in sorted(self.groups)]
        return groups if len(groups) == 1 and not self.wide else [self.scope, *groups]


def top_queries(desired: DesiredState, *, prune: bool) -> list[Query]:
    """Return what to ask of the topmost kinds, by kind and subscription."""
    queries: dict[tuple[str, str], Query] = {}

    def query(kind: Kind, asking: DesiredResource) -> Query:
        subscription = asking.id.subscription
        key = (kind.name, subscription.lower())
        found = queries.setdefault(key, Query(kind, f"/subscriptions/{subscription}"))
        found.stacks.add(asking.stack)
        return found

    for resource in desired.resources:
        kind = KINDS[resource.kind]
        if kind is RESOURCE_GROUP:
            for other in children_of("") if prune else ():
                if not other.is_extension:
                    found = query(other, resource)
                    found.groups.add(resource.id)
                    found.whole = True
        elif not kind.parent and not kind.is_extension:
            found = query(kind, resource)
            found.wanted.append(resource)
            group = resource.id.group
            if group is not None:
                found.groups.add(group)
        for name in kind.held_by if resource.presence is Presence.REMOVED else ():
            holders = query(KINDS[name], resource)
            holders.whole = holders.wide = True
    return list(queries.values())


def nested_queries(desired: DesiredState, seen: Seen, depth: int, *, prune: bool) -> list[Query]:
    """Return what to ask of the kinds at one depth, by kind and by parent that is there."""
    queries: dict[tuple[str, ResourceId], Query] = {}

    def query(kind: Kind, parent: ResourceId, stacks: Set[str]) -> Query:
        found = queries.setdefault((kind.name, parent), Query(kind, parent.text))
        found.stacks |= stacks
        return found

    for resource in desired.resources:
        kind = KINDS[resource.kind]
        parent = resource.id.parent if kind.depth == depth and kind.parent else None
        if parent is not None:
            if parent in seen.unreadable:
                seen.unreadable[resource.id] = seen.unreadable[parent]
            elif parent in seen.resources:
                query(kind, parent, {resource.stack}).wanted.append(resource)
        leaving = resource.presence is Presence.REMOVED or resource.may_be_replaced
        if leaving and resource.id in seen.resources:
            for child in _in_the_way(resource.kind, depth):
                query(child, resource.id, {resource.stack}).whole = True
    for live, whose in _ours(desired, seen) if prune else ():
        for child in _in_the_way(live.kind, depth):
            query(child, live.id, whose).whole = True
    return list(queries.values())


def _in_the_way(kind: str, depth: int) -> Iterator[Kind]:
    """Yield the kinds at one depth that keep their parent from being deleted."""
    return (c for c in children_of(kind) if c.depth == depth and c.blocks_parent)


def _ours(desired: DesiredState, seen: Seen) -> Iterator[tuple[ObservedResource, Set[str]]]:
    """Yield what is there and named or marked by stacks, with the names of these."""
    named = {resource.id: frozenset({resource.stack}) for resource in desired.resources}
    nobody = frozenset[str]()
    for live in seen.resources.values():
        whose = desired.marks.get(owner(live.body) or "", nobody) | named.get(live.id, nobody)
        if whose:
            yield live, whose


def attached_queries(desired: DesiredState, seen: Seen) -> list[Query]:
    """Return what to ask of kinds that are attached to others, by scope.

    What is still to be made has nothing attached.
    """
    queries: dict[ResourceId, Query] = {}
    named = {resource.id for resource in desired.resources}
    for resource in desired.resources:
        kind, scope = KINDS[resource.kind], resource.id.scope
        if not kind.is_extension or resource.pending or scope is None:
            continue
        if scope in seen.unreadable:
            seen.unreadable[resource.id] = seen.unreadable[scope]
        elif scope in seen.resources or scope not in named:
            query = queries.setdefault(scope, Query(kind, scope.text, whole=True))
            query.wanted.append(resource)
            query.stacks.add(resource.stack)
    return list(queries.values())
