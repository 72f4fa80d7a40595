"""Whose a resource is: a tag names the stack that may prune it.

There is no state file. A stack that says ``onRemoval: delete`` marks its resources with a tag, and
only what bears its mark is ever pruned. Without that wish no mark is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Document
from reconciler.model.value import Body, Json, Path, as_object

OWNER_TAG = "reconciler-stack"
"""The tag whose value is the owning stack's name."""


def mark(tags: Mapping[str, Json], stack: str) -> Mapping[str, Json]:
    """Return ``tags`` with the mark of ``stack``."""
    return {**tags, OWNER_TAG: stack}


def unmarked(tags: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return ``tags`` without any mark."""
    return {key: value for key, value in tags.items() if key.lower() != OWNER_TAG}


def owner(body: Body) -> str | None:
    """Return the stack that a live resource is marked with, or None."""
    tags = body.get("tags")
    if not isinstance(tags, Mapping):
        return None
    for key, value in tags.items():
        if key.lower() == OWNER_TAG and isinstance(value, str):
            return value
    return None


def tag_problems(document: Document, place: Path) -> Iterator[Diagnostic]:
    """Yield what is wrong with the tags at ``place`` that a schema cannot say."""
    seen: dict[str, str] = {}
    for key in _tags_at(document, place):
        if key.lower() == OWNER_TAG:
            yield Diagnostic(
                Code.RESERVED_TAG,
                f"the tag `{key}` is the tool's own",
                "remove it; `onRemoval: delete` writes it",
                document.key(*place, key),
            )
        elif key.lower() in seen:
            yield Diagnostic(
                Code.SAME_TAG,
                f"the tags `{seen[key.lower()]}` and `{key}` are one tag to Azure,"
                " which ignores the case of tag names",
                "keep one of them",
                document.key(*place, key),
            )
        seen[key.lower()] = key


def mark_problem(document: Document, place: Path) -> Diagnostic:
    """Say that removing all tags would remove the mark."""
    return Diagnostic(
        Code.UNMARKED,
        "`tags: null` would remove the mark that `onRemoval: delete` relies on",
        "name the tags to remove, each set to null; or write `onRemoval: forget`",
        document.key(*place),
    )


def _tags_at(document: Document, place: Path) -> Mapping[str, Json]:
    """Return the tags at ``place``, or none."""
    value: Json = document.value
    for key in place:
        value = value.get(str(key)) if isinstance(value, Mapping) else None
    return as_object(value)
