"""Read everything that a desired state speaks of, in as few requests as that takes.

Topmost kinds, for each kind and subscription: one resource is read by GET; several in one resource
group by one list of that group; several in more groups by one list of the subscription, or, where
the caller may not list that, by one list a group. What is nested is read parent by parent, and only
below parents that are there. Role assignments come last, by their scopes, when the principals that
they are for are known.

A list may lag behind a create, so what a list does not show is asked for by its own GET before it
counts as absent, up to `CONFIRMED` of them; beyond that the plan trusts the list, and apply asks
again before each PUT.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from reconciler.core.ownership import owner
from reconciler.core.pending import is_equal, resolve
from reconciler.engine.entries import with_entries
from reconciler.engine.ports import Listener, Reader, RequestFailedError
from reconciler.kinds import KINDS, RESOURCE_GROUP, children_of
from reconciler.kinds.kind import Kind
from reconciler.model.event import ReadFinished
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.resource import (
    DesiredResource,
    DesiredState,
    ObservedResource,
    ObservedState,
    Presence,
)
from reconciler.model.value import Body

CONFIRMED = 100
"""How many absences of one kind and subscription are confirmed one by one."""

WORKERS = 8
"""Requests in flight at once."""


def observe(
    desired: DesiredState, reader: Reader, listener: Listener, *, prune: bool = False
) -> ObservedState:
    """Return what Azure has of ``desired``.

    Args:
        desired: what to look for.
        reader: reads Azure.
        listener: hears of every answer.
        prune: read every kind of every group whole, so that what left the specs is seen.
    """
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="read") as pool:
        seen = _Sightings(reader, listener, pool)
        seen.read(_top_queries(desired, prune=prune))
        for depth in sorted({kind.depth for kind in KINDS.values() if kind.parent}):
            seen.read(_nested_queries(desired, seen, depth, prune=prune))
        _see_groups(desired, seen)
        resolved = resolve(desired, seen.state())
        seen.read(_attached_queries(resolved, seen))
        return with_entries(desired.entries, seen.state(), reader, listener, pool)


def _see_groups(desired: DesiredState, seen: _Sightings) -> None:
    """Look for resource groups: one with something in it is there without being asked for."""
    groups = [r for r in desired.resources if KINDS[r.kind] is RESOURCE_GROUP]
    occupied = {id_.group for id_ in seen.resources}
    for group in groups:
        if group.id in occupied and group.presence is Presence.EXISTING:
            seen.resources[group.id] = ObservedResource(group.id, group.kind, {})
    rest = [group for group in groups if group.id not in seen.resources]
    seen.gather(partial(_read_one, seen.reader, group) for group in rest)


@dataclass(slots=True)
class _Query:
    """What has to be known of one kind in one subscription, or below one parent or scope."""

    kind: Kind
    scope: str
    wanted: list[DesiredResource] = field(default_factory=list)
    groups: set[ResourceId] = field(default_factory=set)
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


def _top_queries(desired: DesiredState, *, prune: bool) -> list[_Query]:
    """Return what to ask of the topmost kinds, by kind and subscription."""
    queries: dict[tuple[str, str], _Query] = {}

    def query(kind: Kind, resource: ResourceId) -> _Query:
        key = (kind.name, resource.subscription.lower())
        return queries.setdefault(key, _Query(kind, f"/subscriptions/{resource.subscription}"))

    for resource in desired.resources:
        kind = KINDS[resource.kind]
        if kind is RESOURCE_GROUP:
            for other in children_of("") if prune else ():
                if not other.is_extension:
                    found = query(other, resource.id)
                    found.groups.add(resource.id)
                    found.whole = True
        elif not kind.parent and not kind.is_extension:
            found = query(kind, resource.id)
            found.wanted.append(resource)
            if resource.id.group is not None:
                found.groups.add(resource.id.group)
        for name in kind.held_by if resource.presence is Presence.REMOVED else ():
            holders = query(KINDS[name], resource.id)
            holders.whole = holders.wide = True
    return list(queries.values())


def _nested_queries(
    desired: DesiredState, seen: _Sightings, depth: int, *, prune: bool
) -> list[_Query]:
    """Return what to ask of the kinds at one depth, by kind and by parent that is there."""
    queries: dict[tuple[str, ResourceId], _Query] = {}
    named = {resource.id for resource in desired.resources}
    for resource in desired.resources:
        kind, parent = KINDS[resource.kind], resource.id.parent
        leaving = resource.presence is Presence.REMOVED or resource.may_be_replaced
        if kind.depth == depth and kind.parent and parent is not None:
            if parent in seen.unreadable:
                seen.unreadable[resource.id] = seen.unreadable[parent]
            elif parent in seen.resources:
                key = (kind.name, parent)
                queries.setdefault(key, _Query(kind, parent.text)).wanted.append(resource)
        for child in children_of(resource.kind):
            leaving = resource.presence is Presence.REMOVED or resource.may_be_replaced
            if (
                child.depth == depth
                and child.blocks_parent
                and leaving
                and resource.id in seen.resources
            ):
                key = (child.name, resource.id)
                queries.setdefault(key, _Query(child, resource.id.text)).whole = True
    for live in list(seen.resources.values()) if prune else ():
        for child in children_of(live.kind):
            marked = owner(live.body) in desired.marks or live.id in named
            if child.depth == depth and child.blocks_parent and marked:
                key = (child.name, live.id)
                queries.setdefault(key, _Query(child, live.id.text)).whole = True
    return list(queries.values())


def _attached_queries(desired: DesiredState, seen: _Sightings) -> list[_Query]:
    """Return what to ask of kinds that are attached to others, by scope.

    What is still to be made has nothing attached.
    """
    queries: dict[ResourceId, _Query] = {}
    named = {resource.id for resource in desired.resources}
    for resource in desired.resources:
        kind, scope = KINDS[resource.kind], resource.id.scope
        if not kind.is_extension or resource.pending or scope is None:
            continue
        if scope in seen.unreadable:
            seen.unreadable[resource.id] = seen.unreadable[scope]
        elif scope in seen.resources or scope not in named:
            query = queries.setdefault(scope, _Query(kind, scope.text, whole=True))
            query.wanted.append(resource)
    return list(queries.values())


@dataclass(slots=True)
class _Answer:
    """What one task has read; merged on the calling thread."""

    what: str
    found: dict[ResourceId, ObservedResource] = field(default_factory=dict)
    """By the id that it is wanted under, which may not be the name that it has."""
    unreadable: dict[ResourceId, Failure] = field(default_factory=dict)
    gaps: list[Failure] = field(default_factory=list)


@dataclass(slots=True)
class _Sightings:
    """Everything read so far."""

    reader: Reader
    listener: Listener
    pool: ThreadPoolExecutor
    resources: dict[ResourceId, ObservedResource] = field(default_factory=dict)
    unreadable: dict[ResourceId, Failure] = field(default_factory=dict)
    gaps: list[Failure] = field(default_factory=list)

    def state(self) -> ObservedState:
        """Return it as a value."""
        return ObservedState(dict(self.resources), dict(self.unreadable), tuple(self.gaps))

    def read(self, queries: list[_Query]) -> None:
        """Answer queries: by GET or list, then by GET for what a list did not show."""
        listed = [query for query in queries if not query.is_single]
        self.gather(partial(_read_one, self.reader, q.wanted[0]) for q in queries if q.is_single)
        self.gather(partial(_read_lists, self.reader, query) for query in listed)
        missing = [[r for r in query.wanted if not self.knows(r.id)] for query in listed]
        few = [r for absent in missing if len(absent) <= CONFIRMED for r in absent]
        self.gather(partial(_read_one, self.reader, resource) for resource in few)

    def gather(self, tasks: Iterable[Callable[[], _Answer]]) -> None:
        """Run tasks side by side and merge their answers in the order of the tasks."""
        for future in [self.pool.submit(task) for task in tasks]:
            answer = future.result()
            self.resources.update(answer.found)
            self.unreadable.update(answer.unreadable)
            self.gaps.extend(answer.gaps)
            self.listener(ReadFinished(answer.what, len(answer.found)))

    def knows(self, resource: ResourceId) -> bool:
        """Whether there is an answer, good or bad."""
        return resource in self.resources or resource in self.unreadable


def _read_one(reader: Reader, wanted: DesiredResource) -> _Answer:
    """Ask for one resource by its id."""
    answer = _Answer(wanted.id.text)
    try:
        body = reader.get(KINDS[wanted.kind], wanted.id)
    except RequestFailedError as error:
        answer.unreadable[wanted.id] = error.failure
    else:
        if body is not None:
            answer.found[wanted.id] = ObservedResource(wanted.id, wanted.kind, body)
    return answer


def _read_lists(reader: Reader, query: _Query) -> _Answer:
    """Ask for a kind by list: of the one group, of the subscription, or of each group."""
    first, *others = query.scopes
    answer = _Answer(f"{query.kind.collection} of {first}")
    try:
        bodies = reader.list_in(query.kind, first)
    except RequestFailedError as error:
        if error.failure.kind is not FailureClass.DENIED or not others:
            return _unreadable(answer, query.wanted, error.failure)
        answer = _read_each_group(reader, query, others)
        if query.wide:  # who else holds on to what is to be deleted is not known
            answer.gaps.append(error.failure)
        return answer
    return _matched(answer, query.kind, bodies, query.wanted)


def _read_each_group(reader: Reader, query: _Query, groups: list[str]) -> _Answer:
    """Ask group by group: the caller may not list the whole subscription."""
    answer = _Answer(f"{query.kind.collection} of {len(groups)} resource groups")
    for group in groups:
        members = [r for r in query.wanted if r.id.group == ResourceId(group)]
        try:
            bodies = reader.list_in(query.kind, group)
        except RequestFailedError as error:
            _unreadable(answer, members, error.failure)
        else:
            _matched(answer, query.kind, bodies, members)
    return answer


def _matched(
    answer: _Answer, kind: Kind, bodies: Mapping[ResourceId, Body], wanted: list[DesiredResource]
) -> _Answer:
    """Add a list's resources, each under our own spelling of its id where we have one."""
    spelling = {r.id: r.id for r in wanted}
    for id_, body in bodies.items():
        ours = spelling.get(id_, id_)
        answer.found[ours] = ObservedResource(ours, kind.name, body)
    for resource in wanted if kind.is_extension else ():
        for id_, body in bodies.items():
            if resource.id not in answer.found and is_equal(kind, resource, id_, body):
                answer.found[resource.id] = ObservedResource(id_, kind.name, body)
    return answer


def _unreadable(answer: _Answer, batch: list[DesiredResource], failure: Failure) -> _Answer:
    """Note that nothing is known of a whole batch."""
    answer.unreadable.update({r.id: failure for r in batch})
    answer.gaps.append(failure)
    return answer
