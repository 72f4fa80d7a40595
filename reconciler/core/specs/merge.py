"""JSON merge patches, and which of two documents said a value.

The algorithm is that of RFC 7396: mappings are merged, everything else is replaced, null removes.
https://www.rfc-editor.org/rfc/rfc7396
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from reconciler.model.value import ABSENT, Absent, Json, Path


class Side(StrEnum):
    """Which of two documents said a value."""

    BASE = "base"
    """The patch says nothing about it."""
    PATCH = "patch"
    """The patch put it there, or removed it."""
    BOTH = "both"
    """It is a mapping in both, so the patch may have added to it or removed from it."""


def merge(target: Json, patch: Json) -> Json:
    """Return ``target`` with ``patch`` applied; neither is changed."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def removing_nothing(target: Json, patch: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Yield the path of each null in ``patch`` that finds nothing, with what is there instead."""
    known = target if isinstance(target, Mapping) else {}
    for key, value in patch.items() if isinstance(patch, Mapping) else ():
        if value is None and key not in known:
            yield (*path, key), known
        elif isinstance(value, Mapping):
            yield from removing_nothing(known.get(key), value, (*path, key))


def side_of(target: Json, patch: Json | Absent, path: Path) -> Side:
    """Return who said what is at ``path`` once ``patch`` has been applied to ``target``."""
    below: Json | Absent = target
    for step in path:
        if not isinstance(patch, Mapping) or step not in patch:
            return Side.BASE
        below = below.get(str(step), ABSENT) if isinstance(below, Mapping) else ABSENT
        patch = patch[str(step)]
        if not isinstance(patch, Mapping) or not isinstance(below, Mapping):
            return Side.PATCH
    return Side.BOTH if isinstance(patch, Mapping) else Side.BASE


def value_at(value: Json, path: Path) -> Json:
    """Return what is below nested mappings; None where there is nothing."""
    for step in path:
        value = value.get(str(step)) if isinstance(value, Mapping) else None
    return value
