"""What a spec would have to say so that a difference between it and Azure is none.

The result is a list of small edits in the words of the spec. Where they are written, and whether
they can be, is for others to find out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from reconciler.core.drifted.accepted_credential import credential_edits
from reconciler.core.specs.ownership import OWNER_TAG, unmarked
from reconciler.core.specs.substitution import escape
from reconciler.kinds import KINDS
from reconciler.kinds.fields import IdSet, ManagedIdentity, Tags, fallbacks
from reconciler.kinds.kind import Kind, lookup
from reconciler.model.edit import NotSayable, SpecEdit, appended, removed, written
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Change, FieldChange
from reconciler.model.source import Place
from reconciler.model.value import ABSENT, Absent, Json, Path, Pending, as_object


class Words(Protocol):
    """How values of Azure are written in one stack."""

    def value(self, kind: Kind, field: str, value: Json) -> Json:
        """Return a value as a person would write it."""

    def reference(self, text: str) -> str:
        """Return what stands for an ARM id."""

    def target(self, text: str) -> ResourceId | None:
        """Return the id that a written text stands for."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource with drift, as its spec has it."""

    change: Change
    place: Path
    """Where its values stand in the stack."""
    values: Mapping[str, Json]
    shared_tags: Mapping[str, Json]
    """The tags of the stack, which are under its own."""
    words: Words

    @property
    def kind(self) -> Kind:
        """The row of the table."""
        return KINDS[self.change.kind]

    def live(self, field: str) -> Json | Absent:
        """Return a field as Azure has it, in the form that a spec has."""
        row = self.kind.field(field)
        body = self.change.observed.body if self.change.observed is not None else {}
        return row.shape.to_spec(lookup(body, row.path))


def place_of_values(place: Place) -> Path:
    """Return where the values of a resource stand, from the place of its name."""
    return place.path[:-1] if place.path[1] == "resourceGroup" else place.path


def differing(change: Change) -> tuple[FieldChange, ...]:
    """Return what differs from the spec; what Azure gives out, and the tool's mark, are not."""
    known = {field.name for field in KINDS[change.kind].fields}
    return tuple(
        field
        for field in change.fields
        if field.path[0] in known
        and not isinstance(field.after, Pending)
        and field.path != ("tags", OWNER_TAG)
    )


def edits_for(resource: Resource) -> Iterator[SpecEdit | NotSayable]:
    """Yield the edits that make a spec say what Azure has."""
    fields = differing(resource.change)
    if resource.kind.name == "FederatedIdentityCredential":
        if fields:
            live = {name: resource.live(name) for name in ("issuer", "subject", "audiences")}
            yield from credential_edits(resource.place, resource.values, live)
        return
    for name, group in groupby(fields, key=lambda field: field.path[0]):
        yield from _field(resource, name, tuple(group))


def _field(
    resource: Resource, name: str, changes: tuple[FieldChange, ...]
) -> Iterator[SpecEdit | NotSayable]:
    """Yield the edits for one field."""
    match resource.kind.field(name).shape:
        case Tags():
            yield from _tags(resource, changes)
        case IdSet():
            value = resource.values.get(name)
            below = ("include",) if isinstance(value, Mapping) else ()
            yield from _members(resource, (name, *below), changes)
        case ManagedIdentity():
            yield from _identity(resource, changes)
        case _ if resource.kind.name == "RoleAssignment":
            yield from _assignment(resource, changes[0])
        case _:
            yield from _scalar(resource, changes[0])


def _scalar(resource: Resource, change: FieldChange) -> Iterator[SpecEdit]:
    """Yield the edit of a single value; what Azure does not have leaves the spec."""
    name = change.path[0]
    if change.before is ABSENT:
        yield removed(change.path, (*resource.place, name))
    else:
        assert not isinstance(change.before, Absent)
        value = resource.words.value(resource.kind, name, change.before)
        yield written(change.path, (*resource.place, name), value)


def _assignment(resource: Resource, change: FieldChange) -> Iterator[SpecEdit | NotSayable]:
    """Yield the edit of a role assignment, which has words of its own."""
    match change.path[0]:
        case "principalType" if isinstance(resource.values.get("principal"), Mapping):
            assert not isinstance(change.before, Absent)
            yield written(change.path, (*resource.place, "principal", "type"), change.before)
        case "principalType" | "conditionVersion" as name:
            yield NotSayable(change.path, resource.place, f"a spec does not say the `{name}`")
        case _:
            yield from _scalar(resource, change)


def _tags(resource: Resource, changes: Iterable[FieldChange]) -> Iterator[SpecEdit]:
    """Yield the edits of tags; what the stack says for all its resources is overridden here."""
    place, own = (*resource.place, "tags"), resource.values.get("tags", {})
    if own is None:
        live = unmarked(as_object(_present(resource.live("tags"))))
        folded = {key.lower() for key in live}
        gone = {key: None for key in resource.shared_tags if key.lower() not in folded}
        value = resource.words.value(resource.kind, "tags", {**live, **gone})
        yield written(("tags",), place, value)
        return
    spelling = {key.lower(): key for key in as_object(own)}
    shared = {key.lower() for key in resource.shared_tags}
    for change in changes:
        key = change.path[-1]
        at = (*place, spelling.get(key.lower(), escape(key)))
        if change.before is not ABSENT:
            value = resource.words.value(resource.kind, "tags", _present(change.before))
            yield written(change.path, at, value)
        elif key.lower() in shared:
            yield written(change.path, at, None)
        else:
            yield removed(change.path, at)


def _members(
    resource: Resource, below: tuple[str, ...], changes: Iterable[FieldChange]
) -> Iterator[SpecEdit]:
    """Yield the edits of a list of ids."""
    changes, place = tuple(changes), (*resource.place, *below)
    listed: Json = resource.values
    for key in below:
        listed = as_object(listed).get(key)
    more = [resource.words.reference(c.path[-1]) for c in changes if c.before is not ABSENT]
    if not isinstance(listed, list):
        yield written(changes[0].path[:-1], place, more)
        return
    if fallbacks(listed):  # whom they would stand in for may be gone
        live = _list(_present(resource.live(below[0])))
        linked: Json = [resource.words.reference(str(text)) for text in live]
        yield written(changes[0].path[:-1], place, linked)
        return
    for change in changes:
        if change.before is not ABSENT:
            yield appended(change.path, place, resource.words.reference(change.path[-1]))
        for index, text in enumerate(listed if change.before is ABSENT else ()):
            if resource.words.target(str(text)) == ResourceId(change.path[-1]):
                yield removed(change.path, (*place, index))


def _identity(resource: Resource, changes: tuple[FieldChange, ...]) -> Iterator[SpecEdit]:
    """Yield the edits of the identity block, in whichever form it is written."""
    place, block = (*resource.place, "identity"), resource.values.get("identity")
    live = as_object(_present(resource.live("identity")))
    users = [resource.words.reference(str(user)) for user in _list(live.get("userAssigned"))]
    if not isinstance(block, Mapping):
        both: Json = {"systemAssigned": live.get("systemAssigned") is True, "userAssigned": users}
        yield written(("identity",), place, both)
    elif "type" in block:
        yield from _azure_identity(resource, block, live, changes)
    else:
        for change in changes:
            if change.path[1] == "systemAssigned":
                at = (*place, "systemAssigned")
                yield written(change.path, at, live.get("systemAssigned") is True)
        members = [change for change in changes if change.path[1] == "userAssigned"]
        if members:
            yield from _members(resource, ("identity", "userAssigned"), members)


def _azure_identity(
    resource: Resource,
    block: Mapping[str, Json],
    live: Mapping[str, Json],
    changes: tuple[FieldChange, ...],
) -> Iterator[SpecEdit]:
    """Yield the edits of Azure's own form."""
    place, users = (*resource.place, "identity"), [str(u) for u in _list(live.get("userAssigned"))]
    kinds = ["SystemAssigned"] * (live.get("systemAssigned") is True)
    kinds += ["UserAssigned"] * bool(users)
    said = {part.strip() for part in str(block["type"]).split(",")}
    if said - {"None"} != set(kinds):
        yield written(("identity",), (*place, "type"), ",".join(kinds) or "None")
    map_ = as_object(block.get("userAssignedIdentities"))
    keys = {resource.words.target(key): key for key in map_}
    for change in changes:
        if change.path[1] != "userAssigned":
            continue
        target = ResourceId(change.path[-1])
        key = keys.get(target) or resource.words.reference(change.path[-1])
        at = (*place, "userAssignedIdentities", key)
        if change.before is ABSENT:
            yield removed(change.path, at)
        else:
            yield written(change.path, at, {})


def _present(value: Json | Absent) -> Json:
    return None if isinstance(value, Absent) else value


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
