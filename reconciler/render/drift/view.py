"""The view of drift: what every format shows, in the same order."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.drift import Drift, Entry, History, Item, Sort, Waived
from reconciler.model.resource import Severity
from reconciler.model.value import ABSENT
from reconciler.render.formats.private import addresses_in_words
from reconciler.render.formats.words import dotted, plural, safe, shown
from reconciler.render.plan.context import Context

SHOWN_CLOSED = 20
"""Differences that are over and still shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One difference, ready to be printed."""

    item: Item
    address: str
    """Safe to print on one line."""
    what: str
    """The field, or what is wrong with the resource as a whole."""
    live: str
    wanted: str
    author: str
    since: str
    place: str
    link: str

    @property
    def is_new(self) -> bool:
        """Whether this run is the first to see it, as far as there is a history."""
        return self.item.sighting is not None and self.item.sighting.seen == 1


@dataclass(frozen=True, slots=True)
class Group:
    """The differences of one resource."""

    address: str
    kind: str
    severity: Severity
    """That of its worst difference."""
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class DriftView:
    """Drift as it is shown."""

    drift: Drift
    context: Context
    history: History
    """Of this environment, this run with it; empty without a history."""
    groups: tuple[Group, ...]
    verdict: str
    counts: str

    @property
    def lines(self) -> tuple[Line, ...]:
        """All differences, in the order of the groups."""
        return tuple(line for group in self.groups for line in group.lines)

    @property
    def expired(self) -> tuple[Waived, ...]:
        """The waivers that have run out."""
        return tuple(waiver for waiver in self.drift.waivers if waiver.is_over)

    @property
    def holding(self) -> tuple[Waived, ...]:
        """The waivers that hide a difference today."""
        return tuple(w for w in self.drift.waivers if not w.is_over and w.differs)

    @property
    def closed(self) -> tuple[tuple[str, Entry], ...]:
        """Differences that are over, the last first, each with the moment of its end."""
        ended = [(run.at, entry) for run in reversed(self.history.runs) for entry in run.closed]
        return tuple(ended[:SHOWN_CLOSED])


def drift_view(
    drift: Drift, context: Context | None = None, history: History | None = None
) -> DriftView:
    """Return the view of one run's drift.

    Args:
        drift: what was found.
        context: what is known besides.
        history: the runs so far, this one with them; None without a history.

    """
    context = context or Context()
    groups: dict[str, list[Line]] = {}
    for item in drift.items:
        groups.setdefault(item.address, []).append(_line(item, context))
    return DriftView(
        drift,
        context,
        (history or History()).of(drift.environment),
        tuple(_group(lines) for lines in groups.values()),
        _verdict(drift),
        _counts(drift),
    )


def waiver_words(waiver: Waived) -> str:
    """Return what a waiver is about."""
    return f"{safe(waiver.address)} {dotted(waiver.field)}"


def _group(lines: list[Line]) -> Group:
    first = lines[0].item
    return Group(lines[0].address, first.kind, first.severity, tuple(lines))


def _line(item: Item, context: Context) -> Line:
    """Return one difference, ready to be printed."""
    whole = {
        Sort.CHANGED: f"{addresses_in_words(item.private)} differ",
        Sort.MISSING: "is missing",
        Sort.UNWANTED: "should not exist",
        Sort.UNMANAGED: "is in no spec",
    }
    is_field = bool(item.field)
    return Line(
        item,
        safe(item.address),
        _field_name(item) if is_field else whole[item.sort],
        shown(item.live) if is_field else "",
        shown(item.wanted) if is_field else "",
        _author(item),
        _since(item),
        safe(str(item.span)) if item.span else "",
        context.link(item.span),
    )


def _field_name(item: Item) -> str:
    """Return a field; a member of a set of ids keeps its last names only."""
    *front, last = item.field
    if last.startswith("/subscriptions/"):
        return dotted((*front, last.rpartition("/")[2]))
    return dotted(item.field)


def _author(item: Item) -> str:
    """Return who changed it, when and with what; says so where that is not known."""
    author = item.author
    if not author.who:
        return "by whom is not known"
    ours = f"this tool, run {safe(author.run)}, as " if author.run else ""
    who = f"{ours}{safe(author.who)}"
    parts = ["changed by" if author.certain else "last written by", who]
    parts += [f"at {author.when}"] if author.when else []
    parts += [f"with {safe(author.client)}"] if author.client else []
    parts += [f"by {safe(author.operation)}"] if author.operation else []
    return f"{' '.join(parts)} ({author.source})"


def _since(item: Item) -> str:
    """Return how long it has been there, empty without a history."""
    sighting = item.sighting
    if sighting is None:
        return ""
    if sighting.seen == 1:
        return "seen for the first time"
    return f"first seen {sighting.first}, seen {sighting.seen} times"


def _verdict(drift: Drift) -> str:
    """Say whether anything has drifted."""
    if not drift.is_complete:
        unread = plural(len(drift.unread), "resource")
        return f"Incomplete: {unread} could not be read, and may have drifted"
    if not drift.items:
        return "In sync: Azure is as the specs say"
    resources = {item.address for item in drift.items}
    return f"Drift in {plural(len(resources), 'resource')}"


def _counts(drift: Drift) -> str:
    """Return how many differences there are of each severity."""
    named = [f"{count} {severity}" for severity, count in drift.counts.items() if count]
    total = f"{plural(len(drift.items), 'difference')}: {', '.join(named)}" if named else ""
    of = f"{plural(drift.resources, 'resource')} looked at"
    return f"{total}; {of}" if total else of


def live_and_wanted(line: Line) -> str:
    """Return what is there and what should be, on one line."""
    if not line.item.field:
        return line.item.reason if line.item.sort is Sort.UNMANAGED else ""
    live = "nothing" if line.item.live is ABSENT else line.live
    wanted = "nothing" if line.item.wanted is ABSENT else line.wanted
    reason = f": {safe(line.item.reason)}" if line.item.reason else ""
    return f"is {live}, should be {wanted}{reason}"
