"""The shape of a row in the table of kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.kinds.fields import FieldShape
from reconciler.model.ids import ResourceId
from reconciler.model.value import ABSENT, Absent, Body, Json


@dataclass(frozen=True, slots=True)
class Field:
    """A field that can be wanted."""

    name: str
    """Its name in the spec and in a plan."""
    path: tuple[str, ...]
    """Where it sits in ARM's body."""
    shape: FieldShape
    immutable: bool = False
    """Whether another value means another resource."""
    fixed: Json | Absent = ABSENT
    """The one value there is: sent at creation, and not in the spec."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A field that Azure gives out and nobody can want."""

    name: str
    path: tuple[str, ...]
    follows: tuple[str, ...] = ()
    """The wanted switch that makes it appear, such as ``("identity", "systemAssigned")``; empty for
    what every resource gets at creation."""
    optional: bool = False
    """Whether it appears only through something that no spec can say."""


@dataclass(frozen=True, slots=True)
class Operations:
    """The SDK calls that write a kind, by name: the table never imports the SDK."""

    client: str
    """``communication`` or ``msi``."""
    group: str
    """The attribute of the client that holds the calls."""
    parameters: tuple[str, ...]
    """The names of the path parameters: resource group first, then one for each name."""
    create: str
    update: str
    delete: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource, whole."""

    name: str
    arm_type: str
    collection: str
    """The key of a stack that holds resources of this kind."""
    api_version: str
    """Pinned, so that a new SDK cannot change a plan."""
    schema: str
    """The name of its JSON Schema; empty for a kind that is only referred to."""
    source: str
    """The page that documents it."""
    fields: tuple[Field, ...] = ()
    computed: tuple[Computed, ...] = ()
    operations: Operations | None = None
    """None for a kind that is never written."""
    volatile: tuple[tuple[str, ...], ...] = ()
    """Paths of the body that change by themselves: no sign that somebody changed the resource."""
    held_by: tuple[str, ...] = ()
    """Kinds whose resources may point at one of this kind: they are read before it is deleted."""
    lost_on_replace: str = ""
    """What a replacement destroys, in words for the reviewer."""

    def field(self, name: str) -> Field:
        """Return the field of that name; KeyError if there is none."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(name)

    @property
    def writable(self) -> Iterator[Field]:
        """The fields that a spec may hold."""
        return (f for f in self.fields if f.fixed is ABSENT)

    def references(self, body: Body) -> Iterator[ResourceId]:
        """Yield the ids that a body of this kind points at."""
        for candidate in self.fields:
            for text in candidate.shape.references(lookup(body, candidate.path)):
                if text.startswith("/subscriptions/") and not text.endswith("/"):
                    yield ResourceId(text)


def lookup(body: Body, path: tuple[str, ...]) -> Json | Absent:
    """Return the value at ``path`` in ``body``, or ABSENT."""
    value: Json = body
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return ABSENT
        value = value[key]
    return value
