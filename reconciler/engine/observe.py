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

from collections.abc import Callable, Iterable, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from reconciler.core.changes.pending import is_equal, resolve
from reconciler.engine.entries import with_entries
from reconciler.engine.ports import Foresight, Inquiry, Listener, Reader, RequestFailedError
from reconciler.engine.queries import Query, attached_queries, nested_queries, top_queries
from reconciler.engine.telling import during
from reconciler.kinds import KINDS, RESOURCE_GROUP
from reconciler.kinds.kind import Kind
from reconciler.model.event import Phase, Reading
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
    desired: DesiredState,
    reader: Reader,
    listener: Listener,
    *,
    prune: bool = False,
    stacks: Set[str] | None = None,
) -> ObservedState:
    """Return what Azure has of ``desired``.

    Args:
        desired: what to look for.
        reader: reads Azure.
        listener: hears of every answer.
        prune: read every kind of every group whole, so that what left the specs is seen.
        stacks: look at what these need, by the questions that all of them together ask; None for
            all of them.
    """
    with (
        during(listener, Phase.OBSERVE),
        ThreadPoolExecutor(WORKERS, thread_name_prefix="read") as pool,
    ):
        seen = _Sightings(reader, listener, pool, stacks)
        seen.read(top_queries(desired, prune=prune))
        for depth in sorted({kind.depth for kind in KINDS.values() if kind.parent}):
            seen.read(nested_queries(desired, seen, depth, prune=prune))
        _see_groups(desired, seen)
        resolved = resolve(desired, seen.state())
        seen.read(attached_queries(resolved, seen))
        entries = [e for e in desired.entries if seen.is_asked_by({e.stack})]
        return with_entries(entries, seen.state(), reader, listener, pool)


def _see_groups(desired: DesiredState, seen: _Sightings) -> None:
    """Look for resource groups: one with something in it is there without being asked for."""
    groups = [r for r in desired.resources if KINDS[r.kind] is RESOURCE_GROUP]
    occupied = {id_.group for id_ in seen.resources}
    for group in groups:
        if group.id in occupied and group.presence is Presence.EXISTING:
            seen.resources[group.id] = ObservedResource(group.id, group.kind, {})
    needed = {id_ for r in desired.resources if seen.is_asked_by({r.stack}) for id_ in r.needs}
    asked = (g for g in groups if g.id in needed or seen.is_asked_by({g.stack}))
    seen.read_each([group for group in asked if group.id not in seen.resources])


@dataclass(slots=True)
class _Answer:
    """What one task has read; merged on the calling thread."""

    found: dict[ResourceId, ObservedResource] = field(default_factory=dict)
    """By the id that it is wanted under, which may not be the name that it has."""
    unreadable: dict[ResourceId, Failure] = field(default_factory=dict)
    gaps: list[Failure] = field(default_factory=list)


Task: TypeAlias = tuple[Reading, Callable[[], _Answer]]
"""A question, and what asks it."""


@dataclass(slots=True)
class _Sightings:
    """Everything read so far."""

    reader: Reader
    listener: Listener
    pool: ThreadPoolExecutor
    stacks: Set[str] | None = None
    resources: dict[ResourceId, ObservedResource] = field(default_factory=dict)
    unreadable: dict[ResourceId, Failure] = field(default_factory=dict)
    gaps: list[Failure] = field(default_factory=list)

    def state(self) -> ObservedState:
        """Return it as a value."""
        return ObservedState(dict(self.resources), dict(self.unreadable), tuple(self.gaps))

    def read(self, queries: list[Query]) -> None:
        """Answer queries: by GET or list, then by GET for what a list did not show."""
        queries = [query for query in queries if self.is_asked_by(query.stacks)]
        single = [query.wanted[0] for query in queries if query.is_single]
        listed = [query for query in queries if not query.is_single]
        if isinstance(self.reader, Foresight):
            self.reader.foresee([*map(_get, single), *map(_list, listed)])
        self.gather(self.task(resource) for resource in single)
        self.gather(self.list_task(query) for query in listed)
        missing = [[r for r in query.wanted if not self.knows(r.id)] for query in listed]
        few = [r for absent in missing if len(absent) <= CONFIRMED for r in absent]
        self.read_each([r for r in few if self.is_asked_by({r.stack})])

    def read_each(self, resources: list[DesiredResource]) -> None:
        """Ask for resources one by one."""
        if isinstance(self.reader, Foresight):
            self.reader.foresee([*map(_get, resources)])
        self.gather(self.task(resource) for resource in resources)

    def task(self, wanted: DesiredResource) -> Task:
        """Return a task that reads one resource."""
        return Reading(wanted.kind, wanted.id.text), partial(_read_one, self.reader, wanted)

    def list_task(self, query: Query) -> Task:
        """Return a task that answers a query by lists."""
        reading = Reading(query.kind.name, query.scopes[0])
        return reading, partial(_read_lists, self.reader, query)

    def gather(self, tasks: Iterable[Task]) -> None:
        """Run tasks side by side and merge their answers in the order of the tasks."""
        for future in [self.pool.submit(self._run, *task) for task in tasks]:
            answer = future.result()
            self.resources.update(answer.found)
            self.unreadable.update(answer.unreadable)
            self.gaps.extend(answer.gaps)

    def _run(self, reading: Reading, task: Callable[[], _Answer]) -> _Answer:
        """Run a task, and let the listener know."""
        with during(self.listener, reading) as ending:
            answer = task()
            ending.found = len(answer.found)
            ending.failure = next((f.code for f in answer.unreadable.values()), "")
            return answer

    def is_asked_by(self, stacks: Set[str]) -> bool:
        """Whether something that some stacks need is to be looked at."""
        return self.stacks is None or not self.stacks.isdisjoint(stacks)

    def knows(self, resource: ResourceId) -> bool:
        """Whether there is an answer, good or bad."""
        return resource in self.resources or resource in self.unreadable


def _get(wanted: DesiredResource) -> Inquiry:
    """Return what `_read_one` asks."""
    return Inquiry(wanted.kind, wanted.id.text)


def _list(query: Query) -> Inquiry:
    """Return what `_read_lists` asks first."""
    return Inquiry(query.kind.name, query.scopes[0], is_list=True, weight=len(query.wanted) + 1)


def _read_one(reader: Reader, wanted: DesiredResource) -> _Answer:
    """Ask for one resource by its id."""
    answer = _Answer()
    try:
        body = reader.get(KINDS[wanted.kind], wanted.id)
    except RequestFailedError as error:
        answer.unreadable[wanted.id] = error.failure
    else:
        if body is not None:
            answer.found[wanted.id] = ObservedResource(wanted.id, wanted.kind, body)
    return answer


def _read_lists(reader: Reader, query: Query) -> _Answer:
    """Ask for a kind by list: of the one group, of the subscription, or of each group."""
    first, *others = query.scopes
    answer = _Answer()
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


def _read_each_group(reader: Reader, query: Query, groups: list[str]) -> _Answer:
    """Ask group by group: the caller may not list the whole subscription."""
    answer = _Answer()
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
