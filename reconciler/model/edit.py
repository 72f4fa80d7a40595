"""One change of what a spec says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.value import Json, Path


class Verb(StrEnum):
    """What is done to a value."""

    SET = "set"
    APPEND = "append"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class SpecEdit:
    """One value of a stack that is set, added to a list, or taken out."""

    verb: Verb
    field: tuple[str, ...]
    """The field that differs, as a plan calls it."""
    path: Path
    """Where the value stands in the stack, variables filled in; for a new member, the list."""
    value: Json = None


@dataclass(frozen=True, slots=True)
class NotSayable:
    """A difference for which a spec has no words."""

    field: tuple[str, ...]
    path: Path
    reason: str


def written(field: tuple[str, ...], path: Path, value: Json) -> SpecEdit:
    """Return the edit that sets a value."""
    return SpecEdit(Verb.SET, field, path, value)


def appended(field: tuple[str, ...], path: Path, value: Json) -> SpecEdit:
    """Return the edit that adds a member to a list."""
    return SpecEdit(Verb.APPEND, field, path, value)


def removed(field: tuple[str, ...], path: Path) -> SpecEdit:
    """Return the edit that takes a value out."""
    return SpecEdit(Verb.REMOVE, field, path)
