"""SPF: what a record says, what is missing in it, and one record that says it all (RFC 7208)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

VERSION = "v=spf1"
MOST_LOOKUPS = 10
"""https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4."""

DEEPEST = 12
"""How many records in each other are followed; more than `MOST_LOOKUPS` are too many anyway."""

LookUp: TypeAlias = Callable[[str], str | None]
"""Returns the SPF record of a name, or None if it has none or nobody knows."""

QUERIED = frozenset({"include", "a", "mx", "ptr", "exists"})
"""Mechanisms that cost the receiver a lookup, as does ``redirect``."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a record after its version."""

    text: str

    @property
    def qualifier(self) -> str:
        """``+``, ``-``, ``~`` or ``?``; plus where there is none."""
        return self.text[0] if self.text[0] in "+-~?" else "+"

    @property
    def bare(self) -> str:
        """The word without its qualifier, in lower case: what it is about."""
        return self.text.lstrip("+-~?").lower().rstrip(".")

    @property
    def name(self) -> str:
        """The mechanism or modifier, such as ``include`` or ``redirect``."""
        for mark in ":=/":
            head, found, _ = self.bare.partition(mark)
            if found and head.isalnum():
                return head
        return self.bare

    @property
    def target(self) -> str:
        """The name it points at; empty for none."""
        return self.bare.removeprefix(self.name).lstrip(":=").partition("/")[0]


class Merge(NamedTuple):
    """One record that says what two said."""

    merged: str | None
    """None where merging was refused; the first note says why."""
    lookups: int
    """How many DNS lookups a receiver needs, as far as they could be counted."""
    notes: tuple[str, ...]


def is_spf(text: str) -> bool:
    """Whether a TXT record is an SPF record."""
    head = text[: len(VERSION)].lower()
    return head == VERSION and text[len(VERSION) : len(VERSION) + 1] in ("", " ")


def terms(text: str) -> tuple[Term, ...]:
    """Return the words of a record after its version."""
    return tuple(Term(word) for word in text.split()[1:])


def ending(text: str) -> str:
    """Return the ``all`` of a record as it is written, empty for none."""
    return next((term.text for term in terms(text) if term.bare == "all"), "")


def lacking(published: str, wanted: str) -> tuple[str, ...]:
    """Return the mechanisms of ``wanted`` that have no effect in ``published``.

    Receivers read from left to right and stop at the first match, so what stands behind ``all``, or
    behind the same mechanism with another qualifier, has no effect.
    """
    effective = _effective(published)
    return tuple(
        term.text
        for bare, term in _effective(wanted).items()
        if "=" not in term.text
        and (bare not in effective or effective[bare].qualifier != term.qualifier)
    )


def merge_spf(
    published: str | Sequence[str] | None, wanted: str, look_up: LookUp | None = None
) -> Merge:
    """Return the one record that keeps what is published and adds what is wanted.

    Args:
        published: the SPF record of now, or all of them, or None.
        wanted: the record that ARM asks for.
        look_up: finds the records that are included, to count their lookups; without it only those
            of the record itself are counted.

    """
    records = [published] if isinstance(published, str) else [*(published or ())]
    if not is_spf(wanted):
        return Merge(None, 0, (f"what is wanted is no SPF record: {wanted}",))
    if len(records) > 1:
        why = (
            f"{len(records)} SPF records are published, which receivers treat as an error; "
            "leave one, then merge"
        )
        return Merge(None, 0, (why, *records))
    if records and not is_spf(records[0]):
        return Merge(None, 0, (f"what is published is no SPF record: {records[0]}",))
    notes: list[str] = []
    merged = _joined(records[0], wanted, notes) if records else wanted
    lookups = count_lookups(merged, look_up, notes)
    if lookups > MOST_LOOKUPS:
        notes.append(
            f"it needs {lookups} DNS lookups and receivers stop at {MOST_LOOKUPS}: take out an "
            "include that is no longer used"
        )
    return Merge(merged, lookups, tuple(notes))


def count_lookups(record: str, look_up: LookUp | None, notes: list[str]) -> int:
    """Return how many lookups a record costs, and note what could not be counted."""
    return _count(terms(record), look_up, notes, ())


def _joined(published: str, wanted: str, notes: list[str]) -> str:
    """Return the published record with what is missing in it, before its ``all``."""
    missing = lacking(published, wanted)
    ours, theirs = ending(published), ending(wanted)
    if theirs and ours.lower().lstrip("+") != theirs.lower().lstrip("+"):
        kept = f"`{ours}` of the published record is kept" if ours else "no `all` is added"
        notes.append(f"{kept}; ARM's value has `{theirs}`")
    if not missing:
        return published
    added = [Term(text) for text in missing]
    about = {term.bare for term in added}
    words = terms(published)
    end = next((i for i, term in enumerate(words) if term.bare == "all"), len(words))
    kept_words = [*words[:end], *(term for term in words[end:] if term.bare not in about)]
    place = _first(kept_words, lambda term: term.bare in about or term.bare == "all")
    redirect = _first(kept_words, lambda term: term.name == "redirect")
    place = min(place, redirect)
    whole = [*kept_words[:place], *added, *kept_words[place:]]
    return " ".join([published.split(maxsplit=1)[0], *(term.text for term in whole)])


def _first(words: Sequence[Term], fits: Callable[[Term], bool]) -> int:
    """Return the place of the first word that fits, or the end."""
    return next((i for i, term in enumerate(words) if fits(term)), len(words))


def _effective(record: str) -> dict[str, Term]:
    """Return the words that a receiver gets to, by what they are about; ``all`` ends it."""
    found: dict[str, Term] = {}
    for term in terms(record):
        if term.bare == "all":
            break
        found.setdefault(term.bare, term)
    return found


def _count(
    words: Iterable[Term], look_up: LookUp | None, notes: list[str], above: tuple[str, ...]
) -> int:
    """Count a record's lookups and those of the records that it includes."""
    listed = list(words)
    total = 0
    for term in listed:
        followed = term.name == "include" or (
            term.name == "redirect" and not any(other.bare == "all" for other in listed)
        )
        if term.name not in QUERIED and not followed:
            continue
        total += 1
        if not followed or look_up is None:
            continue
        total += _nested(term, look_up, notes, above)
    return total


def _nested(term: Term, look_up: LookUp, notes: list[str], above: tuple[str, ...]) -> int:
    """Count the lookups of a record that another one includes."""
    target = term.target
    if target in above:
        _note(notes, f"{target} includes itself, which receivers treat as an error")
        return 0
    if "%" in target:
        _note(notes, f"{target} depends on the sender; its own lookups are not counted")
        return 0
    record = look_up(target) if len(above) < DEEPEST else None
    if record is None:
        _note(notes, f"no SPF record of {target} was found; its own lookups are not counted")
        return 0
    return _count(terms(record), look_up, notes, (*above, target))


def _note(notes: list[str], text: str) -> None:
    """Add a note once."""
    if text not in notes:
        notes.append(text)
