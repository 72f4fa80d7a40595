"""Whether a resource has changed since the plan was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from reconciler.core.diff import differences
from reconciler.kinds.kind import Kind
from reconciler.model.value import Absent, Body, Json

Move: TypeAlias = "tuple[tuple[str, ...], Json | Absent, Json | Absent]"
"""Path, planned value and live value of something that somebody changed."""


def moved_fields(kind: Kind, planned: Body, live: Body) -> list[Move]:
    """Return everything that somebody changed, sorted by path.

    What changes by itself (`Kind.volatile`) and the case of ids and types does not count.
    """
    return differences(stable_body(kind, planned), stable_body(kind, live))


def stable_body(kind: Kind, body: Body) -> Mapping[str, Json]:
    """Return ``body`` without what changes by itself, and with ids in lower case."""
    named = {k: _folded(v) for k, v in body.items() if k not in _IDENTIFIERS}
    stable = without(named, kind.volatile)
    for key in ("identity", "tags"):
        if stable.get(key) in (None, {}, {"type": "None"}):
            stable.pop(key, None)
    return stable


def without(body: Body, paths: Iterable[tuple[str, ...]]) -> dict[str, Json]:
    """Return ``body`` without the values at some paths."""
    rest = dict(body)
    for path in paths:
        _drop(rest, path)
    return rest


def _folded(value: Json) -> Json:
    """Return ``value`` with all ARM ids in it in lower case: Azure spells them as it likes."""
    match value:
        case str():
            return value.lower() if value.startswith("/subscriptions/") else value
        case Mapping():
            return {str(_folded(key)): _folded(inner) for key, inner in value.items()}
        case list():
            return [_folded(inner) for inner in value]
        case _:
            return value


_IDENTIFIERS = ("id", "name", "type", "etag")
"""They say which resource it is, in a casing that differs between answers."""


def _drop(body: dict[str, Json], path: tuple[str, ...]) -> None:
    """Remove the value at ``path``, leaving the original objects as they are."""
    head, *rest = path
    if not rest:
        body.pop(head, None)
        return
    inner = body.get(head)
    if isinstance(inner, Mapping):
        copy = dict(inner)
        _drop(copy, tuple(rest))
        body[head] = copy
