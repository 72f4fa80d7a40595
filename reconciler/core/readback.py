"""What Azure reads back after a write, beside what was wanted and what was there before."""

from __future__ import annotations

from reconciler.core.diff import field_changes
from reconciler.core.steps import is_shared
from reconciler.core.unknown import unknown_fields
from reconciler.kinds.kind import Kind
from reconciler.model.plan import Step, Verb
from reconciler.model.value import Body


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
