"""Drift as a page of its own, with its past if there is a history."""

from __future__ import annotations

from reconciler.model.resource import Severity
from reconciler.render.drift.trend import HEIGHT, WIDTH, bars, lives
from reconciler.render.drift.view import DriftView, live_and_wanted, waiver_words
from reconciler.render.formats.html import page


def render_drift(view: DriftView) -> str:
    """Return the page: it needs no network, and works without its script."""
    return page(
        "drift.html.j2",
        view=view,
        mood=_mood(view),
        severities=[(s, view.drift.counts[s]) for s in reversed(Severity) if view.drift.counts[s]],
        stacks=sorted({line.item.stack for line in view.lines}),
        bars=bars(view.history.runs),
        lives=lives(view.history),
        chart=(WIDTH, HEIGHT),
        difference=live_and_wanted,
        waiver_words=waiver_words,
    )


def _mood(view: DriftView) -> str:
    """Return the colour of the verdict."""
    if not view.drift.is_complete:
        return "stop"
    counts = view.drift.counts
    if counts[Severity.HIGH]:
        return "bad"
    return "warn" if view.drift.items else "good"
