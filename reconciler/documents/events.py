"""What is used of PyYAML: its events, and the parser that gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

import yaml

ALIAS: Final[type] = yaml.AliasEvent
SCALAR: Final[type] = yaml.ScalarEvent
MAPPING_START: Final[type] = yaml.MappingStartEvent
MAPPING_END: Final[type] = yaml.MappingEndEvent
SEQUENCE_END: Final[type] = yaml.SequenceEndEvent
DOCUMENT_START: Final[type] = yaml.DocumentStartEvent


class Mark(Protocol):
    """A place as libyaml gives it; line and column count from 0."""

    @property
    def line(self) -> int:
        """Lines before this place."""

    @property
    def column(self) -> int:
        """Characters before this place on its line."""

    @property
    def index(self) -> int:
        """Characters before this place in the text."""


class Event(Protocol):
    """What libyaml says next; which of the fields it has depends on its type."""

    start_mark: Mark
    """Where it starts."""
    end_mark: Mark
    """Where it ends, exclusive."""
    anchor: str | None
    """The anchor of a value, or what an alias repeats."""
    tag: str | None
    """The tag of a value, if one is written."""
    value: str
    """The text of a scalar."""
    style: str | None
    """The quote or block character of a scalar; empty for a plain one."""
    flow_style: bool | None
    """Whether a mapping or list is written with brackets."""


class EventParser(Protocol):
    """What is used of PyYAML's loaders."""

    def get_event(self) -> Any:
        """Return the next event."""

    def dispose(self) -> None:
        """Let go of what refers to the parser."""


libyaml: Final[Callable[[str], EventParser]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Makes a parser for a text; PyYAML's own, 14 times slower, where libyaml is missing."""
