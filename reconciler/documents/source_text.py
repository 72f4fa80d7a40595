"""The text of a file, in which marks become spans."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from reconciler.documents.events import Event, Mark
from reconciler.model.source import Span

_LINE_BREAK: Final = "\r\n|[\n\r\x85\u2028\u2029]"
"""What libyaml counts as the end of a line."""

_FIRST_WORD: Final = r"[^\s,\[\]{}]+?(?=:?(?:\s|$))"


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, without their breaks, as libyaml counts them."""
    return re.split(_LINE_BREAK, text)


@dataclass(frozen=True)
class SourceText:
    """The decoded text of one file."""

    file: str
    """The name to print."""
    text: str
    """The text without a byte order mark."""

    @cached_property
    def lines(self) -> list[str]:
        """The lines, without their breaks."""
        return lines_of(self.text)

    def line(self, index: int) -> str:
        """Return the line at ``index``, counting from 0; empty past the end of the file."""
        return self.lines[index] if index < len(self.lines) else ""

    def span(self, event: Event) -> Span:
        """Return the span of what ``event`` covers on its first line.

        A block mapping has no width of its own: it is shown at its first key.
        """
        start, end = event.start_mark, event.end_mark
        line = self.line(start.line)
        if end.line > start.line:
            length = len(line.rstrip()) - start.column
        elif end.column > start.column:
            length = end.column - start.column
        else:
            word = re.match(_FIRST_WORD, line[start.column :])
            length = len(word.group()) if word else 1
        return Span(self.file, start.line + 1, start.column + 1, max(length, 1))

    def at(self, mark: Mark) -> Span:
        """Return the span of the one character at ``mark``.

        The blank end of a file is shown behind its last word, where something is missing.
        """
        line, column = mark.line, mark.column
        while line > 0 and not self.line(line).strip():
            line -= 1
            column = len(self.line(line).rstrip())
        return Span(self.file, line + 1, column + 1)

    def at_index(self, index: int) -> Span:
        """Return the span of the character at ``index`` in the text."""
        before = lines_of(self.text[:index])
        return Span(self.file, len(before), len(before[-1]) + 1)

    def character(self, mark: Mark) -> str:
        """Return the character at ``mark``, or nothing at the end of its line."""
        return self.line(mark.line)[mark.column : mark.column + 1]
