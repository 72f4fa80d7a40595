"""A plan as JUnit: a resource passes if it is as desired."""

from __future__ import annotations

from reconciler.model.plan import Action, Block, Change
from reconciler.render.formats import junit
from reconciler.render.formats.words import safe
from reconciler.render.plan.mail import open_words
from reconciler.render.plan.view import Card, PlanView


def render_plan(view: PlanView) -> str:
    """Return the plan as JUnit XML: what could not be read is an error, all else a failure."""
    shown = {card.change.id: card for card in view.cards if not card.change.is_private}
    cases = [
        _case(shown[change.id]) if change.id in shown else _settled(change)
        for change in view.plan.changes
        if not change.is_private
    ]
    cases += [_case(card) for card in view.cards if card.change.is_private]
    cases += [
        junit.Case("guards", breach.guard, "Plan", "failure", "guard", breach.problem, breach.mend)
        for breach in view.plan.breaches
    ]
    return junit.render(f"reconciler plan {safe(view.plan.environment)}".strip(), cases)


def _settled(change: Change) -> junit.Case:
    return junit.Case(change.stack, change.address, change.kind)


def _case(card: Card) -> junit.Case:
    """Return one change as a case."""
    change = card.change
    if card.action is Action.NONE and not change.is_waiting:
        return _settled(change)
    fields = [
        f"{row.sign} {row.name}: {' -> '.join(side for side in (row.before, row.after) if side)}"
        for row in card.rows
    ]
    mend = [f"mend: {change.mend}"] if change.mend else []
    where = [f"at {card.place}"] if card.place else []
    return junit.Case(
        change.stack,
        f"{change.address} ({card.title})" if change.is_private else change.address,
        change.kind,
        "error" if change.block is Block.UNREADABLE else "failure",
        card.title,
        f"{card.title}: {change.reason}",
        "\n".join([*fields, *open_words((change,)), *change.notes, *mend, *where]),
    )
