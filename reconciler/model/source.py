"""Where something was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.model.value import Json, Path


@dataclass(frozen=True, slots=True, order=True)
class Span:
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


@dataclass(frozen=True, slots=True)
class Document:
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
