"""What happens during a run: the one channel from the engine to progress lines and tests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from reconciler.model.failure import Failure
from reconciler.model.plan import Change, Plan, Step
from reconciler.model.report import Outcome

if TYPE_CHECKING:  # a start-up imports few modules
    from reconciler.model.drift import Drift


class Phase(StrEnum):
    """A part of a run."""

    LOAD = "load specs"
    OBSERVE = "observe"
    """Azure is asked for all that the specs speak of."""
    LOOK_UP = "look up mail domains"
    """DNS is asked for the records of mail domains."""
    PLAN = "plan"
    """Wanted and observed are compared; a plan that takes mail away from somebody reads who."""
    APPLY = "apply"
    WAIT = "wait"
    """Nothing can be sent until DNS or Azure has moved."""
    PROVE = "prove"
    """A new plan is made after the steps of the last one."""
    ATTRIBUTE = "ask who"
    HISTORY = "keep history"
    TELL = "tell"
    """Reports are written, and chats are told."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """All that a command does."""

    command: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One question to Azure."""

    kind: str
    scope: str
    """The resource, or what a list is of, as an ARM id."""


Work: TypeAlias = Invocation | Phase | Reading | Step
"""What a thread may be at."""


@dataclass(frozen=True, slots=True)
class Began:
    """A thread has begun some work: what it does until the matching `Ended` is a part of it."""

    work: Work


@dataclass(frozen=True, slots=True)
class Ended:
    """A thread has ended the work that it began last and had not ended."""

    work: Work
    failure: str = ""
    """Why it came to nothing: a code of Azure's or a word of ours, never a sentence."""
    found: int = 0
    """Of a reading, the resources in the answer."""
    result: str = ""
    """Of an invocation, how it ended, in a word."""


@dataclass(frozen=True, slots=True)
class RequestEnded:
    """A thread has sent a request, and got an answer or none."""

    method: str
    url: str
    """Without the query, which may be signed, and without names that nobody may see."""
    seconds: float
    attempt: int
    """From 1."""
    status: int | None = None
    """None if there was no answer."""
    correlation_id: str = ""
    """``x-ms-correlation-request-id``."""
    client_id: str = ""
    """``x-ms-client-request-id``: a request and all polls of its operation have the same."""
    problem: str = ""
    """Why there was no answer, in a word."""


@dataclass(frozen=True, slots=True)
class PlanMade:
    """Specs and Azure have become a plan."""

    plan: Plan
    observed: int
    """Resources that were read."""
    unreadable: int
    """Resources of which nothing is known."""


@dataclass(frozen=True, slots=True)
class DriftFound:
    """What has drifted is known."""

    drift: Drift


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


Inner: TypeAlias = Began | RequestEnded | PlanMade | DriftFound
"""What is of use to those who measure, and tells no person anything new."""

Told: TypeAlias = (
    Ended
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
"""What people may want to hear of."""

Event: TypeAlias = Inner | Told
