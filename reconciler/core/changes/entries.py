"""What a list of private addresses lacks, and what it has too much of.

Addresses are compared, never names: an entry that was made in the portal, or under an earlier key,
is taken for ours. What has not been read is neither added to nor removed from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reconciler.core.changes.limits import entry_breach
from reconciler.core.changes.privacy import entry_name, keyed_hash
from reconciler.core.changes.steps import put_at
from reconciler.core.policy import Policy
from reconciler.kinds.kind import lookup
from reconciler.kinds.suppression_list_address import SUPPRESSION_LIST_ADDRESS, folded_address
from reconciler.model.entries import DesiredEntries, ObservedEntries
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Block, Breach, Change, Step, Verb
from reconciler.model.resource import DesiredState, ObservedState
from reconciler.model.value import Body, Json

KIND = SUPPRESSION_LIST_ADDRESS
SEGMENT = KIND.arm_type.rpartition("/")[2]
EMAIL = KIND.field("email").path


@dataclass(frozen=True, slots=True)
class Entries:
    """What the plan says of private entries."""

    changes: tuple[Change, ...] = ()
    steps: tuple[Step, ...] = ()
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What a list has too little and too much."""

    missing: Mapping[ResourceId, str] = field(default_factory=dict, repr=False)
    """New entries by the id that they will have, with their addresses as they are written."""
    surplus: Mapping[ResourceId, Body] = field(default_factory=dict, repr=False)
    unknown: int = 0
    """Hashes whose address is neither on the list nor in the file."""
    unclear: int = 0
    """Live entries without an address that can be read."""


def difference(wanted: DesiredEntries, bodies: Mapping[ResourceId, Body]) -> Difference:
    """Return what a list lacks, and what it has too much of.

    Args:
        wanted: with its contents.
        bodies: every live entry of the list.
    """
    contents = wanted.contents
    assert contents is not None, "what was not read is not compared"
    live = {id_: _email(body) for id_, body in bodies.items()}
    there = {address for address in live.values() if address}
    taken = {id_.name.lower() for id_ in bodies}
    missing = {
        _new_id(wanted, address, taken): spelling
        for address, spelling in contents.addresses.items()
        if address not in there
    }
    hashed = {a: keyed_hash(contents.key, a) for a in there} if wanted.hashes else {}
    named = {keyed_hash(contents.key, a) for a in contents.addresses} if wanted.hashes else set()
    kept = contents.addresses.keys() | {a for a, h in hashed.items() if h in wanted.hashes}
    surplus = {id_: bodies[id_] for id_, a in live.items() if a and a not in kept}
    return Difference(
        missing,
        surplus if wanted.exact else {},
        len(wanted.hashes - set(hashed.values()) - named),
        sum(not address for address in live.values()),
    )


def plan_entries(
    desired: DesiredState,
    observed: ObservedState,
    changes: Iterable[Change],
    steps: Iterable[Step],
    policy: Policy,
) -> Entries:
    """Return what happens to the private entries of all lists.

    Args:
        desired: what is wanted.
        observed: what there is.
        changes: what happens to the resources, the lists among them.
        steps: the requests for that.
        policy: the limits.
    """
    if not desired.entries:
        return Entries()
    lists = {change.id: change for change in changes}
    made = {step.resource: step.id for step in steps if step.verb is Verb.PUT}
    found = [
        _of_list(wanted, observed, lists[wanted.list], made.get(wanted.list, ""), policy)
        for wanted in desired.entries
        if wanted.list in lists
    ]
    return Entries(
        tuple(change for entries in found for change in entries.changes),
        tuple(step for entries in found for step in entries.steps),
        tuple(breach for entries in found for breach in entries.breaches),
    )


def _of_list(
    wanted: DesiredEntries, observed: ObservedState, above: Change, made_by: str, policy: Policy
) -> Entries:
    """Return what happens to the entries of one list."""
    if above.action in (Action.BLOCKED, Action.DELETE):
        return Entries()
    anew = above.action in (Action.CREATE, Action.REPLACE)
    read = ObservedEntries() if anew else observed.entries.get(wanted.list)
    if wanted.contents is None or read is None or read.failure is not None:
        why = read.failure.code if read is not None and read.failure is not None else "not read"
        return Entries((_blocked(wanted, Block.UNREADABLE, f"could not be read: {why}"),))
    if wanted.exact and wanted.file and not wanted.contents.addresses:
        reason = "the file has no address, and an empty file removes nobody"
        return Entries((_blocked(wanted, Block.REFUSED, reason, f"mend `{wanted.file}`"),))
    found = difference(wanted, read.bodies)
    if found.unknown:
        return Entries((_unknown(wanted, found.unknown),))
    after = frozenset({made_by} if anew else ())
    adding = tuple(_adding(wanted, found.missing, after))
    removing = tuple(_removing(wanted, found.surplus))
    changes = []
    if adding:
        reason = "not on the list yet"
        changes.append(_change(wanted, Action.CREATE, reason, entries=len(adding)))
    if removing:
        reason = "neither in the file nor among the hashes, and `exact` is true"
        notes = ["these people would get mail from this sender again"]
        if found.unclear:
            notes.append(f"{found.unclear} more have no address that can be read, and stay")
        change = _change(wanted, Action.DELETE, reason, entries=len(removing))
        changes.append(replace(change, notes=tuple(notes)))
    breach = entry_breach(policy, wanted.address, len(removing), len(read.bodies))
    return Entries(tuple(changes), (*adding, *removing), (breach,) if breach else ())


def _adding(
    wanted: DesiredEntries, missing: Mapping[ResourceId, str], after: frozenset[str]
) -> Iterator[Step]:
    """Yield a PUT for each missing address."""
    for number, id_ in enumerate(sorted(missing), 1):
        body: dict[str, Json] = {}
        put_at(body, EMAIL, missing[id_])
        step = _step(wanted, Verb.PUT, number, id_)
        yield replace(step, body=body, after=after, wanted={"email": missing[id_]})


def _removing(wanted: DesiredEntries, surplus: Mapping[ResourceId, Body]) -> Iterator[Step]:
    """Yield a DELETE for each surplus entry."""
    for number, id_ in enumerate(sorted(surplus), 1):
        yield replace(_step(wanted, Verb.DELETE, number, id_), expects=surplus[id_])


def _step(wanted: DesiredEntries, verb: Verb, number: int, id_: ResourceId) -> Step:
    """Return one request, named by a number: the name of an entry may tell whose it is."""
    return Step(
        id=f"{verb} {wanted.address}#{number}",
        verb=verb,
        address=wanted.address,
        resource=id_,
        kind=KIND.name,
        body=None,
        after=frozenset(),
        expects=None,
        wanted={},
        private=True,
    )


def _email(body: Body) -> str:
    """Return the address of a live entry as it is compared, empty where there is none."""
    found = lookup(body, EMAIL)
    return folded_address(found) if isinstance(found, str) else ""


def _new_id(wanted: DesiredEntries, address: str, taken: set[str]) -> ResourceId:
    """Return the id of a new entry."""
    assert wanted.contents is not None
    name = entry_name(wanted.contents.key, wanted.list, address, taken)
    return ResourceId(f"{wanted.list}/{SEGMENT}/{name}")


def _change(wanted: DesiredEntries, action: Action, reason: str, *, entries: int = 0) -> Change:
    """Return a change of some of a list's entries: a number, and no entry."""
    return Change(
        id=ResourceId(f"{wanted.list}/{SEGMENT}"),
        kind=KIND.name,
        address=wanted.address,
        stack=wanted.stack,
        action=action,
        reason=reason,
        place=wanted.place,
        entries=entries,
    )


def _blocked(wanted: DesiredEntries, block: Block, reason: str, mend: str = "") -> Change:
    """Return a change that is not made."""
    change = _change(wanted, Action.BLOCKED, reason)
    return replace(change, block=block, intended=Action.NONE, mend=mend)


def _unknown(wanted: DesiredEntries, count: int) -> Change:
    """Return the block of hashes that stand for addresses which nobody knows here."""
    change = _blocked(
        wanted,
        Block.REFUSED,
        "given as hashes alone and not on the list: a hash cannot be turned back",
        f"add the addresses to {f'`{wanted.file}`' if wanted.file else 'a `file`'}, or take the"
        " hashes out; hashes made with another key have to be made anew",
    )
    return replace(change, intended=Action.CREATE, entries=count)


def absent_ids(wanted: DesiredEntries, bodies: Mapping[ResourceId, Body]) -> Iterator[ResourceId]:
    """Yield the ids of entries that a list should have under our own names and does not show."""
    if wanted.contents is not None:
        yield from difference(wanted, bodies).missing
