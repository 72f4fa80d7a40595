"""Lines of a file with markers below them, as compilers show them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from reconciler.model.source import Span
from reconciler.model.text import LOG_COMMAND
from reconciler.render.formats.one_line import visible, width

WIDEST: Final = 96
"""Columns of a line that are shown at most; a longer one is cut around its marker."""
NARROWEST: Final = 40
"""Columns of a line that are shown at least."""

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_CUT = "..."


@dataclass(frozen=True, slots=True)
class Marker:
    """A span to underline."""

    span: Span
    label: str
    """A few words behind the underline."""
    sign: str
    """What to underline with."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The marked lines of one file."""

    markers: tuple[Marker, ...]
    """The main marker first; all are in one file."""

    @property
    def number_width(self) -> int:
        """Columns that the largest line number takes."""
        return len(str(max(marker.span.line for marker in self.markers)))

    def lines(self, text: str, number_width: int, terminal: int | None = None) -> list[str]:
        """Return the marked lines of ``text``, top down, with ``...`` where lines are left out.

        Args:
            text: the whole file.
            number_width: columns that the numbers of lines take.
            terminal: its columns; None if it is none.

        """
        room = WIDEST
        if terminal is not None:
            room = min(max(terminal - number_width - len(" | "), NARROWEST), WIDEST)
        source = _LINE_BREAK.split(text)
        empty = f"{'':{number_width}} |"
        shown = [empty]
        previous = None
        for number in sorted({marker.span.line for marker in self.markers}):
            if number > len(source):
                continue
            if previous is not None and number > previous + 1:
                shown.append("...")
            previous = number
            own = sorted((m for m in self.markers if m.span.line == number), key=_order)
            window = _Window.around(source[number - 1], own[0].span, room)
            shown.append(f"{number:{number_width}} | {window.text}".rstrip())
            shown += [f"{empty} {window.underline(marker)}".rstrip() for marker in own]
        return [*shown, empty]


def _order(marker: Marker) -> tuple[bool, int]:
    """Order main markers before others, then by column."""
    return (marker.sign != "^", marker.span.column)


@dataclass(frozen=True, slots=True)
class _Window:
    """The part of a line that is shown."""

    cells: tuple[str, ...]
    """What is shown for each character of the whole line."""
    start: int
    """The first character that is shown."""
    stop: int
    """The character after the last one that is shown."""

    @classmethod
    def around(cls, line: str, span: Span, room: int) -> _Window:
        """Show the whole line if it fits, else what fits around the span."""
        commands = {match.start() for match in LOG_COMMAND.finditer(line)}
        cells = tuple(
            "    " if c == "\t" else r"\x23" if at in commands else visible(c)
            for at, c in enumerate(line)
        )
        if _columns(cells) <= room:
            return cls(cells, 0, len(cells))
        start = min(span.column - 1, len(cells))
        kept = 0
        while start > 0 and kept < room // 3:
            start -= 1
            kept += _columns(cells[start : start + 1])
        stop, kept = start, 0
        while stop < len(cells) and kept < room - 2 * len(_CUT):
            kept += _columns(cells[stop : stop + 1])
            stop += 1
        return cls(cells, start, stop)

    @property
    def text(self) -> str:
        """The line as it is shown."""
        body = "".join(self.cells[self.start : self.stop])
        return f"{self._lead}{body}{_CUT if self.stop < len(self.cells) else ''}"

    @property
    def _lead(self) -> str:
        return _CUT if self.start else ""

    def underline(self, marker: Marker) -> str:
        """Return the line below, with the marker under its characters."""
        first = min(max(marker.span.column - 1, self.start), self.stop)
        last = min(max(first + marker.span.length, first), self.stop)
        offset = len(self._lead) + _columns(self.cells[self.start : first])
        signs = marker.sign * max(_columns(self.cells[first:last]), 1)
        return f"{' ' * offset}{signs} {marker.label}".rstrip()


def _columns(cells: tuple[str, ...]) -> int:
    return sum(width(character) for cell in cells for character in cell)
