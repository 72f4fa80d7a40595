"""Who runs, and what a run did: the nouns of journal and lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Traces: TypeAlias = "Mapping[str, str] | None"
"""What is left of a state in a journal: a digest of each field by its path; None for no object."""


@dataclass(frozen=True, slots=True)
class Runner:
    """The one who runs."""

    who: str
    """User and machine, such as ``ann@build-7``."""
    pid: int
    address: str = ""
    """The page of the pipeline run, empty outside of a pipeline."""

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.who} ({self.address})" if self.address else f"{self.who}, process {self.pid}"


@dataclass(frozen=True, slots=True)
class Lease:
    """A lock that somebody holds."""

    holder: Runner
    token: str
    """What only the holder knows to be its own."""
    since: float
    """When it was taken, in seconds since the epoch."""
    expires: float
    """Until when nobody else may take it; moves while the holder renews it."""


@dataclass(frozen=True, slots=True)
class WriteRecord:
    """One request of a run that was to change something."""

    method: str
    path: str
    """The ARM id, without the names of private entries."""
    sent: str
    """When it left, as ISO 8601 in UTC."""
    attempt: int = 1
    answered: str = ""
    """When the answer was noted, empty for none."""
    status: int | None = None
    """HTTP status, None if there was no answer."""
    correlation_id: str = ""
    problem: str = ""
    """Why there was no answer."""

    @property
    def is_open(self) -> bool:
        """Whether nobody knows what came of it."""
        return not self.answered or self.status is None or self.status in (408, *range(500, 600))

    @property
    def may_be_done(self) -> bool:
        """Whether Azure may have carried it out."""
        return self.is_open or (self.status or 0) < 400


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run, as its journal has it."""

    run: str
    """The name of its journal."""
    begun: str
    """When, as ISO 8601 in UTC."""
    runner: Runner
    target: str
    environment: str
    steps: int
    """How many requests were planned."""
    writes: tuple[WriteRecord, ...] = ()
    ended: str = ""
    """When, empty for a run that was killed or is still going on."""
    result: str = ""
    """How, in words."""
    torn: int = 0
    """Lines that could not be read: the last one, in a run that was killed while it wrote."""
    plan: str = ""
    """The seal of the plan file that was carried out, empty for none."""
    read_back: Mapping[str, Traces] = field(default_factory=dict)
    """What read back after each step that was done, by the id of the step; of a plan file only."""
    private: frozenset[tuple[str, str]] = frozenset()
    """What was begun of private requests: which group they are of, and the mark of each."""

    @property
    def is_unfinished(self) -> bool:
        """Whether its end was never noted."""
        return not self.ended
