"""How one resource type is described: a row of data, and few small functions."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.emulator.arm.call import Call
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JsonObject, Response

Action = Callable[[Call, Record], Response]
"""Answers a POST below an existing resource."""


def as_sent(value: Any) -> Any:
    """Return the value; the default of :attr:`Field.stored`."""
    return value


def accept(value: Any) -> None:
    """Raise nothing; the default of :attr:`Field.check`."""
    del value


def nothing(call: Call) -> JsonObject:
    """Return no properties; the default of :attr:`ResourceType.generated`."""
    del call
    return {}


def permit(call: Call, body: JsonObject, before: JsonObject) -> None:
    """Raise nothing; the default of :attr:`ResourceType.guard`."""
    del call, body, before


def release(call: Call, record: Record) -> None:
    """Do nothing; the default of the hooks of :class:`ResourceType` that get a record."""
    del call, record


@dataclass(frozen=True, slots=True)
class Field:
    """One member of the body which a client may send."""

    path: tuple[str, ...]
    """Its place: ``("location",)`` or ``("properties", "dataLocation")``."""
    kind: type
    """The JSON type: str, bool, int, dict or list."""
    entries: type = str
    """The JSON type of the entries of a list."""
    required: bool = False
    """Whether a PUT must have it."""
    create_only: bool = False
    """Whether it is fixed at creation; the first spelling is kept."""
    patchable: bool = False
    """Whether a PATCH may have it."""
    default: Any = None
    """What a PUT that does not send it stores; None leaves it out."""
    check: Callable[[Any], None] = accept
    """Raises the ArmError of the type for a value it refuses."""
    stored: Callable[[Any], Any] = as_sent
    """The form in which the value is kept."""

    @property
    def dotted(self) -> str:
        """The place as messages write it."""
        return ".".join(self.path)

    @invented(
        "null-members",
        "A member that is null is treated as not sent, except `identity` in a PATCH.",
    )
    def get(self, body: JsonObject) -> Any:
        """Return the value in a body; None when it is absent or null."""
        value: Any = body
        for name in self.path:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def checked(self, value: Any) -> Any:
        """Return the value as it is kept.

        Raises:
            errors.ArmError: The value has the wrong type, or the type refuses it.

        """
        fits = isinstance(value, self.kind) and (self.kind is bool or not isinstance(value, bool))
        if fits and self.kind is list:
            fits = all(isinstance(entry, self.entries) for entry in value)
        if not fits:
            message = f"'{self.dotted}' must be {_words(self.kind, self.entries)}."
            raise errors.invalid_payload(message)
        self.check(value)
        return self.stored(value)


@dataclass(frozen=True, slots=True)
class Faces:
    """The two faces of what ProviderHub passes on to the service instead of storing it.

    A PUT echoes the URL, with ``systemData``; GET and lists show id and name in lower case, a
    ``type`` without its namespace, and no ``systemData`` (recorded, azure-cli-extensions, March
    2025; azure-powershell, February 2024 and March 2025; azure-sdk-for-net, November 2023).
    """

    shown: str
    """The value of ``type`` in GET and lists."""
    segment: str
    """How the id in GET and lists spells the type."""
    answered: Callable[[Call, JsonObject], JsonObject]
    """Returns the properties a PUT answers, from the stored ones."""
    read: Callable[[Call, JsonObject], JsonObject]
    """Returns the properties of GET and lists, from the stored ones."""


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One resource type of one provider."""

    namespace: str
    """The provider namespace as ARM spells it."""
    name: str
    """The type below the namespace as ids spell it, such as ``communicationServices``."""
    registered: str
    """The type as the provider registered it, which ARM's errors show."""
    shown: str
    """The value of ``type`` in answers."""
    group_segment: str
    """``resourceGroups``, or ``resourcegroups`` where the provider writes it so; a resource
    inside of another has what that one has."""
    api_versions: tuple[str, ...]
    """The api-versions it answers to, oldest first."""
    name_rule: re.Pattern[str]
    """What a name must match in full."""
    name_rule_text: str
    """The rule in words."""
    fields: tuple[Field, ...]
    """What a client may send besides tags and identity."""
    read_only: frozenset[str] = frozenset()
    """Names of properties a client may send in vain (``az`` sends back what it read)."""
    generated: Callable[[Call], JsonObject] = nothing
    """Makes the properties the provider adds to a tracked resource at its creation."""
    long_running: bool = False
    """Whether PUT and DELETE are long-running; PATCH never is."""
    replaced_status: int = 200
    """The status of a PUT on an existing resource."""
    relative_location: bool = False
    """Whether creation answers a relative ``Location`` header."""
    provider_hub: bool = False
    """Whether it is served by ProviderHub: systemData, ETag, provisioningState and a header."""
    identity: bool = False
    """Whether it can carry managed identities."""
    always_tags: bool = False
    """Whether answers have ``tags: {}`` when no tag was ever sent."""
    globally_unique: bool = False
    """Whether the name must be unique in all of Azure."""
    tracked: bool = True
    """Whether it has a location and tags; others have neither PATCH nor an entity tag."""
    faces: Faces | None = None
    """The two faces of a type that is not tracked; None when it has one."""
    created_status: int = 201
    """The status of a PUT that creates."""
    deleted: Response = field(default_factory=lambda: Response(200))
    """The answer to a DELETE that is not long-running."""
    conditional: bool = False
    """Whether its body has an entity tag, which ``If-Match`` and ``If-None-Match`` speak of."""
    guard: Callable[[Call, JsonObject, JsonObject], None] = permit
    """Raises the ArmError for a body (and the one before it) that other resources forbid."""
    delete_guard: Callable[[Call, Record], None] = release
    """Raises the ArmError for a resource that other resources keep from being deleted."""
    after_creation: Callable[[Call, Record], None] = release
    """Does what the service does by itself after a creation."""
    actions: Mapping[str, Action] = field(default_factory=dict)
    """What answers a POST to ``{id}/{action}``, by folded name."""

    action_versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The api-versions that have an action, by folded name; those of the type where not said."""

    @property
    def key(self) -> str:
        """The folded full type."""
        return f"{self.namespace}/{self.name}".casefold()


def _words(kind: type, entries: type) -> str:
    """Return a JSON type in words."""
    if kind is list:
        return "a list of strings" if entries is str else "a list of objects"
    return {str: "a string", bool: "a boolean", int: "a number", dict: "an object"}[kind]


def same(left: str, right: str) -> bool:
    """Compare as ARM compares locations: without case and spaces."""
    return left.replace(" ", "").casefold() == right.replace(" ", "").casefold()
