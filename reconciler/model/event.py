"""What happens during a run: the one channel from the engine to progress lines and tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from reconciler.model.failure import Failure
from reconciler.model.plan import Change, Step
from reconciler.model.report import Outcome


@dataclass(frozen=True, slots=True)
class ReadFinished:
    """A list or get has been answered."""

    what: str
    count: int
    """Resources in the answer."""


@dataclass(frozen=True, slots=True)
class ClusterRead:
    """Machines that read for this one have come so far."""

    ended: int
    """Units of work that have ended."""
    units: int
    """All units that are known by now."""
    workers: int
    """Workers that are there now."""


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step's request is about to be sent."""

    step: Step


@dataclass(frozen=True, slots=True)
class StepRetried:
    """A step failed in a way that may pass, and will be tried again."""

    step: Step
    failure: Failure
    attempt: int
    """Attempts made so far."""
    wait: float
    """Seconds until the next one."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Operations of an earlier run, or of somebody else, are waited for before the plan is made."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequestDelayed:
    """A request waits: for the budget, or before it is sent again."""

    request: str
    """Method and path, without names that nobody may see."""
    reason: str
    wait: float
    """Seconds."""


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step has ended, done or not."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class StepsRunning:
    """Nothing has ended for a while; these are under way."""

    steps: tuple[tuple[Step, float], ...]
    """Each with the seconds since it was started, in the order of their starts."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Ctrl-C was seen: requests in flight are finished, no more are started."""

    in_flight: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing can be sent now; what the plan has announced is looked at again after a while."""

    changes: tuple[Change, ...]
    """What waits."""
    seconds: float
    """Until the next look."""
    left: float
    """Seconds that the run still waits at most."""


Event: TypeAlias = (
    ReadFinished
    | ClusterRead
    | StepStarted
    | StepRetried
    | RequestDelayed
    | UnderWay
    | StepsRunning
    | StepFinished
    | Interrupted
    | Waiting
)
