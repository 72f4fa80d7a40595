"""What is live and unknown to the table of kinds: fields that an API has grown.

A PUT replaces the whole resource, so that it would drop them without a word. They are sent along as
they are live: a provider has to accept what it has answered itself, and to pass over what only it
can set. https://github.com/cloud-and-ai-microsoft/resource-provider-contract/blob/master/v1.0/resource-api-reference.md
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.kinds.kind import Kind
from reconciler.model.value import Body, Json

ENVELOPE = frozenset({"id", "name", "type", "etag", "systemData", "kind", "managedBy"})
"""What every resource has, and no client sets."""

Path = tuple[str, ...]


def unknown_fields(kind: Kind, live: Body) -> Mapping[Path, Json]:
    """Return what a body has and the table of kinds does not know, by path.

    What is null is nothing that could be lost.
    """
    known = [field.path for field in kind.fields] + [field.path for field in kind.computed]
    known += [*kind.volatile, *kind.read_only, ("properties", "provisioningState")]
    found: dict[Path, Json] = {}
    for name, value in live.items():
        if name not in ENVELOPE:
            found.update(_below((name,), value, known))
    return found


def unknown_notes(kind: Kind, live: Body) -> Iterator[str]:
    """Yield what a reviewer should know about an update that is a PUT."""
    names = named(unknown_fields(kind, live))
    if names:
        yield f"sends {names} along as it is live, since a PUT would drop what it does not send"


def named(paths: Iterable[Path]) -> str:
    """Return paths in words."""
    return ", ".join(f"`{'.'.join(path)}`" for path in sorted(paths))


def _below(path: Path, value: Json, known: list[Path]) -> Iterator[tuple[Path, Json]]:
    """Yield the outermost unknown values at and below a path."""
    if value is None or path in known:
        return
    if not any(other[: len(path)] == path for other in known):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _below((*path, name), inner, known)
