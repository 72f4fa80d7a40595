"""The role assignments of an export: which of them belong to it, and how a spec says them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.app.exporting.words import canonical
from reconciler.core.changes.pending import read_field
from reconciler.documents.schemas import load_schema
from reconciler.kinds import KINDS
from reconciler.kinds.role_assignment import ROLE_ASSIGNMENT
from reconciler.model.ids import ResourceId
from reconciler.model.resource import ObservedResource
from reconciler.model.value import Absent, Body, Json

LONGEST_NAME = 60
"""Characters of a name, with room for a number behind it."""


@dataclass(frozen=True, slots=True)
class ExportedRoles:
    """What becomes of the role assignments that were read."""

    entries: Mapping[str, Mapping[str, Json]]
    """By stack, then by a name of our own: what the spec says."""
    kept: tuple[ObservedResource, ...]
    """Those that the entries stand for, as they were read."""
    left_out: tuple[str, ...]
    """Those that belong to the export and that no spec can say, each with the reason."""


@dataclass(frozen=True, slots=True)
class Owned:
    """The stacks of an export, and how each refers to what is in any of them."""

    stacks: Mapping[str, Sequence[ObservedResource]]
    references: Mapping[str, Mapping[ResourceId, str]]
    """By the name of the stack that refers."""

    def principals(self) -> dict[str, ResourceId]:
        """Return the identities that can be granted something, by their principal's object id."""
        found: dict[str, ResourceId] = {}
        for members in self.stacks.values():
            for member in members:
                if any(computed.name == "principalId" for computed in KINDS[member.kind].computed):
                    text = read_field(KINDS[member.kind], member.body, "principalId")
                    if isinstance(text, str):
                        found[text.lower()] = member.id
        return found

    def places(self) -> dict[ResourceId, str]:
        """Return the stack of each resource, and of each resource group."""
        found = {member.id: stack for stack, members in self.stacks.items() for member in members}
        groups = {id_.group: stack for id_, stack in found.items() if id_.group is not None}
        return groups | found


def exported_roles(assignments: Mapping[ResourceId, Body], owned: Owned) -> ExportedRoles:
    """Return the assignments whose principal is an identity of the export, or whose scope is in it.

    An assignment goes to the stack of its principal, or else to that of its scope.

    Args:
        assignments: everything that was read, by id.
        owned: the stacks that are exported.

    """
    principals, places = owned.principals(), owned.places()
    entries: defaultdict[str, dict[str, Json]] = defaultdict(dict)
    kept: list[ObservedResource] = []
    left_out: list[str] = []
    for id_, body in sorted(assignments.items()):
        live = _Live.of(id_, body)
        holder = principals.get(live.principal.lower())
        stack = places.get(holder or live.scope) or places.get(live.scope)
        if stack is None:
            continue
        reason = live.not_sayable()
        if reason:
            left_out.append(f"the role assignment {id_}: {reason}")
            continue
        group = owned.stacks[stack][0].id.group
        entry = live.entry(holder, owned.references[stack], group)
        who = holder.name if holder else f"{live.type}-{live.principal[:8]}"
        entries[stack][_free(f"{who}-{live.role}", entries[stack])] = entry
        kept.append(ObservedResource(id_, ROLE_ASSIGNMENT.name, body))
    return ExportedRoles(entries, tuple(kept), tuple(left_out))


@dataclass(frozen=True, slots=True)
class _Live:
    """A role assignment as Azure has it, in the words of a spec; empty where it says nothing."""

    scope: ResourceId
    role: str
    principal: str
    type: str
    description: str
    condition: str
    version: str

    @classmethod
    def of(cls, id_: ResourceId, body: Body) -> _Live:
        """Read a body."""
        names = ("role", "principal", "principalType", "description", "condition")
        values = (_text(body, name) for name in (*names, "conditionVersion"))
        return cls(id_.scope or id_, *values)

    def not_sayable(self) -> str:
        """Return why no spec can say this, or nothing."""
        types = load_schema(ROLE_ASSIGNMENT.schema)["properties"]["principal"]["else"]["properties"]
        if self.type not in types["type"]["enum"]:
            return f"its principal is of the type `{self.type or 'unknown'}`"
        if self.condition and self.version != "2.0":
            return f"its condition is of version {self.version or 'unknown'}"
        return "" if self.role and self.principal else "it has no role or no principal"

    def entry(
        self,
        holder: ResourceId | None,
        references: Mapping[ResourceId, str],
        group: ResourceId | None,
    ) -> dict[str, Json]:
        """Return what a spec says of it, in a stack that refers by ``references``."""
        entry: dict[str, Json] = {"role": self.role}
        if holder is not None and self.type == "ServicePrincipal":
            entry["principal"] = references[holder]
        else:
            entry["principal"] = {"objectId": self.principal, "type": self.type}
        own = "resourceGroup" if self.scope == group else canonical(self.scope).text
        entry["scope"] = references.get(self.scope, own)
        return entry | dict(self._optional())

    def _optional(self) -> Iterator[tuple[str, Json]]:
        """Yield what not every assignment has."""
        if self.description:
            yield "description", self.description
        if self.condition:
            yield "condition", self.condition


def _text(body: Body, name: str) -> str:
    """Return a field as a spec has it, empty if there is none."""
    value = read_field(ROLE_ASSIGNMENT, body, name)
    return "" if isinstance(value, Absent) or value is None else str(value)


def _free(words: str, taken: Mapping[str, Json]) -> str:
    """Return a name made of ``words`` that no other entry of the stack has."""
    base = re.sub(r"[^a-z0-9_]+", "-", words.lower()).strip("-_")[:LONGEST_NAME].rstrip("-_")
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name
