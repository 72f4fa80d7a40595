"""The live objects that a plan stands on: those it writes to, and those that it needs as they are.

Each is known by its *state*: the body without what changes by itself, ids in lower case, and what
looks like a secret as a digest. Two equal states mean that nothing happened to the object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.core.changes.diff import differences
from reconciler.core.changes.privacy import names_a_secret
from reconciler.core.sealed.canonical import digest
from reconciler.core.sending.staleness import Move, stable_body
from reconciler.kinds import KINDS, RESOURCE_GROUP
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Change, Plan
from reconciler.model.resource import ObservedResource, ObservedState
from reconciler.model.value import Body, Json

State: TypeAlias = "Mapping[str, Json] | None"
"""What there is of an object; None where there is no such object."""

WITHHELD = "withheld "
"""What stands for a secret begins with this word, and is not digested twice."""


@dataclass(frozen=True, slots=True)
class Witness:
    """One live object, as a plan has seen it."""

    id: ResourceId
    kind: str
    written: bool
    """Whether the plan writes to it; otherwise it is needed as it is."""
    state: State

    @property
    def digest(self) -> str:
        """What stands for the state."""
        return digest(self.state)


def witnesses(plan: Plan, observed: ObservedState) -> tuple[Witness, ...]:
    """Return every object that ``plan`` writes to or needs, sorted by id; none that is private.

    Args:
        plan: the plan.
        observed: what it was made from.
    """
    written = {step.resource: step.kind for step in plan.steps if not step.private}
    found = {
        id_: Witness(id_, kind, written=True, state=written_state(observed.resources.get(id_)))
        for id_, kind in written.items()
    }
    for change in plan.changes:
        for live in needed(change, observed):
            state = needed_state(live)
            found.setdefault(live.id, Witness(live.id, live.kind, written=False, state=state))
    return tuple(found[id_] for id_ in sorted(found))


def needed(change: Change, observed: ObservedState) -> Iterator[ObservedResource]:
    """Yield the live objects that a change needs as they are, by id; its own is not one."""
    if not change.action.writes:
        return
    near = {change.id.parent, change.id.scope if KINDS[change.kind].is_extension else None}
    if change.is_private:  # its id is that of a collection: what counts is the list above
        near = {ResourceId(change.id.text.rpartition("/")[0])}
    if change.desired is not None:
        near |= change.desired.needs
    ids: set[ResourceId] = set()
    for one in near:
        above = one
        while above is not None:
            ids.add(above)
            above = above.parent
    yield from (observed.resources[id_] for id_ in sorted(ids & observed.resources.keys()))


def state_of(live: ObservedResource | None, *, written: bool) -> State:
    """Return the state of an object that a plan writes to, or needs."""
    return written_state(live) if written else needed_state(live)


def written_state(live: ObservedResource | None) -> State:
    """Return the state of an object that is written to."""
    return (
        None if live is None else without_secrets(live.id, stable_body(KINDS[live.kind], live.body))
    )


def needed_state(live: ObservedResource | None) -> State:
    """Return the state of an object that is needed; of a resource group only that it is there."""
    if live is not None and KINDS[live.kind] is RESOURCE_GROUP:
        return {}
    return written_state(live)


def moves_between(before: State, after: State) -> tuple[Move, ...]:
    """Return what differs between two states: fields, or the object as a whole (an empty path)."""
    if before is None or after is None:
        words = ["absent" if state is None else "there" for state in (before, after)]
        return () if before is after else (((), words[0], words[1]),)
    return tuple(differences(before, after))


def without_secrets(place: ResourceId, body: Body) -> dict[str, Json]:
    """Return a body in which what looks like a secret is a digest, salted with where it is."""
    return {name: _kept(f"{place.folded}/{name}", name, value) for name, value in body.items()}


def _kept(place: str, name: str, value: Json) -> Json:
    """Return a member as it may be kept."""
    if isinstance(value, Mapping):
        return {key: _kept(f"{place}/{key}", key, inner) for key, inner in value.items()}
    if isinstance(value, str) and names_a_secret(name) and not value.startswith(WITHHELD):
        return f"{WITHHELD}{digest([place, value])}"
    return value
