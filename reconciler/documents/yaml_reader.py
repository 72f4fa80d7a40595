"""YAML text as a `Document`, or what is wrong with it: never an exception."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import yaml

from reconciler.documents.builder import Builder, Place, StopReadingError
from reconciler.documents.events import DOCUMENT_START, Event, EventParser, Mark, libyaml
from reconciler.documents.source_text import SourceText
from reconciler.documents.wording import type_of
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Document, Span
from reconciler.model.value import Json, Path

LARGEST: Final = 5_000_000
"""How many bytes a file may hold."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENVELOPE = "start it with `apiVersion: reconciler/v1` and `kind: Stack`"


def read(content: str | bytes, file: str) -> tuple[Document | None, list[Diagnostic]]:
    """Read the one document in ``content``; ``file`` is the name to print.

    Returns:
        The document, or None if anything is wrong with the file; and all findings, by place.

    """
    if len(content) > LARGEST:
        problem = f"the file holds {len(content):,} bytes, the limit is {LARGEST:,}"
        mend = "split it: one file for each stack"
        return None, [Diagnostic(Code.SIZE, problem, mend, Span(file, 1, 1))]
    text = _decode(content, file) if isinstance(content, bytes) else content
    if isinstance(text, Diagnostic):
        return None, [text]
    source = SourceText(file, text.removeprefix("\ufeff"))
    result = _parse(source, places=False)
    findings = result.findings or _misshapen(result, source)
    if findings or not isinstance(result.value, dict):
        return None, sorted(findings, key=lambda finding: finding.sort_key)
    return Document(file, result.value, _Locator(source)), []


def _decode(content: bytes, file: str) -> str | Diagnostic:
    """Return the text, or where it is no UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = SourceText(file, content[: error.start].decode("utf-8"))
        place = before.at_index(len(before.text))
        problem = f"the byte 0x{content[error.start]:02x} at offset {error.start} is not UTF-8"
        if content.startswith(_UTF16):
            problem = "the file is UTF-16, not UTF-8"
        return Diagnostic(Code.ENCODING, problem, "save the file as UTF-8", place)


@dataclass(slots=True)
class _Result:
    """What one pass over a text gave."""

    value: Json = None
    place: Place | None = None
    starts: list[Mark] = field(default_factory=list)
    """Where each document starts."""
    findings: list[Diagnostic] = field(default_factory=list)


def _parse(source: SourceText, *, places: bool) -> _Result:
    """Read all documents of the text; keep the first, and the findings of all."""
    result = _Result()
    parser = None
    try:
        parser = libyaml(source.text)
        _documents(parser, source, result, places=places)
    except StopReadingError:
        pass
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        from reconciler.documents.syntax import unreadable

        result.findings += unreadable(error, source)
    finally:
        if parser is not None:
            parser.dispose()
    return result


def _documents(
    parser: EventParser,
    source: SourceText,
    result: _Result,
    *,
    places: bool,
) -> None:
    next_event: Callable[[], Event] = parser.get_event
    next_event()
    while type(start := next_event()) is DOCUMENT_START:
        first = next_event()
        result.starts.append(start.start_mark)
        place = Place(source.span(first)) if places else None
        builder = Builder(next_event, source)
        try:
            value = builder.build(first, place)
        finally:
            result.findings += builder.findings
        if len(result.starts) == 1:
            result.value, result.place = value, place
        next_event()


def _misshapen(result: _Result, source: SourceText) -> list[Diagnostic]:
    """Return what is wrong with a text that is good YAML but not one document with fields."""
    if len(result.starts) > 1:
        problem = f"the file holds {len(result.starts)} documents, and may hold one"
        mend = "move each document into a file of its own, without the `---`"
        return [Diagnostic(Code.DOCUMENTS, problem, mend, source.at(result.starts[1]))]
    if result.value is None:
        mend = f"remove the file, or {_ENVELOPE}"
        problem = "the file says nothing; an empty file never means delete"
        return [Diagnostic(Code.EMPTY, problem, mend, Span(source.file, 1, 1))]
    if not isinstance(result.value, dict):
        problem = f"the document is {type_of(result.value)}, not a mapping"
        return [Diagnostic(Code.NOT_A_MAPPING, problem, _ENVELOPE, source.at(result.starts[0]))]
    return []


class _Locator:
    """Finds places in a text, which is parsed a second time when the first one is asked for."""

    __slots__ = ("_root", "_source")

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._root: Place | None = None

    def __call__(self, path: Path, key: bool, /) -> Span:  # noqa: FBT001  (a `Locator`)
        if self._root is None:
            self._root = _parse(self._source, places=True).place
        if self._root is None:
            msg = f"{self._source.file} was read once and cannot be read again"
            raise AssertionError(msg)
        place, key_span = self._root, self._root.span
        for depth, step in enumerate(path):
            found = place.children.get(step)
            if found is None:
                return key_span if depth else self._root.span
            key_span, place = found
        return key_span if key else place.span
