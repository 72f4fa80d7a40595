"""What every format shows of a plan: the same rows in the same order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.model.plan import Action, Block, Change, FieldChange, Plan, Verb
from reconciler.model.value import ABSENT
from reconciler.render.private import endings
from reconciler.render.words import dotted, plural, safe, shown

ORDER = (
    Action.BLOCKED,
    Action.DELETE,
    Action.REPLACE,
    Action.ADOPT,
    Action.UPDATE,
    Action.CREATE,
    Action.NONE,
)
"""What a reviewer must see comes first."""

INFINITIVES = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.ADOPT: "to adopt",
    Action.REPLACE: "to replace",
    Action.DELETE: "to delete",
    Action.BLOCKED: "blocked",
    Action.NONE: "as desired",
}


def ordered(plan: Plan) -> tuple[Change, ...]:
    """Return the changes that are worth a line: all but what is quietly as desired."""
    worth = [c for c in plan.changes if c.action is not Action.NONE or c.notes]
    return tuple(sorted(worth, key=lambda c: (ORDER.index(c.action), c.address)))


@dataclass(frozen=True, slots=True)
class Row:
    """One field's change, ready to be printed."""

    sign: str
    """``+``, ``-`` or ``~``."""
    name: str
    before: str
    after: str
    forces_replacement: bool


def addresses(plan: Plan) -> Mapping[str, str]:
    """Return the address of every resource of a plan, by its id in lower case."""
    return {change.id.folded: change.address for change in plan.changes}


def row(field: FieldChange, known: Mapping[str, str]) -> Row:
    """Return a field's row; a member of a set of ids stands as a value, by its address.

    Args:
        field: what changes.
        known: see `addresses`.
    """
    before = "" if field.before is ABSENT else shown(field.before)
    after = "" if field.after is ABSENT else shown(field.after)
    path = field.path
    if path[-1].startswith("/subscriptions/"):
        member = safe(known.get(path[-1].lower(), path[-1]))
        path = path[:-1]
        before, after = (member if before else ""), (member if after else "")
    return Row(symbol(field), dotted(path), before, after, field.forces_replacement)


def symbol(field: FieldChange) -> str:
    """Return the sign of one field's change."""
    if field.before is ABSENT:
        return "+"
    return "-" if field.after is ABSENT else "~"


@dataclass(frozen=True, slots=True)
class Summary:
    """A plan in one line."""

    verdict: str
    counts: str
    requests: str


def summary(plan: Plan) -> Summary:
    """Return what a plan comes to."""
    counts = plan.counts
    named = [f"{counts[a]} {INFINITIVES[a]}" for a in reversed(ORDER) if counts[a] and a.writes]
    named += endings(plan.entry_counts)
    blocked = [f"{counts[Action.BLOCKED]} blocked"] if counts[Action.BLOCKED] else []
    settled = sum(c.action is Action.NONE and c.desired is not None for c in plan.changes)
    same = [f"{settled} as desired"] if settled else []
    verbs = Counter(step.verb for step in plan.steps)
    parts = [f"{verbs[verb]} {verb}" for verb in Verb if verbs[verb]]
    requests = f"{plural(len(plan.steps), 'write request')}: {', '.join(parts)}"
    words = ", ".join([*named, *blocked, *same])
    return Summary(_verdict(plan), words, requests if parts and plan.is_applyable else "")


def _verdict(plan: Plan) -> str:
    """Say whether there is something to do, and whether it may be done."""
    if not plan.is_complete:
        unread = sum(c.block is Block.UNREADABLE for c in plan.changes)
        return f"Incomplete: {plural(unread, 'resource')} could not be read, so nothing is decided"
    if not plan.is_applyable:
        return "Refused: a safety rule stands in the way; nothing can be applied"
    if plan.is_empty:
        return "In sync: Azure is as the specs say"
    return "Changes"
