"""What a run may do, apart from what the specs say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SMALL = 3
"""Up to so many deletes and replaces, their share of the whole is not looked at."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits, and the wish to prune; the defaults are those of the project schema."""

    today: str = ""
    """The day of the run as ``YYYY-MM-DD``, against which waivers expire; empty for never."""
    prune: bool = False
    """Delete resources that bear the mark of a stack that no longer describes them."""
    max_deletes: int = 3
    max_replaces: int = 1
    places: Mapping[str, str] = field(default_factory=dict)
    """The file that set a limit, by the limit's name; the project file sets the others."""
    max_delete_percent: int = 50
    """Of the resources that were observed; counted only above `SMALL` losses."""
    max_address_remove_percent: int = 10
    """Of the addresses that one suppression list has; the first one is free unless it is 0."""
