"""How long each difference has been there, over many runs.

A difference is one and the same while the same value is found in the same place. It is over only
when a run has looked and not found it: what was not read, or is in stacks that a run did not look
at, stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from reconciler.core.drifted.checks import lost, remembered
from reconciler.core.drifted.drift import worst_first
from reconciler.model.drift import Drift, Entry, History, Item, Run, Sighting, Verified
from reconciler.model.resource import Severity
from reconciler.model.value import Json

VERSION = 1
CERTAIN = 2
"""How many runs in a row must see a difference before anybody is told."""
RUNS = 1_000
"""Runs that are kept: a run every hour makes six weeks."""
OPEN = 20_000
"""Differences that are kept."""


@dataclass(frozen=True, slots=True)
class Step:
    """One run more."""

    history: History
    run: Run
    """The run in it."""
    drift: Drift
    """The same drift, with how often each difference was seen."""
    opened: tuple[Item, ...]
    """Differences that are seen for the first time."""
    closed: tuple[Entry, ...]
    """Differences that are over."""


def advance(history: History, drift: Drift) -> Step:
    """Return the history with one run more, which tells what was verified before and is not."""
    failed = lost(history.verified, drift)
    drift = replace(drift, items=tuple(sorted((*drift.items, *failed), key=worst_first)))
    known = {e.fingerprint: e for e in history.open if e.environment == drift.environment}
    items = tuple(_seen_again(item, known, drift.at) for item in drift.items)
    found = {item.fingerprint for item in items}
    gone = [entry for entry in known.values() if entry.fingerprint not in found]
    unsaid = {one.item.fingerprint for one in drift.standings if one.verified is None}
    closed = tuple(e for e in gone if e.fingerprint not in unsaid and _was_looked_at(e, drift))
    kept = [entry for entry in history.open if entry not in closed]
    kept = [e for e in kept if e.environment != drift.environment or e.fingerprint not in found]
    opened = tuple(item for item in items if item.fingerprint not in known)
    run = Run(drift.at, drift.environment, drift.is_complete, drift.counts, len(opened), closed)
    entries = [*kept, *(_entry(item, drift) for item in items)]
    entries.sort(key=lambda e: (-e.severity.rank, e.first, e.fingerprint))
    runs = sorted((*history.runs, run), key=lambda one: one.at)  # one may have been overtaken
    verified = remembered(history.verified, drift)
    after = History(tuple(runs[-RUNS:]), tuple(entries[:OPEN]), verified)
    return Step(after, run, replace(drift, items=items), opened, closed)


def _seen_again(item: Item, known: Mapping[str, Entry], at: str) -> Item:
    """Return a difference with its first sighting and the number of them."""
    before = known.get(item.fingerprint)
    sighting = Sighting(at) if before is None else Sighting(before.first, before.seen + 1)
    return replace(item, sighting=sighting)


def _was_looked_at(entry: Entry, drift: Drift) -> bool:
    """Whether a run would have found a difference, were it still there."""
    if entry.stack not in drift.stacks or drift.gaps:
        return False
    return all(entry.address != one.address for one in drift.unread)


def _entry(item: Item, drift: Drift) -> Entry:
    """Return what is kept of a difference: no values."""
    sighting = item.sighting or Sighting(drift.at)
    return Entry(
        item.fingerprint,
        drift.environment,
        item.stack,
        item.address,
        ".".join(item.field),
        item.severity,
        sighting.first,
        sighting.seen,
    )


def to_lines(history: History) -> Iterable[Json]:
    """Yield a history as values, one for each line of its file."""
    for run in history.runs:
        yield {
            "v": VERSION,
            "run": run.at,
            "environment": run.environment,
            "complete": run.complete,
            "counts": {severity.value: count for severity, count in run.counts.items()},
            "opened": run.opened,
            "closed": [_document(entry) for entry in run.closed],
        }
    for entry in history.open:
        yield {"v": VERSION, "open": _document(entry)}
    for one in history.verified:
        yield {"v": VERSION, "verified": [one.environment, one.stack, one.address, one.check]}


def from_lines(lines: Iterable[Json]) -> History:
    """Return the history that values stand for.

    Raises:
        ValueError: a value is no line of a history, or of a newer version; says which line.

    """
    runs: list[Run] = []
    entries: list[Entry] = []
    verified: list[Verified] = []
    for number, line in enumerate(lines, 1):
        try:
            _take(line, runs, entries, verified)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"line {number} is not what this release writes") from error
    return History(tuple(runs), tuple(entries), tuple(verified))


def _take(line: Json, runs: list[Run], entries: list[Entry], verified: list[Verified]) -> None:
    """Add what one line says."""
    if not isinstance(line, Mapping) or line["v"] != VERSION:
        raise ValueError("another version")
    if "open" in line:
        entries.append(_entry_from(line["open"]))
        return
    if "verified" in line:
        found = line["verified"]
        assert isinstance(found, list)
        environment, stack, address, check = map(str, found)
        verified.append(Verified(environment, stack, address, check))
        return
    counts = line["counts"]
    closed = line["closed"]
    assert isinstance(counts, Mapping)
    assert isinstance(closed, list)
    runs.append(
        Run(
            str(line["run"]),
            str(line["environment"]),
            line["complete"] is True,
            {severity: int(str(counts[severity.value])) for severity in reversed(Severity)},
            int(str(line["opened"])),
            tuple(map(_entry_from, closed)),
        )
    )


def _document(entry: Entry) -> Json:
    return {
        "fingerprint": entry.fingerprint,
        "environment": entry.environment,
        "stack": entry.stack,
        "address": entry.address,
        "field": entry.field,
        "severity": entry.severity.value,
        "first": entry.first,
        "seen": entry.seen,
    }


def _entry_from(value: Json) -> Entry:
    if not isinstance(value, Mapping):
        raise TypeError("not an object")
    return Entry(
        str(value["fingerprint"]),
        str(value["environment"]),
        str(value["stack"]),
        str(value["address"]),
        str(value["field"]),
        Severity(str(value["severity"])),
        str(value["first"]),
        int(str(value["seen"])),
    )
