"""What happens to one resource: its desired beside its observed state.

Rules, in this order, for each desired resource:

| observed       | spec        | owner's mark | differs             | action                    |
| -------------- | ----------- | ------------ | ------------------- | ------------------------- |
| unreadable     | any         |              |                     | blocked: nothing is known |
| parent goes    | described   |              |                     | replace, or create        |
| absent         | existing    |              |                     | blocked: it must be there |
| absent         | removed     |              |                     | none                      |
| absent         | described   |              |                     | create                    |
| present        | removed     | other stack  |                     | blocked: it is theirs     |
| present        | described   | other stack  | yes                 | blocked: it is theirs     |
| being deleted  | any         |              |                     | blocked: wait             |
| present        | removed     |              |                     | delete if allowed         |
| present        | described   |              | no                  | none                      |
| present        | described   |              | in immutable fields | replace if allowed        |
| present        | described   | new          | yes                 | adopt                     |
| present        | described   |              | yes                 | update                    |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.core.changes.comparison import Facts, permission
from reconciler.core.changes.diff import initial_fields
from reconciler.core.changes.notes import health, loss, warnings
from reconciler.core.changes.pending import differing, settled_value
from reconciler.core.changes.unknown import unknown_notes
from reconciler.core.changes.waivers import waiver_notes, without_waived
from reconciler.core.specs.ownership import OWNER_TAG, owner
from reconciler.kinds import KINDS, place_of
from reconciler.kinds.kind import Kind, lookup
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Block, Change, FieldChange
from reconciler.model.resource import DesiredResource, ObservedResource, ObservedState, Presence
from reconciler.model.value import ABSENT, Pending

GIVEN_UP = "removed by the spec"


def decide(
    desired: DesiredResource,
    observed: ObservedState,
    above: Mapping[ResourceId, Change],
    today: str = "",
) -> Change | None:
    """Return what happens to one desired resource; None for an existing one that is there.

    Args:
        desired: the resource.
        observed: what there is.
        above: what happens to its parent, its scope, and whatever else was decided before it.
        today: the day of the run, for waivers.
    """
    kind = KINDS[desired.kind]
    facts = Facts(desired, kind, observed.resources.get(desired.id), today)
    obstacle = _obstacle(facts, observed, above)
    if obstacle is not None:
        return obstacle
    anchor = desired.id.scope if kind.is_extension else desired.id.parent
    parent = above.get(anchor) if anchor is not None else None
    if parent is not None and parent.action is Action.REPLACE and facts.live is not None:
        return _uprooted(facts, parent)
    if facts.live is None:
        comes = parent is not None and parent.action in (Action.CREATE, Action.REPLACE)
        return _absent(facts, comes_with_parent=comes and facts.is_made_with_parent)
    match desired.presence:
        case Presence.EXISTING:
            return None
        case Presence.REMOVED:
            return _leaving(facts, facts.live)
        case Presence.MANAGED:
            return _waived(facts, facts.live)


def _obstacle(
    facts: Facts, observed: ObservedState, above: Mapping[ResourceId, Change]
) -> Change | None:
    """Return a block if the resource, or a value that another one has, is unknown or never was."""
    failure = observed.unreadable.get(facts.desired.id)
    if failure is not None:
        reason = f"could not be read: {failure.code}"
        return facts.blocked(Action.NONE, Block.UNREADABLE, reason, "")
    if refusal := facts.desired.refusal:
        return facts.blocked(Action.UPDATE, Block.REFUSED, refusal.reason, refusal.mend)
    for name, source in facts.desired.pending.items():
        unknown = observed.unreadable.get(source.target)
        if unknown is not None:
            reason = (
                f"`{source.target.name}`, which has its `{name}`, could not be read: {unknown.code}"
            )
            return facts.blocked(Action.NONE, Block.UNREADABLE, reason, "")
        managed = facts.desired.presence is Presence.MANAGED
        if managed and source.target in observed.resources and _never(source, observed, above):
            return facts.blocked(
                Action.CREATE,
                Block.REFUSED,
                f"`{name}` is the {source.field} of `{source.target.name}`, which has none",
                "turn its system-assigned identity on, or name another principal",
            )
    return None


def _never(source: Pending, observed: ObservedState, above: Mapping[ResourceId, Change]) -> bool:
    """Whether a pending value is not there, and will not come with a change either."""
    change = above.get(source.target)
    target = change.desired if change is not None else None
    return settled_value(source, target, observed) is ABSENT


def _uprooted(facts: Facts, parent: Change) -> Change:
    """Return what happens to a resource whose parent or scope is replaced: it is made anew."""
    if facts.desired.presence is Presence.REMOVED:
        return facts.change(Action.DELETE, GIVEN_UP, notes=loss(facts.kind))
    fields = initial_fields(facts.kind, facts.desired.fields)
    reason = f"`{parent.id.name}`, which it belongs to, is replaced"
    shown = (*fields, *facts.given_out(fields, creating=True))
    if not facts.kind.blocks_parent:  # it goes with its parent, without a request of its own
        return replace(facts.change(Action.CREATE, reason, shown), observed=None)
    if refusal := facts.protected(Action.REPLACE):
        mend = f"write {permission(Action.REPLACE)} here, too"
        why = f"{reason}, and {refusal}"
        return facts.blocked(Action.REPLACE, Block.REFUSED, why, mend, notes=loss(facts.kind))
    return facts.change(Action.REPLACE, reason, shown, loss(facts.kind))


def _absent(facts: Facts, *, comes_with_parent: bool) -> Change:
    """Return what happens to a resource that is not there.

    Args:
        facts: the resource.
        comes_with_parent: whether Azure will make it along with its parent.
    """
    match facts.desired.presence:
        case Presence.EXISTING:
            return facts.blocked(
                Action.NONE,
                Block.REFUSED,
                "does not exist, and the spec says that it does",
                f"create it, or mend the name: `{facts.desired.id.name}`",
            )
        case Presence.REMOVED if comes_with_parent:
            return facts.change(Action.DELETE, f"{GIVEN_UP}, and made along with its parent")
        case Presence.REMOVED:
            return facts.change(Action.NONE, f"{GIVEN_UP}, and not there")
        case Presence.MANAGED:
            fields = initial_fields(facts.kind, facts.desired.fields)
            later = [FieldChange((n,), ABSENT, p) for n, p in facts.desired.pending.items()]
            given = facts.given_out(fields, creating=True)
            return facts.change(Action.CREATE, "not there yet", (*fields, *later, *given))


def _waived(facts: Facts, live: ObservedResource) -> Change:
    """Return what happens to a described resource that is there, but for what is waived today."""
    desired, today = facts.desired, facts.today
    if not desired.lifecycle.waivers:
        return _present(facts, live)
    waived = tuple(waiver_notes(facts.kind, desired, live.body, today))
    desired = without_waived(desired, today)
    change = _present(replace(facts, desired=desired), live)
    return replace(change, notes=(*change.notes, *waived))


def _present(facts: Facts, live: ObservedResource) -> Change:
    """Return what happens to a described resource that is there."""
    fields = differing(facts.kind, facts.desired, live.body)
    if fields and (obstacle := not_ours(facts, live, Action.UPDATE, fields)):
        return obstacle
    if _is_going(live):
        return _being_deleted(facts, Action.UPDATE, fields)
    if not fields:
        return facts.change(Action.NONE, "as desired", notes=health(live))
    if any(f.forces_replacement for f in fields):
        return _replacement(facts, fields)
    marks = [f.before for f in fields if f.path == ("tags", OWNER_TAG)]
    reason = "differs from the spec"
    if marks:
        former = "" if marks[0] is ABSENT else f", and no longer as that of `{marks[0]}`"
        reason = f"exists, and is marked as the stack's own{former}"
    return facts.change(
        Action.ADOPT if marks else Action.UPDATE,
        reason,
        (*fields, *facts.given_out(fields, creating=False)),
        (*health(live), *warnings(fields), *_sent_along(facts, live)),
    )


def _sent_along(facts: Facts, live: ObservedResource) -> tuple[str, ...]:
    """Say what an update that is a PUT carries without knowing it."""
    operations = facts.kind.operations
    by_put = operations is not None and not operations.update
    return tuple(unknown_notes(facts.kind, live.body)) if by_put else ()


def _leaving(facts: Facts, live: ObservedResource) -> Change:
    """Return what happens to a resource that the spec wants deleted."""
    if obstacle := not_ours(facts, live, Action.DELETE, ()):
        return obstacle
    if _is_going(live):
        return _being_deleted(facts, Action.DELETE, ())
    if refusal := facts.protected(Action.DELETE):
        mend = (
            "describe the resource again if it shall stay; to delete it, write `remove: true` and"
            f" {permission(Action.DELETE)} there"
        )
        reason = f"{GIVEN_UP}, and {refusal}"
        return facts.blocked(Action.DELETE, Block.REFUSED, reason, mend, notes=loss(facts.kind))
    return facts.change(Action.DELETE, GIVEN_UP, notes=loss(facts.kind))


def not_ours(
    facts: Facts, live: ObservedResource, intended: Action, fields: tuple[FieldChange, ...]
) -> Change | None:
    """Return a block if the resource bears the mark of somebody else."""
    whose = owner(live.body)
    if whose is None or whose == facts.desired.mark or whose in facts.desired.former_marks:
        return None
    stack = whose.rpartition("/")[2]
    return facts.blocked(
        intended,
        Block.REFUSED,
        f"belongs to stack `{whose}`",
        f"change it there; or, if it has moved here, add `from: ref:stack/{stack}//"
        f"{place_of(facts.desired.id)}` to the `moved` list of stack `{facts.desired.stack}`",
        fields,
    )


def _being_deleted(facts: Facts, intended: Action, fields: tuple[FieldChange, ...]) -> Change:
    """Return the block of a resource that is on its way out."""
    reason = "is being deleted right now"
    return facts.blocked(intended, Block.REFUSED, reason, "plan again when it is gone", fields)


def _replacement(facts: Facts, fields: tuple[FieldChange, ...]) -> Change:
    """Return a replacement, blocked unless the resource allows it."""
    names = ", ".join(f"`{'.'.join(f.path)}`" for f in fields if f.forces_replacement)
    reason = f"{names} can never be changed in place"
    if refusal := facts.protected(Action.REPLACE):
        operations = facts.kind.operations
        mend = "put the old value back"
        if operations is not None and operations.delete:
            anew = "; or, to delete the resource and create it anew, write"
            mend += f"{anew} {permission(Action.REPLACE)}"
            reason += f", and {refusal}"
        return facts.blocked(Action.REPLACE, Block.REFUSED, reason, mend, fields, loss(facts.kind))
    # The new resource starts from nothing, so the plan shows all that it will have.
    old = {f.path: f.before for f in fields}
    wanted = initial_fields(facts.kind, facts.desired.fields)
    shown = [
        replace(f, before=old[f.path], forces_replacement=f.path[0] in _immutable(facts.kind))
        for f in wanted
        if f.path in old
    ]
    gone = [f for f in fields if f.path not in {w.path for w in wanted}]
    pending = facts.given_out(wanted, creating=True)
    return facts.change(
        Action.REPLACE, reason, (*sorted([*shown, *gone], key=_path), *pending), loss(facts.kind)
    )


def _is_going(live: ObservedResource) -> bool:
    """Whether Azure is deleting it."""
    state = lookup(live.body, ("properties", "provisioningState"))
    return isinstance(state, str) and state.lower() == "deleting"


def _immutable(kind: Kind) -> frozenset[str]:
    """Return the names of the fields that force a replacement."""
    return frozenset(f.name for f in kind.fields if f.immutable)


def _path(field: FieldChange) -> tuple[str, ...]:
    """Sort fields by path."""
    return field.path
