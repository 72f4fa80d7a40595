"""Read everything that a desired state speaks of, in as few requests as that takes.

For each kind and subscription: one resource is read by GET; several in one resource group by one
list of that group; several in more groups by one list of the subscription, or, where the caller may
not list that, by one list a group. A list may lag behind a create, so what a list does not show is
asked for by its own GET before it counts as absent, up to `CONFIRMED` of them; beyond that the plan
trusts the list, and apply asks again before each PUT.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from reconciler.engine.ports import Listener, Reader, RequestFailedError
from reconciler.kinds import KINDS
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
    desired: DesiredState, reader: Reader, listener: Listener, *, whole: bool = False
) -> ObservedState:
    """Return what Azure has of ``desired``.

    Args:
        desired: what to look for.
        reader: reads Azure.
        listener: hears of every answer.
        whole: read whole lists even for single resources, so that strangers are seen (prune).

    """
    groups = [r for r in desired.resources if r.presence is Presence.EXISTING]
    batches: dict[tuple[str, str], list[DesiredResource]] = defaultdict(list)
    for resource in desired.resources:
        if resource.presence is not Presence.EXISTING:
            batches[resource.kind, resource.id.subscription.lower()].append(resource)
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="read") as pool:
        seen = _Sightings(reader, listener, pool)
        alone = [b[0] for b in batches.values() if len(b) == 1 and not whole]
        listed = [b for b in batches.values() if len(b) > 1 or whole]
        seen.gather([partial(_read_one, reader, r) for r in alone])
        seen.gather([partial(_read_lists, reader, batch) for batch in listed])
        missing = [[r for r in batch if not seen.knows(r.id)] for batch in listed]
        seen.gather(
            partial(_read_one, reader, r)
            for batch in missing
            if len(batch) <= CONFIRMED
            for r in batch
        )
        occupied = {id_.group for id_ in seen.resources}
        seen.resources.update(
            {g.id: ObservedResource(g.id, g.kind, {}) for g in groups if g.id in occupied}
        )
        seen.gather(partial(_read_one, reader, g) for g in groups if g.id not in occupied)
    return ObservedState(seen.resources, seen.unreadable, tuple(seen.gaps))


@dataclass(slots=True)
class _Answer:
    """What one task has read; merged on the calling thread."""

    what: str
    found: list[ObservedResource] = field(default_factory=list)
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

    def gather(self, tasks: Iterable[Callable[[], _Answer]]) -> None:
        """Run tasks side by side and merge their answers in the order of the tasks."""
        for future in [self.pool.submit(task) for task in tasks]:
            answer = future.result()
            self.resources.update({one.id: one for one in answer.found})
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
            answer.found.append(ObservedResource(wanted.id, wanted.kind, body))
    return answer


def _read_lists(reader: Reader, batch: list[DesiredResource]) -> _Answer:
    """Ask for a kind by list: of the one group, of the subscription, or of each group."""
    kind = KINDS[batch[0].kind]
    subscription = f"/subscriptions/{batch[0].id.subscription}"
    groups = sorted({r.id.group.text for r in batch if r.id.group is not None}, key=str.lower)
    scopes = groups if len(groups) == 1 else [subscription]
    answer = _Answer(f"{kind.collection} of {scopes[0]}")
    try:
        bodies = dict(reader.list_in(kind, scopes[0]))
    except RequestFailedError as error:
        denied = error.failure.kind is FailureClass.DENIED
        if not denied or len(groups) == 1:
            return _unreadable(answer, batch, error.failure)
        return _read_each_group(reader, kind, groups, batch)
    return _matched(answer, kind, bodies, batch)


def _read_each_group(
    reader: Reader, kind: Kind, groups: list[str], batch: list[DesiredResource]
) -> _Answer:
    """Ask group by group: the caller may not list the whole subscription."""
    answer = _Answer(f"{kind.collection} of {len(groups)} resource groups")
    for group in groups:
        members = [r for r in batch if r.id.group == ResourceId(group)]
        try:
            bodies = reader.list_in(kind, group)
        except RequestFailedError as error:
            _unreadable(answer, members, error.failure)
        else:
            _matched(answer, kind, bodies, members)
    return answer


def _matched(
    answer: _Answer, kind: Kind, bodies: Mapping[ResourceId, Body], batch: list[DesiredResource]
) -> _Answer:
    """Add a list's resources, each under our own spelling of its id where we have one."""
    spelling = {r.id: r.id for r in batch}
    answer.found.extend(
        ObservedResource(spelling.get(id_, id_), kind.name, body) for id_, body in bodies.items()
    )
    return answer


def _unreadable(answer: _Answer, batch: list[DesiredResource], failure: Failure) -> _Answer:
    """Note that nothing is known of a whole batch."""
    answer.unreadable.update({r.id: failure for r in batch})
    answer.gaps.append(failure)
    return answer
