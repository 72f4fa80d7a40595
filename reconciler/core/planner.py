"""Desired and observed become a plan.

Rules, in this order, for each desired resource:

| observed   | spec        | owner's mark | differs             | action                        |
| ---------- | ----------- | ------------ | ------------------- | ----------------------------- |
| unreadable | any         |              |                     | blocked: nothing is known     |
| absent     | existing    |              |                     | blocked: it must be there     |
| absent     | set to null |              |                     | none                          |
| absent     | described   |              |                     | create                        |
| present    | any         | other stack  |                     | blocked: it is somebody's     |
| present    | set to null |              |                     | delete, unless still attached |
| present    | described   |              | no                  | none                          |
| present    | described   | new          | yes                 | adopt                         |
| present    | described   |              | yes                 | update                        |
| present    | described   |              | in immutable fields | replace if allowed            |

A live resource that bears the mark of a stack that no longer names it is deleted when pruning is
asked for and everything of its kind could be read; otherwise it is only pointed out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.core.diff import field_changes, initial_fields
from reconciler.core.ownership import OWNER_TAG, owner
from reconciler.core.policy import Policy, breaches
from reconciler.core.resolve import resolve, settled_value
from reconciler.core.steps import steps_for
from reconciler.kinds import KINDS
from reconciler.kinds.kind import Computed, Kind, lookup
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Block, Change, FieldChange, OutputValue, Plan
from reconciler.model.resource import (
    DesiredResource,
    DesiredState,
    ObservedResource,
    ObservedState,
    Output,
    Presence,
)
from reconciler.model.value import ABSENT, Pending


def make_plan(desired: DesiredState, observed: ObservedState, policy: Policy) -> Plan:
    """Return what would turn ``observed`` into ``desired`` under ``policy``."""
    desired = resolve(desired, observed)
    changes: dict[ResourceId, Change] = {}
    for resource in sorted(desired.resources, key=_depth):
        change = _change(resource, observed, changes)
        if change is not None:
            changes[resource.id] = change
    extra = [*_orphans(desired, observed, policy), *_dragged(changes, observed)]
    held = _held_back([*changes.values(), *extra], observed)
    result = tuple(sorted(held, key=lambda c: (c.address, c.id)))
    return Plan(
        changes=result,
        steps=steps_for(result),
        breaches=tuple(breaches(policy, result)),
        gaps=observed.gaps,
        outputs=tuple(_output(o, desired, observed) for o in desired.outputs),
    )


def _depth(resource: DesiredResource) -> int:
    """Sort parents before what is nested in them."""
    return resource.id.folded.count("/")


def _change(
    desired: DesiredResource, observed: ObservedState, above: Mapping[ResourceId, Change]
) -> Change | None:
    """Return what happens to one desired resource; None for an existing one that is there."""
    kind = KINDS[desired.kind]
    facts = _Facts(desired, kind, observed.resources.get(desired.id))
    failure = observed.unreadable.get(desired.id)
    if failure is not None:
        return facts.blocked(
            Action.NONE, Block.UNREADABLE, f"could not be read: {failure}", failure.mend
        )
    for name, source in desired.pending.items():
        if source.target in observed.resources and _never(source, observed, above):
            return facts.blocked(
                Action.CREATE,
                Block.REFUSED,
                f"`{name}` is the {source.field} of `{source.target.name}`, which has none",
                "turn its system-assigned identity on, or name another principal",
            )
    parent = above.get(desired.id.parent) if desired.id.parent else None
    if parent is not None and parent.action is Action.REPLACE and facts.live is not None:
        return _uprooted(facts, parent)
    if facts.live is None:
        return _absent(facts)
    if desired.presence is Presence.EXISTING:
        return None
    return _present(facts, facts.live)


def _never(source: Pending, observed: ObservedState, above: Mapping[ResourceId, Change]) -> bool:
    """Whether a pending value is not there, and will not come with a change either."""
    change = above.get(source.target)
    target = change.desired if change is not None else None
    return settled_value(source, target, observed) is ABSENT


def _uprooted(facts: _Facts, parent: Change) -> Change:
    """Return what happens to a resource whose parent is replaced: it is made anew."""
    fields = initial_fields(facts.kind, facts.desired.fields)
    reason = f"`{parent.id.name}`, which it is nested in, is replaced"
    shown = (*fields, *_given(facts, fields, creating=True))
    if not facts.kind.blocks_parent:  # it goes with its parent, without a request of its own
        return replace(facts.change(Action.CREATE, reason, shown), observed=None)
    if facts.desired.lifecycle.prevent_replace:
        return facts.blocked(
            Action.REPLACE,
            Block.REFUSED,
            reason,
            "write `lifecycle: {preventReplace: false}` here, too",
            notes=_loss(facts.kind),
        )
    return facts.change(Action.REPLACE, reason, shown, _loss(facts.kind))


def _dragged(changes: Mapping[ResourceId, Change], observed: ObservedState) -> Iterator[Change]:
    """Yield deletes of what no spec names and stands in the way of a parent's delete."""
    for live in observed.resources.values():
        parent = changes.get(live.id.parent) if live.id.parent else None
        kind = KINDS[live.kind]
        if parent is None or live.id in changes or not kind.blocks_parent:
            continue
        if parent.action in (Action.DELETE, Action.REPLACE):
            yield Change(
                id=live.id,
                kind=live.kind,
                address=f"{parent.address}/{kind.collection}/{live.id.name}",
                stack=parent.stack,
                action=Action.DELETE,
                reason=f"`{parent.id.name}`, which it is nested in, is deleted",
                notes=_loss(kind),
                span=parent.span,
                observed=live,
            )


def _absent(facts: _Facts) -> Change:
    """Return what happens to a resource that is not there."""
    match facts.desired.presence:
        case Presence.EXISTING:
            return facts.blocked(
                Action.NONE,
                Block.REFUSED,
                "does not exist, and the spec says that it does",
                f"create it, or mend the name: `{facts.desired.id.name}`",
            )
        case Presence.REMOVED:
            return facts.change(Action.NONE, "set to null, and not there")
        case Presence.MANAGED:
            fields = initial_fields(facts.kind, facts.desired.fields)
            later = [FieldChange((n,), ABSENT, p) for n, p in facts.desired.pending.items()]
            given = _given(facts, fields, creating=True)
            return facts.change(Action.CREATE, "not there yet", (*fields, *later, *given))


def _present(facts: _Facts, live: ObservedResource) -> Change:
    """Return what happens to a resource that is there."""
    desired = facts.desired
    whose = owner(live.body)
    removed = desired.presence is Presence.REMOVED
    fields = () if removed else field_changes(facts.kind, desired.fields, live.body)
    intended = Action.DELETE if removed else Action.UPDATE
    if whose is not None and whose != desired.stack and (removed or fields):
        return facts.blocked(
            intended,
            Block.REFUSED,
            f"belongs to stack `{whose}`",
            f"change it there, or take the tag `{OWNER_TAG}` off the resource to move it here",
            fields,
        )
    if _is_going(live):
        return facts.blocked(
            intended,
            Block.REFUSED,
            "is being deleted right now",
            "plan again when it is gone",
            fields,
        )
    if removed:
        return facts.change(Action.DELETE, "set to null in the spec", notes=_loss(facts.kind))
    if not fields:
        return facts.change(Action.NONE, "as desired", notes=_health(live))
    if any(f.forces_replacement for f in fields):
        return _replacement(facts, fields)
    adopts = any(f.path == ("tags", OWNER_TAG) and f.before is ABSENT for f in fields)
    return facts.change(
        Action.ADOPT if adopts else Action.UPDATE,
        "exists, and is marked as the stack's own" if adopts else "differs from the spec",
        (*fields, *_given(facts, fields, creating=False)),
        (*_health(live), *_warnings(fields)),
    )


def _replacement(facts: _Facts, fields: tuple[FieldChange, ...]) -> Change:
    """Return a replacement, blocked unless the resource allows it."""
    names = ", ".join(f"`{'.'.join(f.path)}`" for f in fields if f.forces_replacement)
    reason = f"{names} can never be changed in place"
    if facts.desired.lifecycle.prevent_replace:
        return facts.blocked(
            Action.REPLACE,
            Block.REFUSED,
            reason,
            "put the old value back; or, to delete the resource and create it anew, write"
            " `lifecycle: {preventReplace: false}`",
            fields,
            _loss(facts.kind),
        )
    # The new resource starts from nothing, so the plan shows all that it will have.
    old = {f.path: f.before for f in fields}
    wanted = initial_fields(facts.kind, facts.desired.fields)
    shown = [
        replace(f, before=old[f.path], forces_replacement=f.path[0] in _immutable(facts.kind))
        for f in wanted
        if f.path in old
    ]
    gone = [f for f in fields if f.path not in {w.path for w in wanted}]
    pending = _given(facts, wanted, creating=True)
    return facts.change(
        Action.REPLACE, reason, (*sorted([*shown, *gone], key=_path), *pending), _loss(facts.kind)
    )


def _orphans(desired: DesiredState, observed: ObservedState, policy: Policy) -> Iterator[Change]:
    """Yield what bears the mark of one of our stacks and is named by none."""
    named = {r.id for r in desired.resources}
    blind = bool(observed.gaps or observed.unreadable)
    for live in observed.resources.values():
        whose = owner(live.body)
        if live.id in named or whose is None or whose not in desired.stacks:
            continue
        kind = KINDS[live.kind]
        address = f"{whose}/{kind.collection}/{live.id.name}"
        change = Change(
            live.id, live.kind, address, whose, Action.NONE, "has left the spec", observed=live
        )
        if not policy.prune:
            yield replace(change, notes=("it is the stack's own; `--prune` would delete it",))
        elif blind:
            yield replace(
                change,
                action=Action.BLOCKED,
                intended=Action.DELETE,
                block=Block.UNREADABLE,
                mend="nothing is pruned while something cannot be read; plan again",
            )
        else:
            yield replace(change, action=Action.DELETE, notes=_loss(kind))


def _held_back(changes: Iterable[Change], observed: ObservedState) -> Iterator[Change]:
    """Block each loss of something that a resource which stays would still point at.

    Azure deletes an identity that is attached, and then refuses every later write of the
    identities it was attached beside (https://github.com/Azure/aad-pod-identity/issues/339).
    """
    changes = tuple(changes)
    leaving = {c.id for c in changes if c.action in (Action.DELETE, Action.REPLACE)}
    stays: dict[ResourceId, ResourceId] = {}
    if leaving:
        by_id = {c.id: c for c in changes}
        for live in observed.resources.values():
            if live.id not in leaving:
                stays.update(dict.fromkeys(_still_needs(live, by_id.get(live.id)), live.id))
    for change in changes:
        if change.id in leaving and change.id in stays:
            holder = stays[change.id]
            yield replace(
                change,
                action=Action.BLOCKED,
                intended=change.action,
                block=Block.REFUSED,
                reason=f"`{holder.name}` still uses it",
                mend=f"detach it from {holder} first; a spec that manages that list can do it",
            )
        else:
            yield change


def _still_needs(live: ObservedResource, change: Change | None) -> set[ResourceId]:
    """Return what a live resource points at once its own change has been made."""
    needs = set(KINDS[live.kind].references(live.body))
    if change is not None and change.action is Action.REPLACE:
        return set()
    if change is None or not change.action.writes or change.desired is None:
        return needs
    dropped = {f.path[-1].lower() for f in change.fields if f.after is ABSENT}
    return {target for target in needs if target.folded not in dropped}


def _given(
    facts: _Facts, fields: Iterable[FieldChange], *, creating: bool
) -> tuple[FieldChange, ...]:
    """Return the fields that Azure will give out: their values are known after apply."""
    switched_on = {f.path for f in fields if f.after is True}

    def appears(computed: Computed) -> bool:
        return computed.follows in switched_on if computed.follows else creating

    return tuple(
        FieldChange((c.name,), ABSENT, Pending(facts.desired.id, c.name))
        for c in facts.kind.computed
        if not c.optional and appears(c)
    )


def _warnings(fields: Iterable[FieldChange]) -> Iterator[str]:
    """Yield what a reviewer should know about an update."""
    for field in fields:
        if field.path == ("identity", "systemAssigned") and field.after is False:
            yield "its system-assigned identity goes for good: role assignments are orphaned"
        if field.path == ("disableLocalAuth",) and field.after is True:
            yield "every client that uses an access key stops working"
        if field.path[0] == "linkedDomains" and field.after is ABSENT:
            yield "mail can no longer be sent from the unlinked domain through this resource"
        if field.path == ("publicNetworkAccess",) and field.after == "Disabled":
            yield "clients on public networks can no longer reach it"


def _loss(kind: Kind) -> tuple[str, ...]:
    """Say what is lost with a resource."""
    return (f"this destroys {kind.lost_on_replace}",) if kind.lost_on_replace else ()


def _health(live: ObservedResource) -> tuple[str, ...]:
    """Say so if Azure reports that the resource is not well."""
    state = lookup(live.body, ("properties", "provisioningState"))
    if isinstance(state, str) and state.lower() in ("failed", "canceled"):
        return (f"Azure reports its last operation as {state}",)
    return ()


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


def _output(output: Output, desired: DesiredState, observed: ObservedState) -> OutputValue:
    """Return an output with its value if that is known and stays."""
    target = next((r for r in desired.resources if r.id == output.source.target), None)
    return OutputValue(output, settled_value(output.source, target, observed))


@dataclass(frozen=True, slots=True)
class _Facts:
    """A desired resource beside what is there."""

    desired: DesiredResource
    kind: Kind
    live: ObservedResource | None

    def change(
        self,
        action: Action,
        reason: str,
        fields: tuple[FieldChange, ...] = (),
        notes: Iterable[str] = (),
    ) -> Change:
        """Return a change of this resource."""
        return Change(
            id=self.desired.id,
            kind=self.desired.kind,
            address=self.desired.address,
            stack=self.desired.stack,
            action=action,
            reason=reason,
            fields=fields,
            notes=tuple(notes),
            span=self.desired.span,
            desired=self.desired,
            observed=self.live,
        )

    def blocked(
        self,
        intended: Action,
        block: Block,
        reason: str,
        mend: str,
        fields: tuple[FieldChange, ...] = (),
        notes: Iterable[str] = (),
    ) -> Change:
        """Return a change that is not made, and what stands in its way."""
        change = self.change(Action.BLOCKED, reason, fields, notes)
        return replace(change, intended=intended, block=block, mend=mend)
