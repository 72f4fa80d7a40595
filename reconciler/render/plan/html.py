"""A plan as a page of its own, to be opened from a file or an artefact."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from reconciler.model.plan import Action
from reconciler.render.drawings.layout import HEIGHT, WIDTH, arrange
from reconciler.render.drawings.picture import picture
from reconciler.render.formats.html import MOODS, page
from reconciler.render.formats.private import Request
from reconciler.render.formats.sections import Tone
from reconciler.render.formats.words import json_text, shown
from reconciler.render.plan.view import INFINITIVES, ORDER, SYMBOLS, PlanView

SHORT = 27
"""Characters of a name that a box of the picture has room for."""


@dataclass(frozen=True, slots=True)
class Tile:
    """How many resources there are of an action: a number, and a filter."""

    action: Action
    symbol: str
    count: int
    words: str


def render_plan(view: PlanView) -> str:
    """Return the page: it needs no network, and works without its script."""
    drawn = picture(view.plan)
    return page(
        "plan.html.j2",
        view=view,
        mood=_mood(view),
        headline=_headline(view),
        tiles=_tiles(view),
        stacks=sorted({card.change.stack for card in view.cards}),
        drawing=arrange(drawn) if drawn.is_worth_it else None,
        box=(WIDTH, HEIGHT),
        fitting=_fitting,
        body=_body,
        shown=shown,
        symbols=SYMBOLS,
    )


def _mood(view: PlanView) -> str:
    """Return the colour of the verdict."""
    if view.summary.tone is Tone.DANGER:
        return "stop"
    alarms = any(section.tone is Tone.DANGER for section in view.sections)
    if alarms or any(card.is_loss for card in view.cards):
        return "bad"
    return MOODS[view.summary.tone]


def _headline(view: PlanView) -> str:
    """Return the verdict, or what changes where that says no more than that something does."""
    plan, whole = view.plan, view.summary
    return whole.verdict if plan.is_empty or not plan.is_applyable else whole.counts


def _tiles(view: PlanView) -> list[Tile]:
    """Return the numbers at the top, what must be seen first in front."""
    counts = Counter(card.action for card in view.cards)
    words = {**INFINITIVES, Action.NONE: "kept, with a note"}
    return [Tile(a, SYMBOLS[a].strip() or "=", counts[a], words[a]) for a in ORDER if counts[a]]


def _fitting(text: str) -> str:
    """Return a name that fits into a box; the whole name is shown when it is pointed at."""
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def _body(request: Request) -> str:
    """Return the body of a request as text."""
    return json_text(request.body, sort_keys=True).rstrip()
