"""Private entries: the addresses of suppression lists, wanted and observed.

Nothing here shows an address, not even in the ``repr`` of a value, which a traceback may print.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.failure import Failure
from reconciler.model.ids import ResourceId
from reconciler.model.source import Place, Span
from reconciler.model.value import Body


@dataclass(frozen=True, slots=True)
class Contents:
    """What only the machine of a run knows: the lines of the file, and the key."""

    addresses: Mapping[str, str] = field(repr=False)
    """As they are written, by the form in which they are compared."""
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DesiredEntries:
    """The addresses that one suppression list is to have."""

    list: ResourceId
    address: str
    """How people name them: the address of the list, and ``/addresses``."""
    stack: str
    place: Place
    """Where the spec speaks of them."""
    file: str = ""
    """The file with one address a line, relative to the stack's file; empty for none."""
    hashes: frozenset[str] = frozenset()
    """Keyed hashes of addresses that the list has already."""
    exact: bool = False
    """Whether all others are removed from the list."""
    contents: Contents | None = None
    """None until they have been read: then nothing is decided."""

    @property
    def span(self) -> Span:
        """Where the spec speaks of them."""
        return self.place.span


@dataclass(frozen=True, slots=True)
class ObservedEntries:
    """What a list was read to have: all of it, or nothing at all."""

    bodies: Mapping[ResourceId, Body] = field(default_factory=dict, repr=False)
    failure: Failure | None = None
    """Why nothing is known, in words without an address."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What one list is given, in figures."""

    address: str
    in_file: int
    hashed: int
    covered: int
    """How many of the hashes stand for an address in the file."""
    exact: bool
