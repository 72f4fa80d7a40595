"""Parts of a report beside the changes themselves: a heading, a sentence and a small table.

A new part is a function here that makes it from the plan, and its line in `SECTIONS`; every format
then shows it. What is not in the plan comes with the `Context`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from reconciler.model.plan import Plan


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


Maker: TypeAlias = "Callable[[Plan], Section | None]"

SECTIONS: tuple[Maker, ...] = ()
"""Makers of parts, in the order of the report; None leaves a part out."""


def sections_of(plan: Plan) -> tuple[Section, ...]:
    """Return the parts that a plan has."""
    made = (maker(plan) for maker in SECTIONS)
    return tuple(section for section in made if section is not None)
