"""Values from libyaml's events, and on demand the place of each of them.

The same code runs with and without places, so that the two passes cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from sys import intern
from typing import Final, NamedTuple, NoReturn

from reconciler.documents.events import (
    ALIAS,
    MAPPING_END,
    MAPPING_START,
    SCALAR,
    SEQUENCE_END,
    Event,
)
from reconciler.documents.scalars import Scalar, UnclearScalarError, resolve
from reconciler.documents.source_text import SourceText
from reconciler.documents.wording import quoted, shown
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Span
from reconciler.model.value import Json

DEEPEST: Final = 32
"""How many mappings and lists may lie in each other."""

MOST_REPEATED: Final = 10_000
"""How many values all aliases of a file may repeat together."""


@dataclass(slots=True)
class Place:
    """Where a value and the values in it were written."""

    span: Span
    children: dict[str | int, tuple[Span, Place]] = field(default_factory=dict)
    """For each key or index the span of the key, and the place of the value."""


class Anchored(NamedTuple):
    """A value that aliases may repeat."""

    value: Json
    place: Place | None
    size: int
    """How many values it is made of, with all that aliases in it repeat."""


class StopReadingError(Exception):
    """The rest of the file cannot be read in a sensible way; the findings say why."""


class Builder:
    """Builds one document from events, and collects what is wrong with it."""

    def __init__(self, next_event: Callable[[], Event], source: SourceText) -> None:
        """Read from ``next_event``, which gives the event that follows a document's start."""
        self._next = next_event
        self._source = source
        self._anchors: dict[str, Anchored] = {}
        self._open_anchors: list[str] = []
        self._nodes = 0
        self._repeated = 0
        self.findings: list[Diagnostic] = []

    def build(self, event: Event, place: Place | None) -> Json:
        """Return the value that starts with ``event``; fill ``place``, if any.

        Raises:
            StopReadingError: if aliases or nesting pass their limits.

        """
        return self._node(event, place, 0)

    def _node(self, event: Event, place: Place | None, depth: int) -> Json:
        if type(event) is ALIAS:
            return self._alias(event, place)
        self._nodes += 1
        if type(event) is SCALAR and event.tag is None and event.anchor is None:
            return event.value if event.style else self._plain(event)
        if event.tag is not None:
            self._report_tag(event)
        if event.anchor is None:
            return self._content(event, place, depth)
        before = self._nodes - 1
        self._open_anchors.append(event.anchor)
        value = self._content(event, place, depth)
        self._open_anchors.pop()
        self._anchors[event.anchor] = Anchored(value, place, self._nodes - before)
        return value

    def _content(self, event: Event, place: Place | None, depth: int) -> Json:
        if type(event) is SCALAR:
            return event.value if event.style else self._plain(event)
        if depth == DEEPEST:
            self._stop(
                event,
                Code.DEPTH,
                f"mappings and lists are nested more than {DEEPEST} levels deep",
                "a spec needs no more than 12 levels: check the brackets and the indentation",
            )
        if type(event) is MAPPING_START:
            return self._mapping(place, depth + 1)
        return self._list(place, depth + 1)

    def _plain(self, event: Event) -> Scalar:
        text = event.value
        try:
            return resolve(text)
        except UnclearScalarError as error:
            problem = f"{quoted(text)} {error}"
            self._report(event, Code.UNCLEAR_SCALAR, problem, f"quote it: {_in_quotes(text)}")
            return text

    def _list(self, place: Place | None, depth: int) -> list[Json]:
        values: list[Json] = []
        while type(event := self._next()) is not SEQUENCE_END:
            child = None
            if place is not None:
                child = Place(self._source.span(event))
                place.children[len(values)] = (child.span, child)
            values.append(self._node(event, child, depth))
        return values

    def _mapping(self, place: Place | None, depth: int) -> dict[str, Json]:
        values: dict[str, Json] = {}
        seen: dict[str, Event] = {}
        while type(event := self._next()) is not MAPPING_END:
            key = intern(self._key(event, depth))  # the same few in all resources
            if key in seen:
                self._report_duplicate(key, seen[key], event)
            seen[key] = event
            value_event = self._next()
            child = None
            if place is not None:
                child = self._child(place, key, event, value_event)
            values[key] = self._node(value_event, child, depth)
        return values

    def _child(self, place: Place, key: str, at: Event, value: Event) -> Place:
        """Add the place of a value, which is shown at its key if nothing is written there."""
        span = self._source.span(at)
        empty = type(value) is SCALAR and not value.style and not value.value
        child = Place(span if empty else self._source.span(value))
        place.children[key] = (span, child)
        return child

    def _key(self, event: Event, depth: int) -> str:
        key = self._node(event, None, depth)
        if type(event) is SCALAR:
            written = event.value
            if not event.style and (type(key) is not str or written == "<<"):
                self._report_bad_key(event, written)
            return written
        if isinstance(key, str):
            return key
        self._report(
            event,
            Code.KEY_NOT_TEXT,
            f"a key is {shown(key)}, and only text can be a key",
            "write a name as the key; quote it if it holds { } [ ] or starts with ?",
        )
        return str(len(self.findings))

    def _report_bad_key(self, event: Event, written: str) -> None:
        if written == "<<":
            problem = "the merge key `<<` is not supported"
            mend = "write the fields out, or repeat a whole value with an alias: `tags: *tags`"
            self._report(event, Code.MERGE_KEY, problem, mend)
        elif not written:
            mend = "write a name before the colon"
            self._report(event, Code.KEY_NOT_TEXT, "the key before the colon is missing", mend)
        else:
            problem = f"the key {quoted(written)} is not text"
            self._report(event, Code.KEY_NOT_TEXT, problem, f"quote it: {_in_quotes(written)}")

    def _alias(self, event: Event, place: Place | None) -> Json:
        name = event.anchor or ""
        if name in self._open_anchors:
            problem = f"the alias `*{name}` is inside the value it repeats, so it has no end"
            self._report(event, Code.ANCHOR, problem, "write the value out")
            return None
        anchored = self._anchors.get(name)
        if anchored is None:
            problem = f"the alias `*{name}` repeats a value that is not anchored above it"
            mend = f"put `&{name}` before the first value, or quote the text if * is part of it"
            self._report(event, Code.ANCHOR, problem, mend)
            return None
        self._nodes += anchored.size
        self._repeated += anchored.size
        if self._repeated > MOST_REPEATED:
            problem = f"with `*{name}`, aliases repeat more than {MOST_REPEATED:,} values"
            self._stop(event, Code.EXPANSION, problem, "write the values out, or split the file")
        if place is not None and anchored.place is not None:
            place.children = anchored.place.children
        return anchored.value

    def _report_tag(self, event: Event) -> None:
        self._report(
            event,
            Code.TAG,
            f"the tag {quoted(event.tag or '')} is not supported",
            "remove the tag; quote the value if it shall be text",
        )

    def _report_duplicate(self, key: str, first: Event, again: Event) -> None:
        self.findings.append(
            Diagnostic(
                Code.DUPLICATE_KEY,
                f"the key {quoted(key)} is written twice in one mapping",
                "remove one of the two, or merge their fields",
                self._source.span(again),
                "again here",
                ((self._source.span(first), "first written here"),),
            )
        )

    def _report(self, event: Event, code: Code, problem: str, mend: str) -> None:
        self.findings.append(Diagnostic(code, problem, mend, self._source.span(event)))

    def _stop(self, event: Event, code: Code, problem: str, mend: str) -> NoReturn:
        self._report(event, code, problem, mend)
        raise StopReadingError


def _in_quotes(text: str) -> str:
    return quoted(f'"{text}"')
