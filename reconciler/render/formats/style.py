"""Terminal colours, or none."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.plan import Action
from reconciler.model.report import Result

RED, GREEN, YELLOW, MAGENTA, CYAN, BOLD, DIM = "31", "32", "33", "35", "36", "1", "2"

ACTION_COLOURS = {
    Action.BLOCKED: MAGENTA,
    Action.DELETE: RED,
    Action.REPLACE: RED,
    Action.CREATE: GREEN,
    Action.UPDATE: YELLOW,
    Action.ADOPT: YELLOW,
    Action.NONE: DIM,
}

RESULT_COLOURS = {
    Result.DONE: GREEN,
    Result.FAILED: RED,
    Result.SKIPPED: YELLOW,
    Result.CANCELLED: YELLOW,
    Result.WAITING: YELLOW,
}


@dataclass(frozen=True, slots=True)
class Style:
    """Paints text when colours are wanted."""

    colour: bool

    def __call__(self, text: str, *codes: str) -> str:
        """Return ``text`` in the colours of ``codes``."""
        if not self.colour or not codes:
            return text
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m"
