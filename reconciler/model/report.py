"""What an apply did."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.failure import Failure
from reconciler.model.plan import Change, OutputValue, Step
from reconciler.model.value import Body


class Result(StrEnum):
    """How a step ended."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It was never sent, because a step that it needs was not done."""
    CANCELLED = "cancelled"
    """It was never sent, because the run had to end."""
    WAITING = "waiting"
    """It was not sent, because what it needs outside of Azure is not there any more."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A resource as Azure showed it after a write."""

    body: Body
    read: bool = True
    """Whether it was read after the write; if not, it is the answer to the write itself."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step ended, and why."""

    step: Step
    result: Result
    seconds: float = 0.0
    failure: Failure | None = None
    because_of: str = ""
    """For a skipped step, the id of the step that failed first."""
    sent: Step | None = field(default=None, compare=False)
    """For a step that is done, the step with all that had to be filled in."""
    reads_back: Shown | None = field(default=None, compare=False)
    """What is live after a step that is done, None if nothing is."""


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """An apply, from its first step to the plan made afterwards."""

    outcomes: tuple[Outcome, ...]
    """In the order of the plan's steps."""
    remaining: tuple[Change, ...] = ()
    """What a new plan would still change."""
    waiting: tuple[Change, ...] = ()
    """What is left to DNS or Azure: a later run carries on with it."""
    checked: bool = False
    """Whether a complete new plan could be made afterwards."""
    interrupted: bool = False
    """Whether Ctrl-C or SIGTERM ended it."""
    stopped: str = ""
    """Why it ended early by itself, such as ``deadline``; empty if it did not."""
    outputs: tuple[OutputValue, ...] = ()

    @property
    def converged(self) -> bool:
        """Whether a new plan was made and is empty."""
        return self.checked and not self.remaining and not self.waiting

    def of(self, result: Result) -> tuple[Outcome, ...]:
        """Return the outcomes that ended so."""
        return tuple(o for o in self.outcomes if o.result is result)
