"""Where something was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from reconciler.model.value import Json, Path


class Span(NamedTuple):
    """A piece of one line in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int
    length: int = 1
    """Characters to underline: at least 1, never past the end of the line."""

    def __str__(self) -> str:
        """Return ``file:line:column``, which editors make clickable."""
        return f"{self.file}:{self.line}:{self.column}"


KEY: Final = True
VALUE: Final = False

Locator: TypeAlias = Callable[[Path, bool], Span]
"""Finds the span of a path in its document: of its `KEY` or of its `VALUE`.

A path that is not in the document gives the span of its nearest ancestor that is.
"""


class Document(NamedTuple):
    """A YAML document as plain values, which knows where each of them was written."""

    file: str
    value: Mapping[str, Json]
    locate: Locator

    def key(self, *path: str | int) -> Span:
        """Return the span of the key at ``path``."""
        return self.locate(path, KEY)

    def at(self, *path: str | int) -> Span:
        """Return the span of the value at ``path``."""
        return self.locate(path, VALUE)

    def place(self, *path: str | int, key: bool = False) -> Place:
        """Return the place of the value at ``path``, or of its key, without looking it up yet."""
        return Place(self, path, key)


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere in a document; where that is in its file is worked out when somebody asks."""

    document: Document = field(compare=False, repr=False)
    path: Path
    of_key: bool

    @property
    def span(self) -> Span:
        """Where it was written."""
        return self.document.locate(self.path, self.of_key)
