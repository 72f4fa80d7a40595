"""What a plan file says: every request, every live object that they stand on, and the limits.

`content_of` makes it of a plan; `held` compares it with a plan that is made anew from the same
specs. Nothing is ever built from the file: it is a promise, which can be kept or broken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.core.changes.limits import ADDRESS_GUARD, breaches, losses
from reconciler.core.policy import Policy
from reconciler.core.sealed.canonical import keyed_digest
from reconciler.core.sealed.witness import (
    Witness,
    moves_between,
    needed,
    state_of,
    without_secrets,
    witnesses,
)
from reconciler.core.sending.staleness import Move
from reconciler.kinds import KINDS, RESOURCE_GROUP
from reconciler.kinds.email import CHECK_FIELD, INITIATE
from reconciler.model.entries import DesiredEntries
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Change, Plan, Step
from reconciler.model.resource import DesiredState, ObservedState
from reconciler.model.value import Json, as_object, entries

Document = Mapping[str, Json]


def content_of(
    plan: Plan, desired: DesiredState, observed: ObservedState, policy: Policy
) -> dict[str, Json]:
    """Return what is promised: the same for equal inputs, without a secret and without an address.

    Args:
        plan: an applyable plan.
        desired: what it was made from, with the contents of private entries.
        observed: what it was made from.
        policy: the limits that it keeps.
    """
    objects = witnesses(plan, observed)
    kinds = {step.kind for step in plan.steps} | {one.kind for one in objects}
    return {
        "apiVersions": {name: KINDS[name].api_version for name in sorted(kinds)},
        "guards": _guards(plan, policy),
        "objects": [_object(one) for one in objects],
        "requests": _requests(plan),
        "private": list(private_requests(plan.steps, desired.entries)),
    }


def _requests(plan: Plan) -> list[Json]:
    """Return the requests that may be shown, in the order of the plan."""
    actions = {c.address: c.action for c in plan.changes if not c.is_private}
    return [request(s, actions[s.address]) for s in plan.steps if not s.private]


def request(step: Step, action: Action) -> dict[str, Json]:
    """Return one request: exactly what is sent, and what must read back."""
    told: dict[str, Json] = {
        "id": step.id,
        "address": step.address,
        "action": action.value,
        "kind": step.kind,
        "method": step.verb.value,
        "resource": step.resource.text,
        "body": None if step.body is None else without_secrets(step.resource, step.body),
        "after": sorted(step.after),
        "readsBack": without_secrets(step.resource, step.wanted),
    }
    if step.pending:
        told["pending"] = {
            name: {"resource": source.target.text, "field": source.field}
            for name, source in step.pending.items()
        }
    if step.action:
        told["operation"] = step.action
    if step.takes_over:
        told["keepsTheRest"] = True
    return told


def _object(one: Witness) -> dict[str, Json]:
    """Return a live object; what is only needed is told apart from what is written to."""
    return {
        "id": one.id.text,
        "kind": one.kind,
        "use": "written" if one.written else "needed",
        "digest": one.digest,
        "state": one.state,
    }


def _guards(plan: Plan, policy: Policy) -> dict[str, Json]:
    """Return each limit with the figure that it was compared with."""
    lost = losses(plan.changes, plan.changes)
    return {
        "maxDeletes": {"limit": policy.max_deletes, "counted": lost.deletes},
        "maxReplaces": {"limit": policy.max_replaces, "counted": lost.replaces},
        "maxDeletePercent": {"limit": policy.max_delete_percent, "counted": lost.percent},
        "maxAddressRemovePercent": {"limit": policy.max_address_remove_percent},
        "prune": policy.prune,
    }


def private_requests(
    steps: Sequence[Step], lists: Sequence[DesiredEntries]
) -> list[dict[str, Json]]:
    """Return private requests as numbers, with a digest that only the key can make again."""
    keys = {one.address: one.contents.key for one in lists if one.contents is not None}
    groups: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for step in steps:
        if step.private:
            groups[step.address, step.verb.value].append([step.resource.folded, step.body])
    return [
        {
            "address": address,
            "method": method,
            "requests": len(found),
            "digest": keyed_digest(keys[address], found),
        }
        for (address, method), found in sorted(groups.items())
    ]


@dataclass(frozen=True, slots=True)
class Moved:
    """A live object that is not as the file has it."""

    index: int
    """Its place in the file's list of objects."""
    id: ResourceId
    moves: tuple[Move, ...]
    settled: bool
    """Whether the specs ask for nothing more there, as after the plan was applied."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A request of the file that the plan made anew does not have."""

    index: int
    """Its place in the file's list."""
    address: str
    reason: str
    private: bool = False
    by_azure: bool = True
    """Whether something in Azure explains it; otherwise the file was not made by this plan."""


@dataclass(frozen=True, slots=True)
class Held:
    """What became of the promise."""

    plan: Plan
    """Exactly what the file lists, made anew; to be applied only if nothing is broken."""
    moved: tuple[Moved, ...] = ()
    broken: tuple[Broken, ...] = ()
    strangers: tuple[str, ...] = field(default=())
    """Addresses that would change now, and that the file does not list: they are left alone."""


def held(
    content: Document, fresh: Plan, desired: DesiredState, observed: ObservedState, policy: Policy
) -> Held:
    """Hold what a file says against a plan that was just made from the same specs.

    Args:
        content: see `content_of`; it has been compared with its schema.
        fresh: the plan made anew, complete.
        desired: what it was made from.
        observed: what it was made from.
        policy: the limits, which hold for what the file lists.
    """
    moved = tuple(_moved(entries(content["objects"]), fresh, observed))
    requests = entries(content["requests"])
    promised = {str(told["id"]) for told in requests}
    private = entries(content["private"])
    groups = {(told["address"], told["method"]) for told in private}
    broken = () if moved else (*_broken(requests, fresh), *_leaked(private, fresh, desired))
    steps = tuple(
        _standing(step, fresh, observed)
        for step in fresh.steps
        if (step.id in promised if not step.private else (step.address, step.verb.value) in groups)
    )
    addresses = {step.address for step in steps}
    changes = tuple(c for c in fresh.changes if c.address in addresses)
    strangers = sorted(
        {c.address for c in fresh.changes if c.action is not Action.NONE} - addresses
    )
    limits = breaches(policy, losses(changes, fresh.changes))
    of_lists = (b for b in fresh.breaches if b.guard == ADDRESS_GUARD)
    plan = replace(fresh, changes=changes, steps=steps, breaches=(*limits, *of_lists))
    return Held(plan, moved, broken, tuple(strangers))


def _moved(objects: Sequence[Document], fresh: Plan, observed: ObservedState) -> Iterator[Moved]:
    """Yield each object of the file that is not in Azure as the file has it."""
    settled = {change.id for change in fresh.changes if change.action is Action.NONE}
    for index, told in enumerate(objects):
        id_ = ResourceId(str(told["id"]))
        state = told["state"]
        before = as_object(state) if state is not None else None
        now = state_of(observed.resources.get(id_), written=told["use"] == "written")
        moves = moves_between(before, now)
        if moves:
            yield Moved(index, id_, moves, id_ in settled)


def _broken(requests: Sequence[Document], fresh: Plan) -> Iterator[Broken]:
    """Yield each request of the file that is not, word for word, one of the fresh plan."""
    changes = {c.address: c for c in fresh.changes if not c.is_private}
    steps = {step.id: step for step in fresh.steps if not step.private}
    for index, told in enumerate(requests):
        address = str(told["address"])
        change, step = changes.get(address), steps.get(str(told["id"]))
        if change is None or step is None:
            yield _gone(index, told, change)
            continue
        now = request(step, change.action)
        differs = sorted(
            name for name in now.keys() | told.keys() if now.get(name) != told.get(name)
        )
        if differs == ["after"]:
            why = "it would have to wait for a request that is not in the file"
            yield Broken(index, address, why)
        elif differs:
            what = f"its {', '.join(differs)} is not what the specs ask for"
            yield Broken(index, address, what, by_azure=False)


def _gone(index: int, told: Document, change: Change | None) -> Broken:
    """Return why a request is not in the fresh plan."""
    address = str(told["address"])
    if change is not None and told.get("operation") == INITIATE:
        asked = as_object(told["body"]).get(CHECK_FIELD)
        for check in change.checks:
            if check.check == asked:
                return Broken(index, address, f"{asked} is to {check.next} now: {check.why}")
    if change is not None and change.block is not None:
        return Broken(index, address, f"it is refused now: {change.reason}")
    return Broken(index, address, "the specs do not ask for it", by_azure=False)


def _leaked(private: Sequence[Document], fresh: Plan, desired: DesiredState) -> Iterator[Broken]:
    """Yield each group of private requests that is not the one of the fresh plan."""
    now = {
        (told["address"], told["method"]): told
        for told in private_requests(fresh.steps, desired.entries)
    }
    for index, told in enumerate(private):
        if now.get((told["address"], told["method"])) != told:
            why = "the addresses to write are not those that were planned, or the key is another"
            yield Broken(index, str(told["address"]), why, private=True)


def _standing(step: Step, fresh: Plan, observed: ObservedState) -> Step:
    """Return a step that looks once more at what it needs before it writes.

    What the plan itself writes to is looked at by its own step.
    """
    written = {other.resource for other in fresh.steps}
    relies_on = tuple(
        live
        for change in fresh.changes
        if change.address == step.address
        for live in needed(change, observed)
        if live.id not in written and KINDS[live.kind] is not RESOURCE_GROUP
    )
    return replace(step, relies_on=relies_on)
