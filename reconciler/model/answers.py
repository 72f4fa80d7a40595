"""What was asked of Azure, and answered: knowledge that can be kept, and knows its own limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.model.failure import Failure
from reconciler.model.ids import ResourceId
from reconciler.model.resource import ObservedResource

Asked: TypeAlias = "tuple[str, ResourceId]"
"""One resource: the name of its kind, and its id."""


@dataclass(frozen=True, slots=True, order=True)
class ListOf:
    """A list that was asked for."""

    kind: str
    scope: str
    """The id of what it lists the contents of, in lower case."""
    below: bool = False
    """Of what is attached to others: whether what is attached to anything in the scope is in it."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that was answered. What was not asked for is not known, and never absent."""

    objects: Mapping[ResourceId, ObservedResource] = field(default_factory=dict)
    absent: frozenset[Asked] = frozenset()
    """What was asked for by its id, and is not there."""
    lists: Mapping[ListOf, tuple[ResourceId, ...]] = field(default_factory=dict)
    """Lists that were read to their end, with the ids of what is in them."""
    unread: Mapping[ListOf, Failure] = field(default_factory=dict)
    """Lists that could not be read."""
    unreadable: Mapping[Asked, Failure] = field(default_factory=dict)
    """What could not be read by its id."""

    def __or__(self, other: Answers) -> Answers:
        """Return what either knows; where both do, what this one says."""
        return Answers(
            {**other.objects, **self.objects},
            self.absent | other.absent,
            {**other.lists, **self.lists},
            {**other.unread, **self.unread},
            {**other.unreadable, **self.unreadable},
        )
