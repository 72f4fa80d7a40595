"""What Azure reads back after a write, beside what was wanted and what was there before."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace

from reconciler.core.changes.diff import field_changes
from reconciler.core.changes.steps import put_at
from reconciler.core.changes.unknown import unknown_fields
from reconciler.core.sending.staleness import moved_fields
from reconciler.kinds.kind import Kind, lookup
from reconciler.model.plan import Step, Verb
from reconciler.model.value import Body, Json


def not_as_written(kind: Kind, step: Step, live: Body) -> tuple[str, ...]:
    """Return the names of the managed fields that do not read back."""
    return tuple(".".join(change.path) for change in field_changes(kind, step.wanted, live))


def dropped(kind: Kind, step: Step, live: Body) -> tuple[str, ...]:
    """Return what a PUT has lost: fields unknown to the table of kinds that were there before."""
    if step.verb is not Verb.PUT or step.expects is None:
        return ()
    kept = unknown_fields(kind, live)
    return tuple(".".join(p) for p in unknown_fields(kind, step.expects) if p not in kept)


def is_overwritten(step: Step, left: tuple[str, ...]) -> bool:
    """Whether all that does not read back is in lists that others write, too."""
    fields = {name.partition(".")[0] for name in left}
    return bool(fields) and all(is_shared(step.wanted.get(name)) for name in fields)


def rebased(kind: Kind, step: Step, live: Body) -> Step:
    """Return a step over what is live now, if it only adds to lists that others add to as well.

    Of a list with ``include`` a step owns its own members and nothing else. If somebody has written
    it at the same moment, the step is made anew from what is there; any other step stays as it is.
    """
    shared = [f for f in kind.fields if is_shared(step.wanted.get(f.name))]
    if step.verb is not Verb.PATCH or step.expects is None or not shared:
        return step
    roots = {field.path for field in shared}
    moved = [path for path, _, _ in moved_fields(kind, step.expects, live)]
    if not all(any(path[: len(root)] == root for root in roots) for path in moved):
        return step
    body: dict[str, Json] = deepcopy(dict(step.body or {}))
    for field in shared:
        there = lookup(live, field.path)
        put_at(body, field.path, field.shape.send(step.wanted[field.name], there))
    return replace(step, body=body, expects=live)


def is_shared(value: Json) -> bool:
    """Whether a wanted value is a part of a list that belongs to others, too."""
    return isinstance(value, Mapping) and "include" in value
