"""Values that are looked into, compared, and changed at one place without being touched."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model.value import Json, Path


def find_value(value: Json, path: Path) -> Json:
    """Return what is at ``path``, None where there is nothing."""
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def same(one: Json, other: Json) -> bool:
    """Whether two values are equal; true and 1 are not, though Python says so."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def with_value(value: Json, path: Path, new: Json) -> Json:
    """Return ``value`` with ``new`` at ``path``."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(step, int):
        return [with_value(v, rest, new) if i == step else v for i, v in enumerate(value)]
    fields = dict(value) if isinstance(value, Mapping) else {}
    return {**fields, str(step): with_value(fields.get(str(step)), rest, new)}


def without_value(value: Json, path: Path) -> Json:
    """Return ``value`` without what is at ``path``."""
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        kept = (without_value(v, rest) if rest and i == step else v for i, v in enumerate(value))
        return [v for i, v in enumerate(kept) if rest or i != step]
    assert isinstance(value, Mapping)
    if rest:
        return {**value, str(step): without_value(value[str(step)], rest)}
    return {k: v for k, v in value.items() if k != step}
