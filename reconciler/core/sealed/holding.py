"""A plan file held against a plan that was just made from the same specs.

An earlier run of the very same file may have come half the way: see
`reconciler.core.sealed.resumption`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from reconciler.core.changes.limits import ADDRESS_GUARD, breaches, losses
from reconciler.core.policy import Policy
from reconciler.core.sealed.plan_file import private_requests, request
from reconciler.core.sealed.receipt_check import holds
from reconciler.core.sealed.resumption import NO_PAST, Past, Resumed, comes_along, resumed
from reconciler.core.sealed.witness import moves_between, needed, state_of
from reconciler.core.sending.staleness import Move, without
from reconciler.kinds import KINDS, RESOURCE_GROUP
from reconciler.kinds.email import CHECK_FIELD, INITIATE
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Change, Plan, Step
from reconciler.model.resource import DesiredState, ObservedState
from reconciler.model.value import Json, as_object, entries, texts

Document = Mapping[str, Json]


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
    strangers: tuple[str, ...] = ()
    """Addresses that would change now, and that the file does not list: they are left alone."""
    done: frozenset[str] = frozenset()
    """Ids of the requests that an earlier run of the file has carried out: not sent again."""
    begun: frozenset[tuple[str, str]] = frozenset()
    """Group and mark of the private requests that earlier runs have begun."""


def held(
    content: Document,
    fresh: Plan,
    desired: DesiredState,
    observed: ObservedState,
    policy: Policy,
    past: Past = NO_PAST,
) -> Held:
    """Hold what a file says against a plan that was just made from the same specs.

    Args:
        content: see `content_of`; it has been compared with its schema.
        fresh: the plan made anew, complete.
        desired: what it was made from.
        observed: what it was made from.
        policy: the limits, which hold for what the file lists.
        past: what earlier runs of this very file have noted.
    """
    before = resumed(content, fresh, observed, past)
    moved = tuple(_moved(entries(content["objects"]), fresh, observed, before))
    requests = entries(content["requests"])
    order = {str(told["id"]): frozenset(texts(told["after"])) - before.done for told in requests}
    order = {name: after for name, after in order.items() if name not in before.done}
    private = entries(content["private"])
    groups = {(told["address"], told["method"]) for told in private}
    broken = (
        ()
        if moved
        else (
            *_broken(requests, fresh, before.done, past),
            *_leaked(private, fresh, desired, past),
        )
    )
    steps = tuple(
        replace(_standing(step, fresh, observed), after=order.get(step.id, step.after))
        for step in fresh.steps
        if (step.id in order if not step.private else (step.address, step.verb.value) in groups)
    )
    addresses = {step.address for step in steps}
    named = (c for c in fresh.changes if c.address in addresses or c.action is Action.NONE)
    changes = tuple(named)  # what stays gives others its name, where they point at it
    strangers = sorted(
        {c.address for c in fresh.changes if c.action is not Action.NONE} - addresses
    )
    limits = breaches(policy, losses(changes, fresh.changes))
    of_lists = (b for b in fresh.breaches if b.guard == ADDRESS_GUARD)
    plan = replace(fresh, changes=changes, steps=steps, breaches=(*limits, *of_lists))
    return Held(plan, moved, broken, tuple(strangers), before.done, past.private)


def _moved(
    objects: Sequence[Document], fresh: Plan, observed: ObservedState, before: Resumed
) -> Iterator[Moved]:
    """Yield each object of the file that is not in Azure as the file has it."""
    settled = {change.id for change in fresh.changes if change.action is Action.NONE}
    for index, told in enumerate(objects):
        id_ = ResourceId(str(told["id"]))
        moves = before.moves.get(id_)
        if moves is None:
            state = told["state"]
            seen = as_object(state) if state is not None else None
            now = state_of(observed.resources.get(id_), written=told["use"] == "written")
            moves = moves_between(seen, now)
        if moves:
            yield Moved(index, id_, moves, id_ in settled)


def _broken(
    requests: Sequence[Document], fresh: Plan, done: Set[str], past: Past
) -> Iterator[Broken]:
    """Yield each request of the file that is not, word for word, one of the fresh plan.

    Requests that are done are out of the question, and so is waiting for them.
    """
    changes = {c.address: c for c in fresh.changes if not c.is_private}
    steps = {step.id: step for step in fresh.steps if not step.private}
    finished = [told for told in requests if told["id"] in done]
    for index, told in enumerate(requests):
        address = str(told["address"])
        change, step = changes.get(address), steps.get(str(told["id"]))
        if told["id"] in done:
            continue
        if change is None or step is None:
            yield _gone(index, told, change)
            continue
        if told["id"] in past.read_back and told.get("operation") == INITIATE:
            yield Broken(index, address, "it was asked for by this plan, and would be once more")
            continue
        now, left = _as_promised(request(step, change.action), told, finished)
        differs = sorted(
            name for name in now.keys() | left.keys() if now.get(name) != left.get(name)
        )
        if differs == ["after"]:
            why = "it would have to wait for a request that is not in the file"
            yield Broken(index, address, why)
        elif differs:
            what = f"its {', '.join(differs)} is not what the specs ask for"
            yield Broken(index, address, what, by_azure=False)


def _as_promised(
    now: Document, told: Document, finished: Sequence[Document]
) -> tuple[Document, Document]:
    """Return a request of now and one of the file, without what finished requests explain.

    Those are not waited for any more; a resource that was made is updated and not created; and what
    it has given out is known.
    """
    done = {str(one["id"]) for one in finished}
    written = {ResourceId(str(one["resource"])) for one in finished}
    now = {**now, **_values_known(now, told, written)}
    order = sorted(set(texts(told["after"])) - done)
    told = {**told, "after": order}
    if done and set(texts(now["after"])) <= set(order):
        now["after"] = order  # it waits for all that the file says: see `held`
    came_along = comes_along(told, written)
    if came_along and now["readsBack"] == told["readsBack"] and holds(now["body"], told["body"]):
        now["body"] = told["body"]
    if came_along or any(one["address"] == told["address"] for one in finished):
        now["action"] = told["action"]
    return now, told


def _values_known(now: Document, told: Document, written: Set[ResourceId]) -> dict[str, Json]:
    """Return what differs in a request of now because values that were pending are known."""
    pending, kind = as_object(told.get("pending")), KINDS[str(told["kind"])]
    known = {
        name: source
        for name, source in pending.items()
        if name not in as_object(now.get("pending"))
        and ResourceId(str(as_object(source)["resource"])) in written
    }
    if not known:
        return {}
    body, reads = as_object(now["body"]), as_object(now["readsBack"])
    changed: dict[str, Json] = {
        "pending": {**as_object(now.get("pending")), **known},
        "body": without(body, (kind.field(name).path for name in known)),
        "readsBack": {name: value for name, value in reads.items() if name not in known},
    }
    if kind.name_from is not None:
        changed["resource"] = told["resource"]
    return changed


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


def _leaked(
    private: Sequence[Document], fresh: Plan, desired: DesiredState, past: Past
) -> Iterator[Broken]:
    """Yield each group of private requests that is not the one of the fresh plan.

    What earlier runs of the file have begun and is not planned any more has been done by them.
    """
    now = {
        (told["address"], told["method"]): told
        for told in private_requests(fresh.steps, desired.entries, past.private)
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
