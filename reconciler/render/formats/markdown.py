"""GitHub-flavoured Markdown in which names and values are inert."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.render.formats.sections import Section, Tone
from reconciler.render.formats.words import safe

LIMIT = 65_000
"""Characters of a comment: GitHub takes 65,536, and the one who posts it adds a line of its own."""

MARKER_ROOM = 500
"""Characters that are added to a comment: the line by which it is found again, and a warning."""

FEW = 10
"""Rows of a table that nobody may miss; a longer one is folded below its headline."""

ALERTS: Mapping[Tone, str] = {Tone.WARNING: "WARNING", Tone.DANGER: "CAUTION"}


def size(text: str) -> int:
    """Return the length of a text as GitHub may count it: in UTF-16 units, the larger way."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def inert(value: str) -> str:
    """Return text in which nothing is markup, a mention, a link or a reference.

    Characters that mean something become entities, which Markdown never reads as markup, in
    running text and inside HTML tags alike.
    """
    spelt = "".join(_ENTITIES.get(character, character) for character in safe(value))
    return re.sub(r"www\.", "www&#46;", spelt, flags=re.IGNORECASE)


_ENTITIES = {character: f"&#{ord(character)};" for character in "&<>@`|*_[]()~\\$!#:"}


def prose(value: str) -> str:
    """Return a sentence of ours: what stands between backticks becomes code, the rest is inert."""
    parts = value.split("`")
    if len(parts) % 2 == 0:
        return inert(value)
    return "".join(code(p) if n % 2 else inert(p) for n, p in enumerate(parts) if p)


def code(value: str) -> str:
    """Return a code span that stays one, also in a table."""
    return f"<code>{inert(value)}</code>"


def linked(value: str, url: str) -> str:
    """Return code that leads to an address of ours, or nowhere if that is not known."""
    return f'<a href="{inert_url(url)}">{code(value)}</a>' if url else code(value)


def inert_url(url: str) -> str:
    """Return an address that stays inside its attribute."""
    table = {'"': "%22", "<": "%3C", ">": "%3E", "`": "%60", "&": "&amp;", " ": "%20"}
    return "".join(table.get(character, character) for character in safe(url))


def fenced(lines: Iterable[str], language: str) -> list[str]:
    """Return a code block with a fence longer than any in its lines, each of which is made safe."""
    body = [safe(line) for line in lines]
    longest = max((len(run) for line in body for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *body, fence]


def folded(headline: str, lines: Sequence[str], *, is_open: bool = False) -> list[str]:
    """Return lines behind a headline, folded unless they are to be seen."""
    tag = "<details open>" if is_open else "<details>"
    return [f"{tag}<summary>{headline}</summary>", "", *lines, "", "</details>", ""]


def quoted(alert: str, lines: Iterable[str]) -> list[str]:
    """Return an alert of GitHub's, such as ``CAUTION``."""
    return [f"> [!{alert}]", *(f"> {line}".rstrip() for line in lines), ""]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table; its cells are Markdown already."""
    return [
        f"| {' | '.join(head)} |",
        f"|{' --- |' * len(head)}",
        *(f"| {' | '.join(cells)} |" for cells in rows),
    ]


def section_lines(section: Section) -> list[str]:
    """Return a part of a report: open with an alert if it matters, else folded."""
    rows = table(
        [inert(name) for name in section.head],
        ([inert(cell) for cell in cells] for cells in section.rows),
    )
    body = rows if section.head else [f"- {' '.join(map(inert, cells))}" for cells in section.rows]
    headline = f"<b>{inert(section.title)}</b>: {prose(section.summary)}"
    if section.tone not in ALERTS:
        return folded(headline, body) if section.rows else [headline, ""]
    if section.tone is Tone.DANGER and len(section.rows) <= FEW:
        return quoted(ALERTS[section.tone], [headline, "", *body] if section.rows else [headline])
    alert = quoted(ALERTS[section.tone], [headline])
    return [*alert, *folded(inert(section.title), body)] if section.rows else alert


def by_folder(addresses: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what addresses begin with, up to their last slash, and the names below that."""
    folders: dict[str, list[str]] = {}
    for address in addresses:
        folder, slash, name = address.rpartition("/")
        folders.setdefault(folder + slash, []).append(name)
    yield from folders.items()
