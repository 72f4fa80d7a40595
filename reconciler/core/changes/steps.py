"""Changes become steps: requests with their bodies, in an order that Azure can follow.

An edge means *only after that step is done*. Nobody writes an order by hand: what is created waits
for what it needs, and what is deleted waits until nothing points at it any more.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace

from reconciler.core.changes.unknown import unknown_fields
from reconciler.kinds import KINDS
from reconciler.kinds.kind import Field, Kind, lookup
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Change, Step, Verb
from reconciler.model.resource import DesiredResource
from reconciler.model.value import ABSENT, Body, Json

ANEW = (Action.CREATE, Action.REPLACE)
"""Actions that PUT a new resource."""

GONE = (Action.DELETE, Action.REPLACE)
"""Actions that DELETE the old one."""


def steps_for(changes: Iterable[Change]) -> tuple[Step, ...]:
    """Return the requests that make ``changes``, by address, each with what it waits for."""
    writing = [change for change in changes if change.action.writes]
    written = {c.id: _last_id(c) for c in writing if c.action is not Action.DELETE}
    anew = {c.id for c in writing if c.action in ANEW}
    holders = _holders(writing)
    return tuple(step for change in writing for step in _steps(change, written, anew, holders))


def _steps(
    change: Change,
    written: dict[ResourceId, str],
    anew: set[ResourceId],
    holders: dict[ResourceId, set[str]],
) -> Iterator[Step]:
    """Yield the requests of a change."""
    kind = KINDS[change.kind]
    needs = change.desired.needs if change.desired is not None else frozenset()
    after = {written[need] for need in needs if need in anew}
    if change.action in GONE:
        free = holders.get(change.id, set()) - {_id(Verb.DELETE, change)}
        comes = after if change.observed is None else set()
        yield _step(kind, change, Verb.DELETE, None, free | comes)
    if change.desired is None or change.action is Action.DELETE:
        return
    after |= {written[p.target] for p in change.desired.pending.values() if p.target in written}
    if change.action is Action.REPLACE:
        after.add(_id(Verb.DELETE, change))
    verb = _last_verb(change)
    if _has_body(change):
        yield _step(kind, change, verb, _body(kind, change, change.desired), after)
        after = {_id(verb, change)}
    for field in _actions(change):
        yield _action_step(change, change.desired, field, after)


def _action_step(
    change: Change, desired: DesiredResource, field: Field, after: Iterable[str]
) -> Step:
    """Return the POST that sets a field which is not part of the body."""
    value = desired.fields[field.name]
    body = field.shape.send(value, ABSENT)
    assert isinstance(body, Mapping), "an action takes an object"
    alone = not _has_body(change) and change.observed is not None
    return Step(
        id=_action_id(change, field),
        verb=Verb.POST,
        address=change.address,
        resource=change.id if change.observed is None else change.observed.id,
        kind=change.kind,
        body=body,
        after=frozenset(after),
        expects=change.observed.body if alone and change.observed is not None else None,
        wanted={field.name: value},
        takes_over=True,
        action=field.action,
    )


def _actions(change: Change) -> tuple[Field, ...]:
    """Return the changed fields that are set by an action of their own."""
    names = {field.path[0] for field in change.fields}
    return tuple(f for f in KINDS[change.kind].fields if f.action and f.name in names)


def _has_body(change: Change) -> bool:
    """Whether anything but actions is left to write."""
    actions = {field.name for field in _actions(change)}
    return change.action in ANEW or any(f.path[0] not in actions for f in change.fields)


def _last_id(change: Change) -> str:
    """Return the id of the step that ends a change."""
    actions = _actions(change)
    return _action_id(change, actions[-1]) if actions else _id(_last_verb(change), change)


def _action_id(change: Change, field: Field) -> str:
    """Name the step of an action."""
    return f"{Verb.POST} {change.address} {field.action}"


def _body(kind: Kind, change: Change, desired: DesiredResource) -> Body:
    """Return the body of a change's PUT or PATCH."""
    if change.action in ANEW or change.observed is None:
        return create_body(kind, desired)
    if _last_verb(change) is Verb.PATCH:
        names = {field.path[0] for field in change.fields}
        return patch_body(kind, desired, change.observed.body, names)
    return merged_body(kind, desired.fields, change.observed.body, desired.pending)


def create_body(kind: Kind, desired: DesiredResource) -> Body:
    """Return the PUT body of a new resource: all that is wanted, and nothing else."""
    body: dict[str, Json] = {}
    for field in kind.fields:
        if field.fixed is not ABSENT:
            put_at(body, field.path, field.fixed)
        elif field.name in desired.fields and not field.action:
            put_at(body, field.path, field.shape.send(desired.fields[field.name], ABSENT))
    return body


def patch_body(kind: Kind, desired: DesiredResource, live: Body, names: set[str]) -> Body:
    """Return the PATCH body: the named fields, each as a whole, and nothing else."""
    body: dict[str, Json] = {}
    for field in kind.fields:
        if field.name in names and field.name in desired.fields and not field.action:
            value = field.shape.send(desired.fields[field.name], lookup(live, field.path))
            put_at(body, field.path, value)
    return body


def merged_body(
    kind: Kind, wanted: Mapping[str, Json], live: Body, later: Container[str] = ()
) -> Body:
    """Return a PUT body over something that is there: what is live, with what is wanted on top.

    Args:
        kind: the resource's kind.
        wanted: the values of the spec, by field.
        live: the body as it was read.
        later: fields that are left out, as an earlier step makes their values.
    """
    body: dict[str, Json] = {}
    for path, value in unknown_fields(kind, live).items():
        put_at(body, path, deepcopy(value))
    for field in kind.fields:
        there = lookup(live, field.path)
        if field.action or field.name in later:
            continue
        if field.name in wanted:
            put_at(body, field.path, field.shape.send(wanted[field.name], there))
        elif there is not ABSENT:
            put_at(body, field.path, there)
    return body


def filled_step(kind: Kind, step: Step, values: Mapping[str, Json]) -> Step:
    """Return a step with its pending fields filled in.

    Args:
        kind: the step's kind.
        step: a step whose body lacks the pending fields.
        values: the values of all pending fields, by name.
    """
    body: dict[str, Json] = deepcopy(dict(step.body or {}))
    for name, value in values.items():
        field = kind.field(name)
        put_at(body, field.path, field.shape.send(value, ABSENT))
    wanted = {**step.wanted, **values}
    resource = step.resource
    if kind.name_from is not None:
        resource = resource.renamed(kind.name_from(resource, wanted))
    return replace(step, resource=resource, body=body, wanted=wanted, pending={})


def put_at(body: dict[str, Json], path: tuple[str, ...], value: Json) -> None:
    """Set the value at ``path``, making the objects on the way."""
    *above, last = path
    for key in above:
        inner = body.setdefault(key, {})
        assert isinstance(inner, dict)
        body = inner
    body[last] = value


def _holders(changes: Iterable[Change]) -> dict[ResourceId, set[str]]:
    """Return, for each id, the steps after which nothing live holds on to it any more.

    A live resource holds on to what it points at, and to what it is nested in or attached to.
    """
    holders: dict[ResourceId, set[str]] = {}
    for change in changes:
        if change.observed is None:
            continue
        held = set(KINDS[change.kind].references(change.observed.body))
        if change.action in GONE:
            held |= {above for above in (change.id.parent, change.id.scope) if above is not None}
            held |= change.desired.needs if change.desired is not None else frozenset()
        last = _id(Verb.DELETE, change) if change.action in GONE else _last_id(change)
        for target in held:
            holders.setdefault(target, set()).add(last)
    return holders


def _last_verb(change: Change) -> Verb:
    """Return the request that ends a change."""
    operations = KINDS[change.kind].operations
    if change.action is Action.DELETE:
        return Verb.DELETE
    if change.action in ANEW or operations is None or not operations.update:
        return Verb.PUT
    return Verb.PATCH


def _step(kind: Kind, change: Change, verb: Verb, body: Body | None, after: Iterable[str]) -> Step:
    """Return one request of a change."""
    live = None if change.observed is None or _is_fresh(change, verb) else change.observed
    desired = change.desired if body is not None else None
    return Step(
        id=_id(verb, change),
        verb=verb,
        address=change.address,
        resource=change.id if live is None else live.id,
        kind=change.kind,
        body=body,
        after=frozenset(after),
        expects=None if live is None else live.body,
        wanted={} if desired is None else _of_the_body(kind, desired.fields),
        pending=desired.pending if desired is not None else {},
        takes_over=change.id.name.lower() in kind.made_with_parent,
        turn=change.id.parent.folded if kind.one_writer and change.id.parent else "",
    )


def _of_the_body(kind: Kind, fields: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the wanted fields that a PUT or PATCH sets."""
    actions = {field.name for field in kind.fields if field.action}
    return {k: v for k, v in fields.items() if k not in actions} if actions else fields


def _is_fresh(change: Change, verb: Verb) -> bool:
    """Whether a request finds nothing there, or should."""
    return verb is Verb.PUT and change.action in ANEW


def _id(verb: Verb, change: Change) -> str:
    """Name a step."""
    return f"{verb} {change.address}"
