"""JSON as a type, and the two values that JSON lacks: *absent* and *known after apply*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from reconciler.model.ids import ResourceId

Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"
"""What a request or response body may hold."""

Body: TypeAlias = Mapping[str, Json]
"""A JSON object: the body of an ARM request or response."""

Path: TypeAlias = "tuple[str | int, ...]"
"""Where a value sits in a document: keys and list indexes, outermost first."""


class Absent(Enum):
    """The type of `ABSENT`, which is not `null`: it says that there is no value at all."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        """Print like the constant."""
        return "ABSENT"


ABSENT: Final = Absent.ABSENT

OBJECT: Final = (dict, Mapping)
"""The types of a JSON object; `isinstance` tries a dict first, which is five times faster."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A value that Azure gives out only once ``target`` has been written."""

    target: ResourceId
    field: str
    """The name of the field in the spec's words, such as ``principalId``."""

    def __str__(self) -> str:
        """Show what the value is waiting for."""
        return f"{self.target.name}#{self.field}"


def as_object(value: Json | Absent) -> Mapping[str, Json]:
    """Return an object as it is, and an empty one for null, absence and anything else."""
    return value if isinstance(value, OBJECT) else {}


def entries(value: Json | Absent) -> list[Mapping[str, Json]]:
    """Return the objects of a list, and nothing for anything else."""
    return [as_object(entry) for entry in value] if isinstance(value, list) else []


def texts(value: Json | Absent) -> list[str]:
    """Return the strings of a list, and nothing for anything else."""
    if not isinstance(value, list | tuple):
        return []
    return [item for item in value if isinstance(item, str)]
