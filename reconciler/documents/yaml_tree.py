"""A document as a tree of nodes, each with the exact stretch of text that it was written in.

`reconciler.documents.yaml_reader` says what a document means; this says where every character of it
stands, for whatever changes text without writing it anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from reconciler.documents.events import (
    ALIAS,
    DOCUMENT_START,
    MAPPING_END,
    MAPPING_START,
    SCALAR,
    SEQUENCE_END,
    Event,
    EventParser,
    libyaml,
)
from reconciler.model.value import Path

_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\n\r\x85\u2028\u2029]*", re.MULTILINE)


class Shape(Enum):
    """What a node is made of."""

    SCALAR = "scalar"
    ALIAS = "alias"
    MAPPING = "mapping"
    LIST = "list"


@dataclass(slots=True)
class Node:
    """A value or a key, as it is written."""

    shape: Shape
    start: int
    """Index of its first character, which is that of its anchor if it has one."""
    end: int
    """Index behind its last character; of a block, that behind its last value."""
    line: int
    """Lines before its first character."""
    column: int
    """Characters before it on its line."""
    style: str = ""
    """The quote or block character of a scalar; empty for a plain one."""
    text: str = ""
    """What a scalar says, or the name that an alias repeats."""
    anchor: str = ""
    is_flow: bool = False
    """Whether a mapping or list is written with brackets."""
    entries: list[Entry] = field(default_factory=list)

    @property
    def is_block(self) -> bool:
        """Whether it is a mapping or list that is written with indentation."""
        return self.shape in (Shape.MAPPING, Shape.LIST) and not self.is_flow

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written: a null that is left out."""
        return self.shape is Shape.SCALAR and self.start == self.end

    def entry(self, step: str | int) -> Entry | None:
        """Return the entry with a key, or with an index; None if there is none."""
        if isinstance(step, int):
            inside = self.shape is Shape.LIST and 0 <= step < len(self.entries)
            return self.entries[step] if inside else None
        if self.shape is not Shape.MAPPING:
            return None
        return next((e for e in self.entries if e.key is not None and e.key.text == step), None)

    def walk(self) -> Iterator[Node]:
        """Yield this node and all nodes in it, in the order of the text."""
        yield self
        for entry in self.entries:
            if entry.key is not None:
                yield from entry.key.walk()
            yield from entry.value.walk()


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value, or one member of a list."""

    key: Node | None
    value: Node

    @property
    def start(self) -> int:
        """Index of its first character, behind the dash of a list in blocks."""
        return self.key.start if self.key is not None else self.value.start

    @property
    def end(self) -> int:
        """Index behind its last character."""
        return max(self.value.end, self.key.end if self.key is not None else 0)


def parse(text: str) -> Node:
    """Return the tree of the first document in ``text``, which our reader has found to be one."""
    parser = libyaml(text)
    try:
        return _first_document(parser)
    finally:
        parser.dispose()


def find(root: Node, path: Path) -> Entry | None:
    """Return the entry at ``path``, or None; nothing is looked for behind aliases."""
    found: Entry | None = Entry(None, root)
    for step in path:
        if found is None:
            return None
        found = found.value.entry(step)
    return found


def comments(text: str, root: Node) -> list[tuple[int, str]]:
    """Return every comment with the index where it starts, in the order of the text."""
    found: list[tuple[int, str]] = []
    end = 0
    for node in root.walk():
        if node.shape is not Shape.SCALAR or node.is_empty:
            continue
        found += _comments_between(text, end, node.start)
        end = node.end
        if node.style in ("|", ">"):  # a comment may stand behind the character itself
            found += _comments_between(text, node.start, text.find("\n", node.start, node.end))
    return [*found, *_comments_between(text, end, len(text))]


def _comments_between(text: str, start: int, end: int) -> list[tuple[int, str]]:
    found = _COMMENT.finditer(text, start, max(start, end))
    return [(match.start(), match.group().rstrip()) for match in found]


def _first_document(parser: EventParser) -> Node:
    event: Event = parser.get_event()
    while type(event) is not DOCUMENT_START:
        event = parser.get_event()
    return _node(parser, parser.get_event())


def _node(parser: EventParser, event: Event) -> Node:
    node = Node(
        Shape.SCALAR,
        event.start_mark.index,
        event.end_mark.index,
        event.start_mark.line,
        event.start_mark.column,
        anchor=event.anchor or "",
    )
    if type(event) is SCALAR:
        node.text, node.style = event.value, event.style or ""
    elif type(event) is ALIAS:
        node.shape, node.text, node.anchor = Shape.ALIAS, event.anchor or "", ""
    else:
        node.shape = Shape.MAPPING if type(event) is MAPPING_START else Shape.LIST
        node.is_flow = bool(event.flow_style)
        _fill(parser, node)
    return node


def _fill(parser: EventParser, node: Node) -> None:
    """Read the entries of a mapping or list, up to its end."""
    while type(event := parser.get_event()) not in (MAPPING_END, SEQUENCE_END):
        first = _node(parser, event)
        if node.shape is Shape.MAPPING:
            node.entries.append(Entry(first, _node(parser, parser.get_event())))
        else:
            node.entries.append(Entry(None, first))
    if node.is_flow:
        node.end = event.end_mark.index
    elif node.entries:
        node.end = node.entries[-1].end
        if not node.anchor:
            first = node.entries[0].key or node
            node.start, node.line, node.column = first.start, first.line, first.column
