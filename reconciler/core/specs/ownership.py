"""Whose a resource is: a tag names the stack that may prune it, and the environment it is in.

There is no state file. A stack that says ``onRemoval: delete`` marks its resources with a tag, and
only what bears its mark is ever pruned. Without that wish no mark is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.core.specs.references import Reference
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.ids import ResourceId
from reconciler.model.resource import DesiredResource, DesiredState, Presence
from reconciler.model.source import Document
from reconciler.model.value import OBJECT, Body, Json, Path, as_object

OWNER_TAG = "reconciler-stack"
"""The tag whose value is the mark of the owning stack."""


def mark_of(stack: str, environment: str) -> str:
    """Return the mark of a stack: its name, below that of the environment if there is one."""
    return f"{environment}/{stack}" if environment else stack


def marked(tags: Mapping[str, Json], mark: str) -> Mapping[str, Json]:
    """Return ``tags`` with a mark."""
    return {**tags, OWNER_TAG: mark}


def former_marks(
    stack: str, environment: str, moved: Json, path: tuple[str, ...] | None
) -> frozenset[str]:
    """Return the marks that a stack's resources may still bear.

    What was marked before there were environments belongs to the stack of that name.

    Args:
        stack: the stack's name.
        environment: the name of the environment, empty for none.
        moved: what the stack says under ``moved``.
        path: the resource's place in the stack; None for what has left the spec.
    """
    former = {stack} if environment and path is not None else set()
    for entry in moved if isinstance(moved, list) else ():
        source = Reference.parse(str(as_object(entry).get("from")), stack)
        if not source.path or source.path == path:
            former.add(mark_of(source.stack, environment))
    return frozenset(former)


def unmarked(tags: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return ``tags`` without any mark."""
    return {key: value for key, value in tags.items() if key.lower() != OWNER_TAG}


def owner(body: Body) -> str | None:
    """Return the mark that a live resource bears, or None."""
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


def shared_resources(states: Mapping[str, DesiredState]) -> Iterator[Diagnostic]:
    """Yield a problem for each resource that two environments want otherwise.

    Args:
        states: what is wanted, by the name of the environment.

    """
    seen: dict[ResourceId, tuple[str, DesiredResource]] = {}
    for environment, state in states.items():
        for resource in state.resources:
            if resource.presence is Presence.EXISTING or resource.pending:
                continue
            first = seen.setdefault(resource.id, (environment, resource))
            if first[0] == environment or _agree(first[1], resource):
                continue
            what = (
                f"environments `{first[0]}` and `{environment}` both manage"
                f" `{resource.address}`, and would undo each other's changes"
            )
            mend = (
                "give it another name, group or subscription in one of them; a resource group that"
                " both use is `existing`"
            )
            yield Diagnostic(Code.SHARED_RESOURCE, what, mend, resource.span)


def _agree(one: DesiredResource, other: DesiredResource) -> bool:
    """Whether two environments want the same of a resource, so that neither undoes the other."""
    return one.presence is other.presence and one.fields == other.fields


def _tags_at(document: Document, place: Path) -> Mapping[str, Json]:
    """Return the tags at ``place``, or none."""
    value: Json = document.value
    for key in place:
        value = value.get(str(key)) if isinstance(value, OBJECT) else None
    return as_object(value)
