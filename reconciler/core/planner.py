"""Desired and observed become a plan: a decision for each resource, then what only the whole shows.

- A live resource that bears the mark of a stack that no longer names it is deleted when pruning is
  asked for and everything of its kind could be read; otherwise it is only pointed out.
- What is nested in a deleted or replaced resource, and would keep Azure from deleting it, goes too.
- What a resource that stays still points at is not deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from reconciler.core.changes.decision import decide
from reconciler.core.changes.entries import plan_entries
from reconciler.core.changes.limits import breaches, losses
from reconciler.core.changes.notes import loss, with_leftovers
from reconciler.core.changes.pending import resolve, settled_value
from reconciler.core.changes.steps import steps_for
from reconciler.core.mail.links import settle_links
from reconciler.core.mail.planning import verification_steps, with_mail
from reconciler.core.policy import Policy
from reconciler.core.specs.ownership import owner
from reconciler.kinds import KINDS, place_of
from reconciler.model.failure import Failure
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Block, Change, OutputValue, Plan
from reconciler.model.resource import (
    DesiredResource,
    DesiredState,
    ObservedResource,
    ObservedState,
)
from reconciler.model.value import ABSENT


def make_plan(desired: DesiredState, observed: ObservedState, policy: Policy) -> Plan:
    """Return what would turn ``observed`` into ``desired`` under ``policy``."""
    desired, links = settle_links(resolve(desired, observed), observed)
    changes: dict[ResourceId, Change] = {}
    for resource in sorted(desired.resources, key=_turn):
        change = decide(resource, observed, changes, policy.today)
        if change is not None:
            changes[resource.id] = change
    extra = [*_orphans(desired, observed, policy), *_dragged(changes, observed)]
    held = _held_back([*changes.values(), *extra], observed)
    told = (with_leftovers(change, observed, changes) for change in held)
    result = tuple(sorted(told, key=_place))
    steps = steps_for(result)
    entries = plan_entries(desired, observed, result, steps, policy)
    shown = with_mail(result, observed, links)
    return Plan(
        changes=tuple(sorted((*shown, *entries.changes), key=_place)),
        steps=(*steps, *verification_steps(shown, steps), *entries.steps),
        breaches=(*breaches(policy, losses(result, result)), *entries.breaches),
        gaps=_causes(observed),
        outputs=tuple(_outputs(desired, observed)),
        environment=desired.environment,
    )


def _place(change: Change) -> tuple[str, ResourceId]:
    """Sort changes by address."""
    return change.address, change.id


def _causes(observed: ObservedState) -> tuple[Failure, ...]:
    """Return each reason why something could not be read once, however much it hides."""
    found = [*observed.gaps, *(observed.unreadable[id_] for id_ in sorted(observed.unreadable))]
    return tuple({(f.code, f.message): f for f in reversed(found)}.values())[::-1]


def _turn(resource: DesiredResource) -> tuple[bool, int]:
    """Sort parents before what is nested in them, and what is attached to others last."""
    return KINDS[resource.kind].is_extension, resource.id.folded.count("/")


def _orphans(desired: DesiredState, observed: ObservedState, policy: Policy) -> Iterator[Change]:
    """Yield what bears the mark of one of our stacks and is named by none."""
    named = {r.id for r in desired.resources}
    blind = bool(observed.gaps or observed.unreadable)
    for live in observed.resources.values():
        whose = owner(live.body)
        if live.id in named or live.id in desired.elsewhere or whose not in desired.marks:
            continue
        kind, stack = KINDS[live.kind], (whose or "").rpartition("/")[2]
        change = Change(
            live.id,
            live.kind,
            f"{stack}/{place_of(live.id)}",
            stack,
            Action.NONE,
            "has left the spec",
            observed=live,
        )
        if not policy.prune:
            yield replace(change, notes=("it is the stack's own; `--prune` would delete it",))
        elif blind:
            yield replace(
                change,
                action=Action.BLOCKED,
                intended=Action.DELETE,
                block=Block.UNREADABLE,
                reason="has left the spec, and not everything could be read",
                mend="nothing is pruned while something cannot be read; plan again",
            )
        else:
            yield replace(change, action=Action.DELETE, notes=loss(kind))


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
                notes=loss(kind),
                place=parent.place,
                observed=live,
            )


def _held_back(changes: Iterable[Change], observed: ObservedState) -> Iterator[Change]:
    """Block each loss of something that a resource which stays still points at, or is nested in.

    Azure deletes an identity that is attached, and then refuses every later write of the
    identities it was attached beside (https://github.com/Azure/aad-pod-identity/issues/339).
    """
    changes = tuple(changes)
    leaving = {c.id for c in changes if c.action in (Action.DELETE, Action.REPLACE)}
    stays: dict[ResourceId, ResourceId] = {}
    if leaving:
        by_id = {c.id: c for c in changes}
        for live in observed.resources.values():
            if live.id in leaving:
                continue
            stays.update(dict.fromkeys(_still_needs(live, by_id.get(live.id)), live.id))
            if live.id.parent is not None and KINDS[live.kind].blocks_parent:
                stays[live.id.parent] = live.id
    for change in changes:
        if change.id in leaving and change.id in stays:
            holder = stays[change.id]
            yield replace(
                change,
                action=Action.BLOCKED,
                intended=change.action,
                block=Block.REFUSED,
                reason=f"`{holder.name}` still uses it",
                mend=f"detach {holder} from it first, or delete that, too; a spec can do either",
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


def _outputs(desired: DesiredState, observed: ObservedState) -> Iterator[OutputValue]:
    """Yield each output with its value if that is known and stays."""
    by_id = {r.id: r for r in desired.resources} if desired.outputs else {}
    for output in desired.outputs:
        target = by_id.get(output.source.target)
        yield OutputValue(output, settled_value(output.source, target, observed))
