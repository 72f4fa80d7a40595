"""What Azure has on record of the past of a resource."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.ids import ResourceId


@dataclass(frozen=True, slots=True)
class Record:
    """One change, or one write, of a resource."""

    resource: ResourceId
    when: str
    """The moment in UTC, to the second."""
    who: str
    client: str
    """Such as ``Azure Portal``; empty where that is not on record."""
    operation: str
    sort: str = ""
    """``Create``, ``Update`` or ``Delete``; empty for a write that may be any of them."""
    paths: frozenset[str] = frozenset()
    """What changed, in the words of ARM and in lower case, such as ``tags.env``."""
