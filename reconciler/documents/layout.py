"""The lines of a document as blocks of entries, which can be moved as a whole and printed anew.

Text is cut at line breaks and never written from values: what stands on a line stays on it, quotes
and all. Only indentation, blank lines and the order of entries are the printer's.

A comment line belongs to the entry below it, unless it is indented deeper than that: then it ends
what is above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from reconciler.documents.yaml_tree import Entry, Node, Shape, parse

STEP: Final = 2
"""Spaces for each level."""

_COLON = re.compile(r"[ \t]*:(?=\s|$)")
_MARKER = re.compile(r"(---|\.\.\.)[ \t]*")


class NoLayoutError(ValueError):
    """Something that cannot be moved line by line; the message says what."""

    def __init__(self, problem: str, index: int) -> None:
        """Keep what it is, and the index where it stands."""
        super().__init__(problem)
        self.index = index


@dataclass(slots=True)
class Item:
    """An entry of a block, with everything that moves along with it."""

    key: str | None
    """What its key says; None for a member of a list."""
    indent: int
    """As it was written."""
    head: str
    """Its first line."""
    rest: list[tuple[int, str]] = field(default_factory=list)
    """Further lines of its value, each with its indentation beyond the entry's own."""
    lead: list[str] = field(default_factory=list)
    """Comments and blank lines above it."""
    tail: list[str] = field(default_factory=list)
    """Comments and blank lines at its end, indented deeper."""
    is_text: bool = False
    """Whether its value is a text in block style: a comment below it would become part of it."""
    members: list[Item] = field(default_factory=list)
    """The entries of its value, if that is a block."""


@dataclass(slots=True)
class Layout:
    """A document, taken apart."""

    header: list[str]
    """Comments at the top, which stay there whatever becomes of the entry below them."""
    items: list[Item]
    footer: list[str]
    """Comments at the left margin behind everything."""
    is_fixed: bool = False
    """Whether blank lines are part of a value, so that nothing may be moved behind it."""

    def text(self) -> str:
        """Return the document with two spaces a level, and single blank lines."""
        lines = [*without_blanks(self.header), *_printed(self.items, 0), *self.footer]
        return "\n".join(lines) + "\n"


def take_apart(text: str) -> Layout:
    """Return the layout of a block mapping, which our reader has found to be one.

    Args:
        text: with line feeds only.

    Raises:
        NoLayoutError: it uses a form that has no place in a canonical layout.

    """
    root = parse(text)
    if not root.is_block:
        raise NoLayoutError("the whole document stands between brackets", root.start)
    reader = _Reader(text)
    items = reader.block(root, 0)
    footer = reader.footer()
    header, items[0].lead = items[0].lead, []
    return Layout(header, items, footer, reader.keeps_blanks)


class _Reader:
    """Goes through a text once, from entry to entry."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[Item] = []
        """The entry that was read last, below those it is in."""
        self.keeps_blanks = False

    def block(self, node: Node, depth: int) -> list[Item]:
        """Read the entries of a block."""
        return [self._item(node, entry, depth) for entry in node.entries]

    def footer(self) -> list[str]:
        """Read what is behind the last entry."""
        lines = self._gap(0)
        if self._at < len(self._text):
            raise NoLayoutError("something stands behind the document", self._at)
        return lines[:-1] if lines and not lines[-1] else lines

    def _item(self, node: Node, entry: Entry, depth: int) -> Item:
        lead = self._gap(depth)
        line = self._text.rfind("\n", 0, self._at) + 1
        item = Item(None, self._at - line, "", lead=lead)
        expected = entry.key.start if entry.key is not None else self._at
        is_member = node.shape is Shape.LIST
        if self._at != expected or (is_member and self._text[self._at : self._at + 1] != "-"):
            word = self._text[self._at : self._line_end()].split(" ")[0]
            raise NoLayoutError(f"a line that starts with `{word}`", self._at)
        del self._open[depth:]
        self._open.append(item)
        if entry.key is not None:
            item.key = entry.key.text
            self._at = self._behind_key(entry.key)
            item.head = f"{self._text[entry.key.start : entry.key.end]}:"
        else:
            self._at += 1
            item.head = "-"
        if entry.value.is_block:
            self._block_below(item, entry.value, depth)
        else:
            self._lines_of(item, entry)
        return item

    def _behind_key(self, key: Node) -> int:
        colon = _COLON.match(self._text, key.end)
        if colon is None or "\n" in self._text[key.start : key.end] or key.shape is Shape.ALIAS:
            raise NoLayoutError("a key that is no plain word or quoted text", key.start)
        return colon.end()

    def _block_below(self, item: Item, node: Node, depth: int) -> None:
        """Read a value that is a block, on the same line or on the next ones."""
        end = self._line_end()
        rest = self._text[self._at : end].strip()
        if rest and not rest.startswith("#") and not node.anchor:
            self._at = self._text.index(rest, self._at)
        else:
            item.head += f" {rest}" if rest else ""
            self._at = end + 1
        item.members = self.block(node, depth + 1)

    def _lines_of(self, item: Item, entry: Entry) -> None:
        """Read all lines of a value that is no block."""
        value, end = entry.value, max(entry.value.end, self._at)
        if value.style in ("|", ">"):
            self._block_scalar(item, value)
            return
        line_end = self._text.find("\n", end)
        line_end = line_end if line_end >= 0 else len(self._text)
        behind = self._text[end:line_end].strip()
        if behind and not behind.startswith("#"):
            raise NoLayoutError("other values stand on its line", end)
        first, *more = self._text[self._at : line_end].split("\n")
        item.head += f" {first.strip()}" if first.strip() else ""
        for line in more:
            bare = line.strip()
            item.rest.append((max(_indent(line) - item.indent, 0), bare))
        self._at = line_end + 1

    def _block_scalar(self, item: Item, value: Node) -> None:
        """Read a value in block style, whose spaces beyond its own indentation are part of it."""
        header_end = self._text.index("\n", value.start)
        header = self._text[self._at : header_end].strip()
        if "\n" in self._text[self._at : value.start]:
            raise NoLayoutError("a block style that begins on a line of its own", value.start)
        item.head += f" {header}"
        item.is_text = True
        indicator = header.partition("#")[0]
        self.keeps_blanks |= "+" in indicator
        lines = self._text[header_end + 1 : value.end].split("\n")
        if self._text[: value.end].endswith("\n"):
            lines.pop()
        full = [_indent(line) for line in lines if line.strip(" ")]
        said = re.search("[1-9]", indicator)
        more = int(said.group()) if said else STEP
        first = item.indent + more if said or not full else full[0]
        lines = [line[first:] if full else "" for line in lines]
        while lines and not lines[-1] and "+" not in indicator:
            lines.pop()
        item.rest = [(more, line) for line in lines]
        for _ in range(len(lines) + 1):
            self._at = self._line_end() + 1

    def _gap(self, depth: int) -> list[str]:
        """Read comments and blank lines; give those that end an entry to it, return the others."""
        if self._at and self._text[self._at - 1 : self._at] != "\n":
            return []  # in the middle of a line
        ended, lead, blank = self._open[depth:], list[str](), False
        for line in self._comment_lines():
            if not line.strip():
                blank = True
                continue
            while ended and (ended[-1].is_text or ended[-1].indent >= _indent(line)):
                ended.pop()
            target = ended[-1].tail if ended and not lead else lead
            target += [""] * blank + [line.strip()]
            blank = False
        return lead + [""] * blank

    def _comment_lines(self) -> Iterator[str]:
        """Yield lines up to the next entry, and stop before its first character."""
        while self._at < len(self._text):
            end = self._line_end()
            line = self._text[self._at : end]
            bare = line.strip()
            if bare and not bare.startswith("#") and not _MARKER.fullmatch(line):
                self._at += _indent(line)
                return
            self._at = end + 1
            if not _MARKER.fullmatch(line):
                yield line

    def _line_end(self) -> int:
        end = self._text.find("\n", self._at)
        return end if end >= 0 else len(self._text)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _printed(items: list[Item], indent: int) -> Iterator[str]:
    """Yield the lines of a block; blank lines above its first entry go."""
    pad = " " * indent
    for number, item in enumerate(items):
        lead = item.lead if number else without_blanks(item.lead)
        yield from (pad + line if line else "" for line in lead)
        below = list(_printed(item.members, indent + STEP))
        if item.head == "-" and below and not below[0].lstrip().startswith("#"):
            yield f"{pad}- {below[0].lstrip()}"
            yield from below[1:]
        else:
            yield pad + item.head
            yield from (" " * (indent + more) + line if line else "" for more, line in item.rest)
            yield from below
        yield from (f"{pad}{' ' * STEP}{line}" if line else "" for line in item.tail)


def without_blanks(lines: list[str]) -> list[str]:
    """Return lines without the blank ones that they begin with."""
    full = [number for number, line in enumerate(lines) if line]
    return lines[full[0] :] if full else []
