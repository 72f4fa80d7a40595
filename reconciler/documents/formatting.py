"""Canonical form of the files that people write: stacks, environments and the project file.

The text is taken apart into blocks of lines and put together again (`reconciler.documents.layout`),
rather than loaded and dumped. A round trip through a YAML library that keeps comments was the other
way, but such a library hangs a comment on the token before it, so that it stays behind when the
entry below it is moved; and it writes quotes, brackets and long texts anew. Lines that are only
moved keep everything that is on them.

Whatever the layout does is proved: the result must read as the same value, with every comment.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from reconciler.documents.field_order import arrange
from reconciler.documents.json_values import same
from reconciler.documents.layout import NoLayoutError, take_apart
from reconciler.documents.modeline import schema_in
from reconciler.documents.source_text import SourceText
from reconciler.documents.validate import schema_of
from reconciler.documents.yaml_reader import read
from reconciler.documents.yaml_tree import Shape, comments, parse
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Document

_BREAK = re.compile("\r\n?")
_MEND = "format the line by hand, or leave the file as it is"


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file in its canonical form."""

    text: str
    schema: str
    """The name of the schema that describes it."""


def format_text(content: bytes, file: str) -> tuple[Formatted | None, list[Diagnostic]]:
    """Return the canonical form of a file, or why it has none.

    Args:
        content: the bytes of the file.
        file: the name to print.

    Returns:
        The result, or None if the file is to be left alone; and what is wrong with it.

    """
    document, findings = read(content, file)
    if document is None:
        return None, findings
    schema_name, findings = schema_of(document)
    if not schema_name:
        return None, findings
    text = _BREAK.sub("\n", content.decode("utf-8").removeprefix("\ufeff"))
    source = SourceText(file, text)
    try:
        layout = take_apart(text)
    except NoLayoutError as error:
        problem = f"fmt knows no layout for {error}"
        return None, [Diagnostic(Code.LAYOUT, problem, _MEND, source.at_index(error.index))]
    has_alias = any(node.shape is Shape.ALIAS for node in parse(text).walk())
    if not has_alias and not layout.is_fixed:  # an alias must follow its anchor
        layout.items = arrange(layout.items, schema_name)
    layout.header = _modeline_first(layout.header)
    formatted = Formatted(layout.text(), schema_name)
    finding = _difference(document, source, formatted.text)
    return (None, [finding]) if finding else (formatted, [])


def _modeline_first(header: list[str]) -> list[str]:
    """Return the comments at the top with the first modeline as the first line."""
    found = next((line for line in header if schema_in(line)), None)
    if found is None:
        return header
    at = header.index(found)
    return [found, *header[:at], *header[at + 1 :]]


def _difference(document: Document, source: SourceText, formatted: str) -> Diagnostic | None:
    """Return what the formatted text would say otherwise, or lack; None if it is the same."""
    again, _ = read(formatted, source.file)
    if again is None or not same(document.value, again.value):
        problem = "formatting would change what the file says, so it is left alone"
        return Diagnostic(Code.LAYOUT, problem, _MEND, document.at())
    kept = Counter(comment for _, comment in comments(formatted, parse(formatted)))
    for start, comment in comments(source.text, parse(source.text)):
        if not kept[comment]:
            problem = "formatting would lose this comment, so the file is left alone"
            return Diagnostic(Code.LAYOUT, problem, _MEND, source.at_index(start))
        kept[comment] -= 1
    return None
