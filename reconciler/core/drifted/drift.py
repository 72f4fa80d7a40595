"""A plan read the other way round: not what apply would do, but what is not as the specs say.

Nobody can tell from the two sides alone who moved: a spec that was changed and not applied yet
differs just as a resource that somebody changed. Run it where the specs are applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

from reconciler.core.changes.diff import field_changes
from reconciler.core.changes.waivers import is_over
from reconciler.core.drifted.attribution import last_writer
from reconciler.core.drifted.checks import standings
from reconciler.core.sealed.canonical import digest
from reconciler.core.specs.ownership import OWNER_TAG
from reconciler.kinds import KINDS, place_of
from reconciler.kinds.kind import Kind
from reconciler.model.drift import NOBODY, Drift, Item, Sort, Unread, Waived
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Block, Change, FieldChange, Plan
from reconciler.model.resource import DesiredState, ObservedState, Presence, Severity
from reconciler.model.value import ABSENT, Json, Pending

SORTS = {Action.CREATE: Sort.MISSING, Action.DELETE: Sort.UNWANTED}


def drift_of(
    plan: Plan,
    desired: DesiredState,
    observed: ObservedState,
    at: str,
    *,
    unmanaged: bool = False,
) -> Drift:
    """Return what differs.

    Args:
        plan: what apply would do about it.
        desired: what the plan was made from.
        observed: what the plan was made from; read whole if strangers are wanted.
        at: the moment of the run; its day decides which waivers have run out.
        unmanaged: whether to list what is in the resource groups and in no spec.

    """
    items = [item for change in plan.changes for item in _items(change)]
    if unmanaged:
        named = {c.id for c in plan.changes} | {r.id for r in desired.resources}
        items += _strangers(desired, observed, named | desired.elsewhere)
    managed = [r for r in desired.resources if r.presence is Presence.MANAGED]
    unread = (c for c in plan.changes if c.block is Block.UNREADABLE)
    return Drift(
        at=at,
        environment=plan.environment,
        stacks=desired.stacks,
        resources=len(managed),
        items=tuple(sorted(items, key=worst_first)),
        waivers=tuple(_waivers(desired, observed, at[:10])),
        unread=tuple(Unread(c.address, c.reason, c.stack) for c in unread),
        gaps=plan.gaps,
        standings=tuple(standings(desired, observed)),
    )


def _items(change: Change) -> Iterator[Item]:
    """Yield the differences that one change stands for."""
    kind = KINDS[change.kind]
    action = change.intended if change.action is Action.BLOCKED else change.action
    if change.block is Block.UNREADABLE or action in (None, Action.NONE):
        return
    if change.is_private:
        yield _whole(change, kind, Sort.CHANGED, f"{change.entries} addresses differ")
    elif action in SORTS:
        yield _whole(change, kind, SORTS[action], change.reason)
    elif change.observed is None and not change.fields:
        yield _whole(change, kind, Sort.MISSING, change.reason)
    else:
        yield from (_field(change, kind, f) for f in change.fields if _is_drift(f))


def _is_drift(field: FieldChange) -> bool:
    """Whether a field differs by itself: Azure gives out new values, and marks are our own."""
    given_out = field.before is ABSENT and isinstance(field.after, Pending)
    return field.path != ("tags", OWNER_TAG) and not given_out


def _field(change: Change, kind: Kind, field: FieldChange) -> Item:
    """Return the difference of one field."""
    severity = next((f.severity for f in kind.fields if f.name == field.path[0]), Severity.MEDIUM)
    seen = None if field.before is ABSENT else field.before
    what: Json = [kind.name, change.id.folded, list(field.path), field.before is ABSENT, seen]
    base = _whole(change, kind, Sort.CHANGED, "")
    return replace(
        base,
        severity=severity,
        fingerprint=digest(what),
        field=field.path,
        wanted=field.after,
        live=field.before,
    )


def _whole(change: Change, kind: Kind, sort: Sort, reason: str) -> Item:
    """Return a difference of a whole resource."""
    what: Json = [kind.name, change.id.folded, sort.value, change.entries]
    if change.is_private:  # its id tells whose address it is, and a digest of it would, too
        what = [kind.name, change.address, change.action.value, change.entries]
    return Item(
        sort,
        kind.severity,
        change.id,
        kind.name,
        change.address,
        change.stack,
        digest(what),
        reason=reason,
        place=change.place,
        author=NOBODY if change.observed is None else last_writer(change.observed.body),
        private=change.entries,
    )


def _strangers(
    desired: DesiredState, observed: ObservedState, named: Set[ResourceId]
) -> Iterator[Item]:
    """Yield what is in the resource groups of the specs and in no spec."""
    stacks = {r.id.group: r.stack for r in reversed(desired.resources) if r.id.group is not None}
    for id_, live in observed.resources.items():
        kind = KINDS[live.kind]
        group = id_.group
        is_ours = id_ in named or not kind.schema
        if group is None or group not in stacks or is_ours or _comes_along(kind, id_, named):
            continue
        stack = stacks[group]
        place = id_.name if kind.is_extension else place_of(id_)
        collection = f"{kind.collection}/" if kind.is_extension else ""
        yield Item(
            Sort.UNMANAGED,
            kind.severity,
            id_,
            kind.name,
            f"{stack}/{collection}{place}",
            stack,
            digest([kind.name, id_.folded, Sort.UNMANAGED.value]),
            reason=f"in resource group `{group.name}`, and no spec names it",
            author=last_writer(live.body),
        )


def _comes_along(kind: Kind, id_: ResourceId, named: Set[ResourceId]) -> bool:
    """Whether Azure makes it along with a parent that a spec names."""
    return id_.name.lower() in kind.made_with_parent and id_.parent in named


def _waivers(desired: DesiredState, observed: ObservedState, today: str) -> Iterator[Waived]:
    """Yield every waiver, with whether it has run out and whether it hides anything."""
    for resource in desired.resources:
        if not resource.lifecycle.waivers:
            continue
        live = observed.resources.get(resource.id)
        kind = KINDS[resource.kind]
        paths = () if live is None else _paths(field_changes(kind, resource.fields, live.body))
        for waiver in resource.lifecycle.waivers:
            differs = any(path[: len(waiver.field)] == waiver.field for path in paths)
            yield Waived(
                resource.address,
                waiver.field,
                waiver.reason,
                waiver.until,
                is_over(waiver, today),
                None if live is None else differs,
                resource.place,
            )


def _paths(fields: Iterable[FieldChange]) -> tuple[tuple[str, ...], ...]:
    return tuple(field.path for field in fields)


def worst_first(item: Item) -> tuple[int, str, str, tuple[str, ...]]:
    """Return what sorts the worst first, then by address and field."""
    return (-item.severity.rank, item.address, item.sort.value, item.field)
