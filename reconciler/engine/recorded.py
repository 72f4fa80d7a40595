"""Two readers: one that keeps all it is answered, and one that answers from what was kept.

The second one sends nothing, and says *not in the snapshot* where it does not know. Unknown is not
absent: that something is not there is only known where it was asked for, or where a list that would
have shown it was read to its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock

from reconciler.engine.ports import Reader, RequestFailedError
from reconciler.kinds import BY_ARM_TYPE, RESOURCE_GROUP
from reconciler.kinds.kind import Kind
from reconciler.model.answers import Answers, Asked, ListOf
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.resource import ObservedResource
from reconciler.model.value import Body

MEND = "take a snapshot with these specs, or a wider one: `reconciler observe --wide`"


class Recording:
    """Implements `reconciler.engine.ports.Reader`, and keeps what the reader behind it says."""

    def __init__(self, reader: Reader) -> None:
        """Read through ``reader``."""
        self._reader = reader
        self._lock = Lock()
        self._objects: dict[ResourceId, ObservedResource] = {}
        self._absent: set[Asked] = set()
        self._lists: dict[ListOf, tuple[ResourceId, ...]] = {}
        self._unread: dict[ListOf, Failure] = {}
        self._unreadable: dict[Asked, Failure] = {}

    @property
    def answers(self) -> Answers:
        """Everything that was answered until now."""
        with self._lock:
            return Answers(
                dict(self._objects),
                frozenset(self._absent),
                dict(self._lists),
                dict(self._unread),
                dict(self._unreadable),
            )

    def get(self, kind: Kind, resource: ResourceId) -> Body | None:
        """Return a body, or None if Azure says that there is no such resource."""
        asked = (kind.name, resource)
        try:
            body = self._reader.get(kind, resource)
        except RequestFailedError as error:
            with self._lock:
                self._unreadable[asked] = error.failure
            raise
        with self._lock:
            if body is None:
                self._absent.add(asked)
            else:
                self._objects[resource] = ObservedResource(resource, kind.name, body)
        return body

    def list_in(self, kind: Kind, scope: str, *, below: bool = False) -> Mapping[ResourceId, Body]:
        """Return every resource of a kind in a scope, all pages or none."""
        asked = ListOf(kind.name, scope.lower(), below)
        try:
            found = self._reader.list_in(kind, scope, below=below)
        except RequestFailedError as error:
            with self._lock:
                self._unread[asked] = error.failure
            raise
        with self._lock:
            self._lists[asked] = tuple(found)
            for id_, body in found.items():
                self._objects.setdefault(id_, ObservedResource(id_, kind.name, body))
        return found


class Recorded:
    """Implements `reconciler.engine.ports.Reader` over answers that were kept."""

    def __init__(self, answers: Answers) -> None:
        """Answer from ``answers`` alone."""
        self._answers = answers

    def get(self, kind: Kind, resource: ResourceId) -> Body | None:
        """Return a body, or None if it is known that there is no such resource."""
        found = self._answers.objects.get(resource)
        if found is not None and found.kind == kind.name:
            return found.body
        # That it could not be read counts for more than a list that does not show it: lists lag.
        failure = self._answers.unreadable.get((kind.name, resource))
        if failure is None and self._is_absent(kind, resource):
            return None
        failure = failure or next(
            (f for wider in _showing(kind, resource) if (f := self._answers.unread.get(wider))),
            None,
        )
        raise RequestFailedError(failure or _unknown(f"GET {resource}"))

    def list_in(self, kind: Kind, scope: str, *, below: bool = False) -> Mapping[ResourceId, Body]:
        """Return every resource of a kind in a scope, if a list that was read shows them all."""
        asked = ListOf(kind.name, scope.lower(), below)
        for wider in _wider(kind, asked):
            listed = self._answers.lists.get(wider)
            if listed is not None:
                found = (self._answers.objects[id_] for id_ in listed)
                return {o.id: o.body for o in found if _is_in(asked, kind, o.id)}
        if self._is_gone(scope):
            return {}
        failures = (self._answers.unread.get(wider) for wider in _wider(kind, asked))
        failure = next((f for f in failures if f is not None), None)
        raise RequestFailedError(failure or _unknown(f"GET {kind.collection} of {scope}"))

    def _is_absent(self, kind: Kind, resource: ResourceId) -> bool:
        """Whether it is known that there is no such resource."""
        if (kind.name, resource) in self._answers.absent:
            return True
        if any(wider in self._answers.lists for wider in _showing(kind, resource)):
            return True
        above = _above(kind, resource)
        return above is not None and self._is_gone(above.text)

    def _is_gone(self, scope: str) -> bool:
        """Whether it is known that a scope itself is not there."""
        place = ResourceId(scope)
        kind = BY_ARM_TYPE.get(place.arm_type.lower()) if scope.count("/") > 2 else None
        if kind is None or place in self._answers.objects:
            return False
        return self._is_absent(kind, place)


def _above(kind: Kind, resource: ResourceId) -> ResourceId | None:
    """Return what a resource is in, or attached to; None for a resource group."""
    if kind is RESOURCE_GROUP:
        return None
    return resource.scope if kind.is_extension else resource.parent or resource.group


def _showing(kind: Kind, resource: ResourceId) -> Iterator[ListOf]:
    """Yield the lists that would show a resource."""
    above = _above(kind, resource)
    if above is not None:
        yield from _wider(kind, ListOf(kind.name, above.folded))


def _wider(kind: Kind, asked: ListOf) -> Iterator[ListOf]:
    """Yield the lists that show all that one list shows, the list itself first."""
    yield asked
    if kind.parent:
        return
    parts = asked.scope.split("/")
    for length in range(len(parts), 2, -1):
        yield ListOf(kind.name, "/".join(parts[:length]), below=kind.is_extension)


def _is_in(asked: ListOf, kind: Kind, resource: ResourceId) -> bool:
    """Whether a list shows a resource."""
    if kind.is_extension and not asked.below:
        return resource.scope is not None and resource.scope.folded == asked.scope
    return resource.folded.startswith(f"{asked.scope}/")


def _unknown(request: str) -> Failure:
    """Say that nobody asked when the snapshot was taken."""
    what = "nobody asked for it when the snapshot was taken"
    return Failure(FailureClass.DENIED, "not in the snapshot", what, MEND, request)
