"""Whether a resource has changed since the plan was made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from reconciler.core.changes.diff import differences
from reconciler.core.changes.privacy import names_a_secret
from reconciler.kinds.kind import Kind
from reconciler.model.value import ABSENT, Absent, Body, Json

Move: TypeAlias = "tuple[tuple[str, ...], Json | Absent, Json | Absent]"
"""Path, planned value and live value of something that somebody changed."""


def moved_fields(kind: Kind, planned: Body, live: Body) -> list[Move]:
    """Return everything that somebody changed, sorted by path.

    What changes by itself (`Kind.volatile`) and the case of ids and types does not count.
    """
    return differences(stable_body(kind, planned), stable_body(kind, live))


def told_moves(moves: Iterable[Move], whose: str = "") -> str:
    """Return in words what somebody changed, each thing once, and no value of a secret.

    What an ARM id is the key of, such as an attached identity, is told as a whole, by its name.

    Args:
        moves: what changed.
        whose: the name of the resource that it is about, if that is not clear.

    """
    of = f" of `{whose}`" if whose else ""
    return "; ".join(dict.fromkeys(_told(path, before, after, of) for path, before, after in moves))


def _told(path: tuple[str, ...], before: Json | Absent, after: Json | Absent, of: str) -> str:
    """Say what one move is."""
    if not path:
        return f"it was {before} and is {after}"
    for depth, part in enumerate(path):
        if part.startswith("/subscriptions/"):
            name = ".".join((*path[:depth], part.rpartition("/")[2]))
            if before is ABSENT or after is ABSENT:
                return f"`{name}`{of} {'is new' if before is ABSENT else 'is gone'}"
            return f"`{name}`{of} has changed"
    name = ".".join(path)
    if any(names_a_secret(part) for part in path):
        return f"`{name}`{of} has another value"
    return f"`{name}`{of} was {_word(before)} and is {_word(after)}"


def _word(value: Json | Absent) -> str:
    """Return a value in words."""
    if isinstance(value, Absent):
        return "absent"
    return json.dumps(value) if value is None or isinstance(value, bool) else repr(value)


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
