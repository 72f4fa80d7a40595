"""What of a new plan a reviewed one has announced, so that an apply may go on with it unasked.

A plan says which checks are to be verified and which links are made, or undone, once they are. Only
those requests are announced, and only where nothing else of the resource differs; whatever else a
new plan holds needs a review of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from reconciler.core.mail.links import LINKS
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Change, Plan, Step
from reconciler.model.value import ABSENT


def continuation(reviewed: Plan, fresh: Plan, sent: Collection[Step]) -> Plan | None:
    """Return the part of a new plan that the reviewed one has announced, None if there is none.

    Args:
        reviewed: what somebody has said yes to.
        fresh: made after its steps, or some of them.
        sent: what this run has sent already: nothing of it is sent twice.

    """
    if not fresh.is_applyable:
        return None
    reviewed_changes = {change.id: change for change in reviewed.changes}
    announced = {
        change.id
        for change in fresh.changes
        if (before := reviewed_changes.get(change.id)) is not None and _is_announced(before, change)
    }
    kept = [
        step
        for step in fresh.steps
        if step.resource in announced and not any(_is_same(step, other) for other in sent)
    ]
    ids = {step.id for step in kept}
    steps = tuple(replace(step, after=step.after & ids) for step in kept)
    return replace(fresh, steps=steps) if steps else None


def _is_announced(before: Change, now: Change) -> bool:
    """Whether all that is to be sent for a resource was announced."""
    if now.action is not Action.UPDATE:
        return False
    checks = {check.check for check in before.checks if check.is_open}
    asks = {check.check for check in now.checks if check.is_open}
    joins = {link.domain for link in before.links if link.joins}
    leaves = {link.domain for link in before.links if not link.joins}
    for field in now.fields:
        if field.path[0] != LINKS or len(field.path) != 2:
            return False
        if ResourceId(field.path[1]) not in (joins if field.before is ABSENT else leaves):
            return False
    return asks <= checks


def _is_same(one: Step, other: Step) -> bool:
    """Whether two steps are the same request."""
    return one.id == other.id and one.body == other.body
