"""One failed keyword of a schema, with its facts as plain typed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.model.value import Path

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_CONDITIONS = frozenset({"then", "else", "dependencies"})


@dataclass(frozen=True, slots=True, eq=False)
class Failure:
    """What `jsonschema` found, without its half-set states."""

    keyword: str
    """The keyword that failed; empty where the schema is ``false``."""
    wanted: Any
    """The keyword's value in the schema."""
    value: Any
    """The value that was compared with the schema."""
    schema: Mapping[str, Any]
    """The subschema that holds the keyword."""
    path: Path
    """Where the failure is shown, from the top of the document."""
    about: str
    """The missing key, for ``required`` and ``dependencies``."""
    conditional: bool
    """Whether the rule holds only because of what other fields say."""
    branch: int | str
    """The branch it belongs to, below ``anyOf`` and ``oneOf``."""
    whole: bool
    """Whether it is about the whole value its parent is about, not about a part of it."""
    children: tuple[Failure, ...]
    """The failures of the branches, or of the name."""

    @classmethod
    def of(cls, error: ValidationError) -> Failure:
        """Take over an error of `jsonschema`."""
        return cls(
            keyword=error.validator if isinstance(error.validator, str) else "",
            wanted=error.validator_value,
            value=error.instance,
            schema=error.schema if isinstance(error.schema, Mapping) else {},
            path=tuple(error.absolute_path),
            about=error.message,
            conditional=not _CONDITIONS.isdisjoint(error.absolute_schema_path),
            branch=next(iter(error.relative_schema_path), ""),
            whole=not error.relative_path,
            children=tuple(cls.of(child) for child in error.context or ()),
        )
