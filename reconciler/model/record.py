"""What Azure has on record of the past of a resource."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.ids import ResourceId


def to_the_second(moment: object) -> str:
    """Return a moment of Azure's without its fraction, empty if it is none."""
    return f"{moment[:19]}Z" if isinstance(moment, str) and len(moment) >= 19 else ""


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
    correlation: str = ""
    """What ARM calls the request that did it."""
    paths: frozenset[str] = frozenset()
    """What changed, in the words of ARM and in lower case, such as ``tags.env``."""
