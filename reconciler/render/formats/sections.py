"""Parts of a report beside the changes themselves: a heading, a sentence and a small table.

A new part is a function that makes it from the plan, and its line in
`reconciler.render.plan.parts`; every format then shows it. What is not in the plan comes with the
`Context`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How much a part matters."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Section:
    """One part; its texts are plain, and each renderer makes them safe."""

    slug: str
    """Its name for programs, such as ``rehearsal``."""
    title: str
    tone: Tone
    summary: str
    """One sentence."""
    head: tuple[str, ...] = ()
    """The names of the columns, if there is a table."""
    rows: tuple[tuple[str, ...], ...] = ()
