"""The shape of a row in the table of kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from reconciler.kinds.fields import FieldShape
from reconciler.model.ids import ResourceId
from reconciler.model.resource import Severity
from reconciler.model.value import ABSENT, OBJECT, Absent, Body, Json


class Field(NamedTuple):
    """A field that can be wanted."""

    name: str
    """Its name in the spec and in a plan."""
    path: tuple[str, ...]
    """Where it sits in ARM's body."""
    shape: FieldShape
    immutable: bool = False
    """Whether another value means another resource."""
    names: str = ""
    """The collection of siblings that its value is a name of, if it is."""
    action: str = ""
    """The POST that sets it, such as ``linkNotificationHub``; empty for a field of the body."""
    fixed: Json | Absent = ABSENT
    """The one value there is: sent at creation, and not in the spec."""
    severity: Severity = Severity.MEDIUM
    """How much it matters that it has drifted."""


class Computed(NamedTuple):
    """A field that Azure gives out and nobody can want."""

    name: str
    path: tuple[str, ...]
    follows: tuple[str, ...] = ()
    """The wanted switch that makes it appear, such as ``("identity", "systemAssigned")``; empty for
    what every resource gets at creation."""
    optional: bool = False
    """Whether it appears only through something that no spec can say."""


class Operations(NamedTuple):
    """The SDK calls that write a kind, by name: the table never imports the SDK."""

    client: str
    """``communication`` or ``msi``."""
    group: str
    """The attribute of the client that holds the calls."""
    parameters: tuple[str, ...]
    """The names of the path parameters: resource group first, then one for each name."""
    create: str
    update: str
    """Empty where there is no PATCH: an update is then a PUT of what is live, with the changes."""
    delete: str
    """Empty for what is never deleted."""


def _as_written(_name: str, values: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the values as they are: the spec has one form only."""
    return values


def named_like_itself(name: str, values: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the values with a username: the resource's name unless the spec says otherwise.

    A sender's username must equal its name ignoring case
    (https://github.com/Azure/azure-service-operator/pull/5263); an SMTP username need not.
    """
    return {"username": name, **values}


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A kind of resource, whole. There is one of each: only a kind itself equals it."""

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
    parent: str = ""
    """The kind that it is nested in, in ARM and in the spec; empty for what lies in a group."""
    expand: Callable[[str, Mapping[str, Json]], Mapping[str, Json]] = _as_written
    """Turns the forms that a spec may use into the one that ``fields`` describe.

    It is given the resource's name and its values, with references already replaced by ids."""
    fields: tuple[Field, ...] = ()
    computed: tuple[Computed, ...] = ()
    operations: Operations | None = None
    """None for a kind that is never written."""
    volatile: tuple[tuple[str, ...], ...] = ()
    """Paths of the body that change by themselves: no sign that somebody changed the resource."""
    read_only: tuple[tuple[str, ...], ...] = ()
    """Paths of the body that only Azure sets, besides those above: a PUT does not send them."""
    list_filter: str = ""
    """The ``$filter`` that a list of this kind is asked with."""
    conditional: bool = False
    """Whether Azure heeds the entity tag of a body: it takes a write only for what was read."""
    derived: bool = False
    """Whether it follows from a resource that a spec names, and stands in no spec itself."""
    one_writer: bool = False
    """Whether Azure takes only one write at a time below one parent."""
    global_name: bool = False
    """Whether its name must be free in all of Azure."""
    blocks_parent: bool = False
    """Whether the parent cannot be deleted while one of these is there."""
    made_with_parent: tuple[str, ...] = ()
    """Names that Azure makes along with the parent, so that a new parent has them already."""
    name_from: Callable[[ResourceId, Mapping[str, Json]], str] | None = None
    """Makes the name from the id (with a stand-in name) and the fields, where Azure's name is made
    up by the client; None where the spec gives the name."""
    held_by: tuple[str, ...] = ()
    """Kinds whose resources may point at one of this kind: they are read before it is deleted."""
    lost_on_replace: str = ""
    """What a replacement destroys, in words for the reviewer."""
    severity: Severity = Severity.MEDIUM
    """How much it matters that one is missing, or that there is one too many."""
    private: bool = False
    """Whether bodies and names are personal data: outputs show counts, and nothing else."""

    def field(self, name: str) -> Field:
        """Return the field of that name; KeyError if there is none."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(name)

    @property
    def depth(self) -> int:
        """How many names its id has below the resource group."""
        return self.arm_type.count("/")

    @property
    def is_extension(self) -> bool:
        """Whether it is attached to any resource, by a name that is made from its fields."""
        return self.name_from is not None

    @property
    def is_stateful(self) -> bool:
        """Whether it holds something that a new resource of the same name would not have."""
        return bool(self.lost_on_replace)

    @property
    def is_top(self) -> bool:
        """Whether a stack names it directly."""
        return bool(self.schema) and not self.parent

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
        if not isinstance(value, OBJECT) or key not in value:
            return ABSENT
        value = value[key]
    return value
