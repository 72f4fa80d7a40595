"""Who changed what has drifted, from what Azure has on record; nothing is guessed.

| source | is about |
| --- | --- |
| Resource Graph, ``resourcechanges`` | the field, for 14 days; not for what is nested |
| Activity Log | the last write of the resource, for 90 days |
| ``systemData`` | the last write of the resource, where the kind has it |

https://learn.microsoft.com/azure/governance/resource-graph/changes/get-resource-changes
https://learn.microsoft.com/azure/azure-monitor/platform/activity-log
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reconciler.kinds import KINDS
from reconciler.kinds.kind import lookup
from reconciler.model.drift import NOBODY, Author, Drift, Item, Sort
from reconciler.model.ids import ResourceId
from reconciler.model.record import Record, to_the_second
from reconciler.model.value import Body

LOOK_UPS = 20
"""How many resources the Activity Log is asked about: it takes a request for each."""

BEGINS = {Sort.MISSING: "Delete", Sort.UNMANAGED: "Create"}
"""The sort of change that makes a difference of a whole resource."""


def by_changes(drift: Drift, records: Iterable[Record], runs: Mapping[str, str]) -> Drift:
    """Return the drift with the authors of the changes that made each difference.

    Args:
        drift: what was found.
        records: what Resource Graph has.
        runs: this tool's own runs, by the correlation ids of their requests.

    """
    known: dict[ResourceId, list[Record]] = {}
    for record in records:
        known.setdefault(record.resource, []).append(record)
    return _with_authors(
        drift, [_changed(item, known.get(item.id, []), runs) for item in drift.items]
    )


def unexplained(drift: Drift) -> tuple[ResourceId, ...]:
    """Return the resources to look up in the Activity Log, those with the worst drift first."""
    open_ = (i.id for i in drift.items if not i.author.certain and not i.private)
    return tuple(dict.fromkeys(open_))[:LOOK_UPS]


def by_writes(drift: Drift, records: Iterable[Record], runs: Mapping[str, str]) -> Drift:
    """Return the drift with those who wrote a resource last, where nobody better is known."""
    known: dict[ResourceId, list[Record]] = {}
    for record in records:
        known.setdefault(record.resource, []).append(record)
    return _with_authors(
        drift, [_written(item, known.get(item.id, []), runs) for item in drift.items]
    )


def _with_authors(drift: Drift, authors: Sequence[Author]) -> Drift:
    pairs = zip(drift.items, authors, strict=True)
    return replace(drift, items=tuple(replace(item, author=author) for item, author in pairs))


def _changed(item: Item, records: Sequence[Record], runs: Mapping[str, str]) -> Author:
    """Return who made a difference, by the last change that fits; else who is known already."""
    fitting = [record for record in records if _fits(item, record)]
    if not fitting or item.private:
        return item.author
    last = max(fitting, key=lambda record: record.when)
    return replace(_author(last, "Resource Graph", runs), certain=True)


def _fits(item: Item, record: Record) -> bool:
    """Whether a change can have made a difference."""
    if item.sort in BEGINS:
        return record.sort == BEGINS[item.sort]
    if not item.field:
        return False
    names = {field.name: field.path for field in KINDS[item.kind].fields}
    path = names.get(item.field[0])
    if path is None:
        return False
    wanted = ".".join((*path, *item.field[1:])) if path == ("tags",) else ".".join(path)
    prefix = wanted.lower()
    return any(p == prefix or p.startswith((f"{prefix}.", f"{prefix}[")) for p in record.paths)


def _written(item: Item, records: Sequence[Record], runs: Mapping[str, str]) -> Author:
    """Return who wrote the resource last; a delete says for certain why it is missing."""
    if item.author.certain or item.private or not records:
        return item.author
    last = max(records, key=lambda record: record.when)
    if item.author is not NOBODY and item.author.when >= last.when:
        return item.author
    certain = item.sort is Sort.MISSING and last.operation.lower().endswith("/delete")
    return replace(_author(last, "Activity Log", runs), certain=certain)


def _author(record: Record, source: str, runs: Mapping[str, str]) -> Author:
    run = runs.get(record.correlation, "")
    return Author(record.who, record.when, record.client, record.operation, source, run)


def last_writer(body: Body) -> Author:
    """Return who wrote a resource last, as far as its body says.

    https://learn.microsoft.com/rest/api/communication/resourcemanager/communication-services/get#systemdata
    """
    who = lookup(body, ("systemData", "lastModifiedBy"))
    when = lookup(body, ("systemData", "lastModifiedAt"))
    if not isinstance(who, str) or not who:
        return NOBODY
    return Author(who, to_the_second(when), source="systemData")
