"""What came of applying a plan to an emulator that has what Azure has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.model.report import ApplyReport, Result


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """An apply that was only tried."""

    report: ApplyReport
    reads: int
    """Reads besides polls, the second plan included."""
    writes: Mapping[str, int]
    """Requests that change something, by method, repeated ones included."""
    seconds: tuple[float, float]
    """How long Azure may take for it."""
    polls: int
    """Reads that ask whether an operation has ended, at most."""
    budget: Mapping[str, tuple[float, float]]
    """Requests that Azure takes at once from one caller, and how many more each second; by *reads*,
    *writes* and *deletes*."""
    sources: str
    """Where the figures about Azure come from, in words."""
    assumed: tuple[str, ...] = ()
    """Ids that the plan points at, and that were not read: the rehearsal took them for granted."""
    differs: tuple[str, ...] = ()
    """Requests that the emulator's answers would have planned otherwise."""
    trouble: str = ""
    """What was made to go wrong, in words; empty for nothing."""
    again: ApplyReport | None = None
    """The next run, without trouble; None if the first one ended as desired."""

    @property
    def converged(self) -> bool:
        """Whether it ended as desired at the first go, and as it was planned."""
        return is_settled(self.report) and not self.differs

    @property
    def recovered(self) -> bool:
        """Whether the next run ended as desired, if there was need of one."""
        return self.again is None or is_settled(self.again)


def is_settled(report: ApplyReport) -> bool:
    """Whether a run left nothing to do; what waits for DNS and people is not its to do."""
    return report.checked and not report.remaining and not report.of(Result.FAILED)
