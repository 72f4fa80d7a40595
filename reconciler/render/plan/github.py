"""A plan as annotations of GitHub Actions, beside the lines of the specs.

GitHub shows the first ten errors and the first ten warnings of a step, so only those are written,
the worst first, and the last of each says how many there are besides.
https://github.com/orgs/community/discussions/26680
"""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.model.plan import Action
from reconciler.render.formats.github import annotation
from reconciler.render.formats.words import plural, safe
from reconciler.render.plan.view import Card, PlanView

MOST = 10


def render_plan(view: PlanView) -> str:
    """Return the annotations: errors for what is blocked, warnings for what would be lost."""
    blocked = [card for card in view.cards if card.action is Action.BLOCKED]
    losses = [card for card in view.cards if card.is_loss]
    guards = [
        annotation("error", f"guard {b.guard}", f"{b.problem}\nmend: {b.mend}")
        for b in view.plan.breaches
    ]
    errors = _within([*guards, *(_line("error", card) for card in blocked)], "error")
    warnings = _within([_line("warning", card) for card in losses], "warning")
    total = annotation("notice", "plan", f"{view.summary.verdict}. {view.summary.counts}".strip())
    return "".join([*errors, *warnings, total])


def _within(lines: Sequence[str], level: str) -> list[str]:
    """Return so many lines as GitHub shows, the last one with the number of those left out."""
    if len(lines) <= MOST:
        return list(lines)
    left = len(lines) - MOST + 1
    return [*lines[: MOST - 1], annotation(level, "plan", f"and {left} more: see the whole report")]


def _line(level: str, card: Card) -> str:
    """Return one change as an annotation."""
    change = card.change
    fields = ", ".join(dict.fromkeys(row.name for row in card.rows))
    told = [change.reason, *([f"{plural(len(card.rows), 'field')}: {fields}"] if fields else [])]
    told += [*change.notes, *([f"mend: {change.mend}"] if change.mend else [])]
    text = "\n".join(map(safe, told))
    return annotation(level, f"{card.title} {card.address}", text, change.span)
