"""How one resource type is described: a row of data, and few small functions."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reconciler.emulator import errors
from reconciler.emulator.call import Call
from reconciler.emulator.invented import invented
from reconciler.emulator.messages import JsonObject


def as_sent(value: Any) -> Any:
    """Return the value; the default of :attr:`Field.stored`."""
    return value


def accept(value: Any) -> None:
    """Raise nothing; the default of :attr:`Field.check`."""
    del value


@dataclass(frozen=True, slots=True)
class Field:
    """One member of the body which a client may send."""

    path: tuple[str, ...]
    """Its place: ``("location",)`` or ``("properties", "dataLocation")``."""
    kind: type
    """The JSON type: str, bool or list (of str)."""
    required: bool = False
    """Whether a PUT must have it."""
    create_only: bool = False
    """Whether it is fixed at creation; the first spelling is kept."""
    patchable: bool = False
    """Whether a PATCH may have it."""
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
        listed = self.kind is not list or all(isinstance(entry, str) for entry in value)
        if not isinstance(value, self.kind) or not listed:
            wanted = {str: "a string", bool: "a boolean", list: "a list of strings"}[self.kind]
            message = f"'{self.dotted}' must be {wanted}."
            raise errors.invalid_payload(message)
        self.check(value)
        return self.stored(value)


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
    """``resourceGroups``, or ``resourcegroups`` where the provider writes it so."""
    api_versions: tuple[str, ...]
    """The api-versions it answers to, oldest first."""
    name_rule: re.Pattern[str]
    """What a name must match in full."""
    name_rule_text: str
    """The rule in words."""
    fields: tuple[Field, ...]
    """What a client may send besides tags and identity."""
    generated: Callable[[Call], JsonObject]
    """Makes the properties the provider adds at creation, which a client cannot send."""
    read_only: frozenset[str]
    """Names of properties a client may send in vain (``az`` sends back what it read)."""
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

    @property
    def key(self) -> str:
        """The folded full type."""
        return f"{self.namespace}/{self.name}".casefold()


def same(left: str, right: str) -> bool:
    """Compare as ARM compares locations: without case and spaces."""
    return left.replace(" ", "").casefold() == right.replace(" ", "").casefold()
