"""What differs between wanted and live: the one door to deepdiff.

Equal values never reach deepdiff, which costs a thousand times more than ``==``; it is imported
with the first pair that is unequal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reconciler.kinds.kind import Kind, lookup
from reconciler.model.plan import FieldChange
from reconciler.model.value import ABSENT, Absent, Body, Json

if TYPE_CHECKING:
    from deepdiff.model import DiffLevel


def field_changes(
    kind: Kind, fields: Mapping[str, Json], observed: Body
) -> tuple[FieldChange, ...]:
    """Return what an update would change, sorted by path; empty if Azure is as wanted.

    Args:
        kind: the row that says how each field is compared.
        fields: the managed fields, as in `DesiredResource`.
        observed: the body as Azure answers it.

    """
    wanted: dict[str, Json] = {}
    live: dict[str, Json] = {}
    for field in kind.writable:
        if field.name not in fields:
            continue
        value = fields[field.name]
        _put(wanted, field.name, field.shape.wanted(value))
        _put(live, field.name, field.shape.live(lookup(observed, field.path), value))
    if wanted == live:
        return ()
    immutable = {field.name for field in kind.fields if field.immutable}
    return tuple(
        FieldChange(path, before, after, forces_replacement=path[0] in immutable)
        for path, before, after in differences(live, wanted)
    )


def initial_fields(kind: Kind, fields: Mapping[str, Json]) -> tuple[FieldChange, ...]:
    """Return the fields of a resource that is to be created, sorted by path."""
    wanted: dict[str, Json] = {}
    for field in kind.writable:
        if field.name in fields:
            _put(wanted, field.name, field.shape.wanted(fields[field.name]))
    leaves = (FieldChange(path, ABSENT, value) for path, value in _leaves(wanted, ()))
    return tuple(sorted(leaves, key=lambda change: change.path))


def differences(
    before: Mapping[str, Json], after: Mapping[str, Json]
) -> list[tuple[tuple[str, ...], Json | Absent, Json | Absent]]:
    """Return path, value before and value after of everything that differs, sorted by path."""
    if before == after:
        return []
    from deepdiff import DeepDiff

    # By default deepdiff passes over keys that begin with two underscores, and replaces whole
    # objects that have little in common; tags may look like either.
    tree = DeepDiff(
        before,
        after,
        view="tree",
        ignore_private_variables=False,
        threshold_to_diff_deeper=0,
    )
    found = [
        (tuple(str(part) for part in level.path(output_format="list")), *_sides(level))
        for group in tree.values()
        for level in group
    ]
    expanded = [leaf for entry in found for leaf in _expand(*entry)]
    return sorted(expanded, key=lambda entry: entry[0])


def _sides(level: DiffLevel) -> tuple[Json | Absent, Json | Absent]:
    """Return the two values of a difference; deepdiff marks a missing one with its own value."""
    from deepdiff.helper import notpresent

    return (
        ABSENT if level.t1 is notpresent else level.t1,
        ABSENT if level.t2 is notpresent else level.t2,
    )


def _expand(
    path: tuple[str, ...], before: Json | Absent, after: Json | Absent
) -> Iterator[tuple[tuple[str, ...], Json | Absent, Json | Absent]]:
    """Split an object that came or went as a whole into its leaves."""
    whole = after if before is ABSENT else before
    if (before is ABSENT or after is ABSENT) and isinstance(whole, Mapping) and whole:
        for leaf, value in _leaves(whole, path):
            yield (leaf, ABSENT, value) if before is ABSENT else (leaf, value, ABSENT)
    else:
        yield path, before, after


def _leaves(value: Json, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Yield everything in an object that is not an object itself."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path, value


def _put(target: dict[str, Json], name: str, value: Json | Absent) -> None:
    """Set ``name`` unless there is no value."""
    if value is not ABSENT:
        target[name] = value
