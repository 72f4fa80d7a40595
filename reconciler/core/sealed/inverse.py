"""The way back from what a run did, as a desired state of its own: what was live before it.

Only what the run changed is in it, so that what others did since stays. Azure cannot take all of it
back: what cannot be undone is named, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.core.changes.diff import field_changes
from reconciler.core.sealed.witness import WITHHELD
from reconciler.core.specs.ownership import owner
from reconciler.kinds import BY_ARM_TYPE, KINDS, RESOURCE_GROUP
from reconciler.kinds.fields import ManagedIdentity, Tags
from reconciler.kinds.kind import Field, Kind, lookup
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Plan
from reconciler.model.resource import (
    DesiredResource,
    DesiredState,
    Lifecycle,
    Presence,
    Protection,
)
from reconciler.model.value import ABSENT, Absent, Body, Json, as_object, entries

UNLOCKED = Lifecycle(prevent_delete=Protection(on=False), prevent_replace=Protection(on=True))
"""What the run has made may be deleted; nothing may be replaced."""

REASONS: Mapping[Action, str] = {
    Action.CREATE: "deleted by the run",
    Action.UPDATE: "changed by the run",
    Action.ADOPT: "changed by the run",
    Action.DELETE: "made by the run",
}
"""Why each change of a way back is made."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """The way back."""

    desired: DesiredState
    impossible: tuple[tuple[str, str], ...] = ()
    """What cannot be undone: the address, and why."""


class _Way:
    """The way back, while it is worked out."""

    def __init__(self, made: frozenset[ResourceId]) -> None:
        """Begin with nothing; ``made`` is what the run has made, with all that is nested in it."""
        self.made = made
        self.resources: dict[ResourceId, DesiredResource] = {}
        self.impossible: list[tuple[str, str]] = []


def undoing(content: Mapping[str, Json]) -> Undoing:
    """Return the way back from what a receipt tells.

    Args:
        content: of a receipt that fits.
    """
    done = [told for told in entries(content["requests"]) if told["result"] == "done"]
    way = _Way(
        frozenset(
            _id_of(told)
            for told in done
            if told["before"] is None and as_object(told["planned"])["method"] == "PUT"
        )
    )
    for told in done:
        _undo(told, way)
    for private in entries(content["private"]):
        why = "who was added to a list or taken off it is in the file of addresses: change that"
        way.impossible.append((str(private["address"]), why))
    for resource in list(way.resources.values()):
        for above in _surroundings(resource.id):
            way.resources.setdefault(above.id, above)
    ordered = sorted(way.resources.values(), key=lambda r: (r.address, r.id))
    environment = content["environment"]
    desired = DesiredState(
        tuple(ordered), environment=environment if isinstance(environment, str) else ""
    )
    return Undoing(desired, tuple(sorted(set(way.impossible))))


def in_words(plan: Plan) -> Plan:
    """Return a plan that leads back, with reasons that speak of the run instead of a spec."""
    changes = tuple(replace(c, reason=REASONS.get(c.action, c.reason)) for c in plan.changes)
    return replace(plan, changes=changes)


def _id_of(told: Mapping[str, Json]) -> ResourceId:
    """Return the id that a request was sent to."""
    filled = as_object(told.get("filled"))
    return ResourceId(str((filled or as_object(told["planned"]))["resource"]))


def _undo(told: Mapping[str, Json], way: _Way) -> None:
    """Add what takes one request back, or why nothing does."""
    planned, before = as_object(told["planned"]), told["before"]
    address, kind = str(planned["address"]), KINDS[str(planned["kind"])]
    reason = _impossible(planned, kind)
    if reason:
        way.impossible.append((address, reason))
    elif planned["method"] == "DELETE":
        _restore(told, kind, way)
    elif before is None:
        _unmake(told, kind, way)
    else:
        _put_back(told, kind, as_object(before), way)


def _impossible(planned: Mapping[str, Json], kind: Kind) -> str:
    """Return why a request cannot be undone whatever was there before, empty if it may be."""
    lost = kind.lost_on_replace
    if kind.derived:
        return "it is worked out from other resources, and merged with what others keep there"
    if planned["method"] == "POST":
        return _irrevocable(str(planned["operation"]))
    if planned["action"] == "replace":
        return f"the old resource is gone, and with it {lost or 'what it held'}"
    if planned["method"] == "DELETE" and kind.is_stateful:
        return f"it was deleted, and with it {lost}; a spec can make an empty one"
    if planned["action"] == "create" and not (kind.operations and kind.operations.delete):
        return "this kind is never deleted; whoever owns it may"
    return ""


def _irrevocable(operation: str) -> str:
    """Return why an action cannot be undone."""
    if operation == "linkNotificationHub":
        return "Azure has no way to unlink a notification hub, and shows no secret to link another"
    return f"what `{operation}` has begun cannot be taken back"


def _unmake(told: Mapping[str, Json], kind: Kind, way: _Way) -> None:
    """Add the delete of what was made, unless it goes with what it is nested in."""
    id_ = _id_of(told)
    parent = id_.parent
    if parent in way.made and not kind.blocks_parent:
        return
    # What is attached to others is known by its fields, of which its name is made.
    fields = _fields(kind, as_object(told.get("after"))) if kind.is_extension else {}
    _add(told, kind, way, fields, Presence.REMOVED)


def _restore(told: Mapping[str, Json], kind: Kind, way: _Way) -> None:
    """Add what was deleted and held nothing, with all its fields."""
    before = told["before"]
    if before is None:
        return
    _add(told, kind, way, _fields(kind, as_object(before)), Presence.MANAGED)


def _put_back(told: Mapping[str, Json], kind: Kind, before: Body, way: _Way) -> None:
    """Add what a request changed, as it was before."""
    planned = as_object(told["planned"])
    after = as_object(told.get("after"))
    wanted = as_object(as_object(told.get("filled")).get("readsBack") or planned["readsBack"])
    fields: dict[str, Json] = {}
    for name, value in wanted.items():
        found = kind.field(name)
        back = _back(found, value, before)
        if back is ABSENT or isinstance(back, Absent):
            if lookup(before, found.path) != lookup(after, found.path):
                why = f"`{name}` was not set before, and Azure keeps it once it is"
                way.impossible.append((str(planned["address"]), why))
        elif WITHHELD in str(back):
            why = f"the value that `{name}` had looks like a secret, and was not kept"
            way.impossible.append((str(planned["address"]), why))
        elif field_changes(kind, {name: back}, after):
            fields[name] = back
    if fields:
        _add(told, kind, way, fields, Presence.MANAGED)


def _back(found: Field, wanted: Json, before: Body) -> Json | Absent:
    """Return what a spec would have to say of a field for it to be as it was.

    Of tags and of the halves of an identity, only what the run managed is in it.
    """
    there = lookup(before, found.path)
    match found.shape:
        case Tags():
            tags = {k.lower(): v for k, v in as_object(there).items()}
            names = as_object(wanted) if wanted is not None else as_object(there)
            return {name: tags.get(name.lower()) for name in names}
        case ManagedIdentity():
            whole = as_object(_plain(found, there))
            halves = as_object(wanted) or {"systemAssigned": None, "userAssigned": None}
            empty: Mapping[str, Json] = {"systemAssigned": False, "userAssigned": []}
            return {half: whole.get(half, empty[half]) for half in halves}
    value = _plain(found, there)
    if value is not ABSENT and not isinstance(value, Absent):
        return value
    return ABSENT if found.shape.wanted(None) is ABSENT else None


def _plain(found: Field, there: Json | Absent) -> Json | Absent:
    """Return a live value as a spec has it; texts as they are."""
    return there if isinstance(there, str) else found.shape.to_spec(there)


def _fields(kind: Kind, state: Body) -> dict[str, Json]:
    """Return all fields that a state has, in the words of a spec."""
    found = {f.name: _plain(f, lookup(state, f.path)) for f in kind.writable if not f.action}
    return {name: value for name, value in found.items() if not isinstance(value, Absent)}


def _add(
    told: Mapping[str, Json],
    kind: Kind,
    way: _Way,
    fields: Mapping[str, Json],
    presence: Presence,
) -> None:
    """Add one resource as it is to be."""
    id_, address = _id_of(told), str(as_object(told["planned"])["address"])
    state = as_object(told.get("after") or told["before"])
    way.resources[id_] = DesiredResource(
        id=id_,
        kind=kind.name,
        address=address,
        stack=address.partition("/")[0],
        presence=presence,
        place=None,
        fields=fields,
        lifecycle=UNLOCKED,
        mark=owner(state) or "",
        needs=frozenset(above.id for above in _surroundings(id_)),
    )


def _surroundings(resource: ResourceId) -> Iterator[DesiredResource]:
    """Yield what a resource is in: it must be there, and is not written."""
    above: list[ResourceId] = []
    place = resource.parent
    while place is not None:
        above.append(place)
        place = place.parent
    if resource.group is not None and resource.group != resource:
        above.append(resource.group)
    for id_ in above:
        kind = BY_ARM_TYPE[id_.arm_type.lower()]
        name = "group" if kind is RESOURCE_GROUP else kind.collection
        yield DesiredResource(
            id=id_,
            kind=kind.name,
            address=f"{name}/{id_.name}",
            stack="",
            presence=Presence.EXISTING,
            place=None,
        )
