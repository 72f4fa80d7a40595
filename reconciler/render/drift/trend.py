"""The past of drift, drawn: a bar for each run, and a line of life for each difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reconciler.model.drift import Entry, History, Run
from reconciler.model.resource import Severity
from reconciler.render.formats.words import safe

WIDTH, HEIGHT = 1_000, 120
"""The size of the trend; the page stretches it."""
RUNS = 60
LIVES = 40
"""How many runs and how many differences are drawn."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a bar that one severity has."""

    severity: Severity
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One run."""

    x: float
    width: float
    pieces: tuple[Piece, ...]
    complete: bool
    about: str


@dataclass(frozen=True, slots=True)
class Life:
    """One difference, from the run that saw it first to the one that did not any more."""

    entry: Entry
    name: str
    start: float
    """In percent of the time that is drawn."""
    length: float
    end: str
    """The moment of its end, empty while it is there."""


def bars(runs: Sequence[Run]) -> tuple[Bar, ...]:
    """Return the last runs, all to one scale."""
    drawn = runs[-RUNS:]
    most = max((sum(run.counts.values()) for run in drawn), default=0) or 1
    step = WIDTH / max(len(drawn), 12)
    return tuple(_bar(run, number * step, step, most) for number, run in enumerate(drawn))


def _bar(run: Run, x: float, step: float, most: int) -> Bar:
    """Return one run, the worst at the bottom."""
    pieces, y = [], float(HEIGHT)
    for severity in reversed(Severity):
        height = run.counts.get(severity, 0) / most * (HEIGHT - 4)
        if height:
            y -= height
            pieces.append(Piece(severity, round(y, 1), round(height, 1)))
    named = ", ".join(f"{run.counts.get(s, 0)} {s}" for s in reversed(Severity))
    missing = "" if run.complete else ", not everything could be read"
    width = round(max(step - 3, 2), 1)
    return Bar(round(x, 1), width, tuple(pieces), run.complete, f"{run.at}: {named}{missing}")


def lives(history: History) -> tuple[Life, ...]:
    """Return what is there and what is over, the latest first; nothing without two runs."""
    if len(history.runs) < 2:
        return ()
    ended = [(run.at, entry) for run in history.runs for entry in run.closed]
    there = [("", entry) for entry in history.open]
    found = sorted([*ended, *there], key=lambda pair: (pair[0] == "", pair[1].first), reverse=True)
    drawn = found[:LIVES]
    now = _time(history.runs[-1].at)
    begin = min([_time(history.runs[0].at), *(_time(entry.first) for _, entry in drawn)])
    whole = max(now - begin, 1.0)
    return tuple(_life(end, entry, begin, now, whole) for end, entry in drawn)


def _life(end: str, entry: Entry, begin: float, now: float, whole: float) -> Life:
    start = min((_time(entry.first) - begin) / whole * 100, 99.2)
    length = max(((_time(end) if end else now) - _time(entry.first)) / whole * 100, 0.8)
    name = safe(f"{entry.address} {entry.field}".strip())
    return Life(entry, name, round(start, 2), round(min(length, 100 - start), 2), end)


def _time(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
