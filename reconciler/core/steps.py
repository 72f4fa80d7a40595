"""Changes become steps: requests with their bodies, in an order that Azure can follow.

An edge means *only after that step is done*. Nobody writes an order by hand: what is created waits
for what it needs, and what is deleted waits until nothing points at it any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.kinds import KINDS
from reconciler.kinds.kind import Kind, lookup
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Change, Step, Verb
from reconciler.model.resource import DesiredResource
from reconciler.model.value import ABSENT, Body, Json


def steps_for(changes: Iterable[Change]) -> tuple[Step, ...]:
    """Return the requests that make ``changes``, by address, each with what it waits for."""
    writing = [change for change in changes if change.action.writes]
    made = {c.id: _id(Verb.PUT, c) for c in writing if c.action in (Action.CREATE, Action.REPLACE)}
    holders = _holders(writing)
    return tuple(step for change in writing for step in _steps(change, made, holders))


def _steps(
    change: Change, made: dict[ResourceId, str], holders: dict[ResourceId, set[str]]
) -> Iterator[Step]:
    """Yield the one or two requests of a change."""
    kind = KINDS[change.kind]
    needs = change.desired.needs if change.desired else frozenset()
    after = frozenset(made[need] for need in needs if need in made)
    if change.action in (Action.DELETE, Action.REPLACE):
        free = frozenset(holders.get(change.id, set())) - {_id(Verb.DELETE, change)}
        yield _step(change, Verb.DELETE, None, free)
        after |= {_id(Verb.DELETE, change)}
    if change.desired is None or change.action is Action.DELETE:
        return
    if change.action in (Action.CREATE, Action.REPLACE):
        yield _step(change, Verb.PUT, create_body(kind, change.desired), after)
    elif change.observed is not None:
        body = patch_body(kind, change.desired, change)
        yield _step(change, Verb.PATCH, body, after)


def create_body(kind: Kind, desired: DesiredResource) -> Body:
    """Return the PUT body of a new resource: all that is wanted, and nothing else."""
    body: dict[str, Json] = {}
    for field in kind.fields:
        if field.fixed is not ABSENT:
            _set(body, field.path, field.fixed)
        elif field.name in desired.fields:
            _set(body, field.path, field.shape.send(desired.fields[field.name], ABSENT))
    return body


def patch_body(kind: Kind, desired: DesiredResource, change: Change) -> Body:
    """Return the PATCH body: the fields that differ, each as a whole, and nothing else."""
    live = change.observed.body if change.observed else {}
    names = {field.path[0] for field in change.fields}
    body: dict[str, Json] = {}
    for field in kind.fields:
        if field.name in names and field.name in desired.fields:
            value = field.shape.send(desired.fields[field.name], lookup(live, field.path))
            _set(body, field.path, value)
    return body


def _holders(changes: Iterable[Change]) -> dict[ResourceId, set[str]]:
    """Return, for each id that live resources point at, the steps that let go of it."""
    holders: dict[ResourceId, set[str]] = {}
    for change in changes:
        if change.observed is None:
            continue
        verb = Verb.PATCH
        if change.action in (Action.DELETE, Action.REPLACE):
            verb = Verb.DELETE
        for target in KINDS[change.kind].references(change.observed.body):
            holders.setdefault(target, set()).add(_id(verb, change))
    return holders


def _step(change: Change, verb: Verb, body: Body | None, after: frozenset[str]) -> Step:
    """Return one request of a change."""
    lives = verb is not Verb.PUT and change.observed is not None
    return Step(
        id=_id(verb, change),
        verb=verb,
        address=change.address,
        resource=change.id,
        kind=change.kind,
        body=body,
        after=after,
        expects=change.observed.body if lives and change.observed else None,
        wanted=change.desired.fields if change.desired and body is not None else {},
    )


def _id(verb: Verb, change: Change) -> str:
    """Name a step."""
    return f"{verb} {change.address}"


def _set(body: dict[str, Json], path: tuple[str, ...], value: Json) -> None:
    """Set the value at ``path``, making the objects on the way."""
    *above, last = path
    for key in above:
        inner = body.setdefault(key, {})
        assert isinstance(inner, dict)
        body = inner
    body[last] = value
