"""Drift: what differs from the specs although nobody has changed them, how bad it is, and whose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.failure import Failure
from reconciler.model.ids import ResourceId
from reconciler.model.resource import Severity
from reconciler.model.source import Place, Span
from reconciler.model.value import Absent, Json, Pending


class Sort(StrEnum):
    """What kind of difference it is."""

    CHANGED = "changed"
    """A field has another value."""
    MISSING = "missing"
    """The spec describes it, and it is not there."""
    UNWANTED = "unwanted"
    """The spec says that it must not exist, and it is there."""
    UNMANAGED = "unmanaged"
    """It is in a resource group of the specs, and no spec names it."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who changed something, as far as anybody knows."""

    who: str
    """As Azure names them; empty if nobody knows."""
    when: str = ""
    """A moment in UTC, empty if nobody knows."""
    client: str = ""
    """What it was done with, such as ``Azure Portal``."""
    operation: str = ""
    source: str = ""
    """Where this is from: ``Resource Graph``, ``Activity Log`` or ``systemData``."""
    run: str = ""
    """The run of this tool that did it, and how that ended; empty for somebody else."""
    certain: bool = False
    """Whether it is about this field, and not only about the last write of the resource."""


NOBODY = Author("")


@dataclass(frozen=True, slots=True)
class Sighting:
    """How long a difference has been there."""

    first: str
    """The moment of the run that saw it first, in UTC."""
    seen: int = 1
    """How many runs in a row have seen it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One difference."""

    sort: Sort
    severity: Severity
    id: ResourceId
    kind: str
    address: str
    stack: str
    fingerprint: str
    """The same in every run that finds the same value in the same place."""
    field: tuple[str, ...] = ()
    """The field in the spec's words; empty for a whole resource."""
    wanted: Json | Absent | Pending = None
    live: Json | Absent = None
    reason: str = ""
    place: Place | None = None
    author: Author = NOBODY
    sighting: Sighting | None = None
    """None without a history."""
    private: int = 0
    """How many private entries it stands for."""

    @property
    def span(self) -> Span | None:
        """Where the spec names the resource, None if no spec does."""
        return self.place.span if self.place is not None else None


@dataclass(frozen=True, slots=True)
class Waived:
    """A waiver of a spec, and what it does."""

    address: str
    field: tuple[str, ...]
    reason: str
    until: str
    """The last day, as ``YYYY-MM-DD``."""
    is_over: bool
    differs: bool | None
    """Whether Azure differs in the field; None where that could not be read."""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A resource of which nothing is known."""

    address: str
    reason: str
    stack: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a check of a mail domain stands that a spec wants verified."""

    item: Item
    """The difference that it is if it was verified before."""
    verified: bool | None
    """None where nobody knows."""


@dataclass(frozen=True, slots=True, order=True)
class Verified:
    """A check of a mail domain that some run has found verified."""

    environment: str
    stack: str
    address: str
    check: str


@dataclass(frozen=True, slots=True)
class Drift:
    """What one run has found."""

    at: str
    """The moment of the run, in UTC."""
    environment: str
    stacks: tuple[str, ...]
    """What was looked at."""
    resources: int
    """How many resources the specs manage."""
    items: tuple[Item, ...] = ()
    """The worst first."""
    waivers: tuple[Waived, ...] = ()
    unread: tuple[Unread, ...] = ()
    gaps: tuple[Failure, ...] = ()
    unasked: tuple[Failure, ...] = ()
    """Why some authors are not known; that says nothing of the drift itself."""
    standings: tuple[Standing, ...] = ()
    """The checks that the specs want verified; only a history tells which of them have failed."""
    whole: bool = False
    """Whether all stacks of the environment were looked at."""
    project: str = ""
    """Where the project is in its repository, empty for the top."""

    @property
    def is_complete(self) -> bool:
        """Whether everything could be read."""
        return not self.unread and not self.gaps

    @property
    def counts(self) -> Mapping[Severity, int]:
        """How many differences there are of each severity, the worst first."""
        found = [item.severity for item in self.items]
        return {severity: found.count(severity) for severity in reversed(Severity)}


@dataclass(frozen=True, slots=True)
class Watched:
    """What a watch knows of the runs so far."""

    ended: int = 0
    """Runs that ended, whatever they found."""
    failed: int = 0
    last_failed: bool = False
    ended_at: float | None = None
    """When the last run that ended did so, in seconds of the watch's clock."""
    last_success: str = ""
    """The moment of that, in UTC; empty if there was none."""
    metrics: str = ""
    """Those of the last run that had any."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the history keeps of a difference."""

    fingerprint: str
    environment: str
    stack: str
    address: str
    field: str
    severity: Severity
    first: str
    seen: int


@dataclass(frozen=True, slots=True)
class Run:
    """What the history keeps of a run."""

    at: str
    environment: str
    complete: bool
    counts: Mapping[Severity, int]
    opened: int = 0
    closed: tuple[Entry, ...] = ()
    """The differences that were there in the run before, and are gone."""


@dataclass(frozen=True, slots=True)
class History:
    """The runs so far, oldest first, and the differences that are still there."""

    runs: tuple[Run, ...] = ()
    open: tuple[Entry, ...] = ()
    verified: tuple[Verified, ...] = ()

    def of(self, environment: str) -> History:
        """Return the part of one environment."""
        return History(
            tuple(run for run in self.runs if run.environment == environment),
            tuple(entry for entry in self.open if entry.environment == environment),
            tuple(one for one in self.verified if one.environment == environment),
        )
