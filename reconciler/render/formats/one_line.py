"""Text from files and from Azure, made safe for one line of a terminal, and broken into several."""

from __future__ import annotations

import unicodedata

from reconciler.model.text import LOG_COMMAND, is_obeyed


def one_line(text: str) -> str:
    """Return ``text`` with every character escaped that would not simply be shown."""
    return LOG_COMMAND.sub(r"\\x23#", "".join(map(visible, text)))


def visible(character: str) -> str:
    r"""Return one character, or its escape such as ``\x1b`` or ``\u202e``."""
    if not is_obeyed(character):
        return character
    return character.encode("unicode_escape").decode("ascii")


def width(character: str) -> int:
    """Return how many columns a character takes: 2 for wide ones, 0 for combining ones."""
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in {"Mn", "Me"} else 1


def columns(text: str) -> int:
    """Return how many columns a text takes."""
    return len(text) if text.isascii() else sum(map(width, text))


def broken(text: str, room: int | None) -> list[str]:
    """Return a sentence in lines, broken between words only: names can still be copied.

    Args:
        text: on one line.
        room: columns of a line, at least 20 are taken; None to break nothing.

    """
    if room is None or columns(text) <= room:
        return [text]
    from textwrap import wrap  # which few runs need

    return wrap(text, max(room, 20), break_long_words=False, break_on_hyphens=False)
