"""Exit codes: a stable contract that scripts rely on."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from reconciler.model.errors import InvalidInputError, MovedError, RefusedFileError

if TYPE_CHECKING:
    from reconciler.model.plan import Plan
    from reconciler.model.report import ApplyReport


class ExitCode(IntEnum):
    """What a run ended with."""

    OK = 0
    """In sync, or done."""
    FAILED = 1
    """Something could not be read, written or reached."""
    CHANGES = 2
    """There is something to change; nothing was touched."""
    INVALID = 3
    """The specs or the project file are wrong."""
    REFUSED = 4
    """A safety rule forbids it."""
    STALE = 5
    """Azure changed since the plan was made."""
    NOT_CONVERGED = 6
    """Applied, or nothing to do now, and not (yet) as desired."""
    USAGE = 64
    """The command line makes no sense."""
    INTERRUPTED = 130
    """Ctrl-C."""


def of_plan(plan: Plan) -> ExitCode:
    """Return what a plan means for a script."""
    if not plan.is_complete:
        return ExitCode.FAILED
    if not plan.is_applyable:
        return ExitCode.REFUSED
    if plan.only_waits:
        return ExitCode.NOT_CONVERGED
    return ExitCode.OK if plan.is_empty else ExitCode.CHANGES


def of_report(report: ApplyReport) -> ExitCode:
    """Return what an apply means for a script."""
    from reconciler.model.failure import FailureClass
    from reconciler.model.report import Result

    if report.stopped:
        return ExitCode.FAILED
    failures = [o.failure for o in report.outcomes if o.failure is not None]
    if report.interrupted:
        return ExitCode.INTERRUPTED
    if any(f.kind is FailureClass.STALE for f in failures):
        return ExitCode.STALE
    unfinished = (FailureClass.DIFFERENT, FailureClass.NOT_READY)
    if any(f.kind not in unfinished for f in failures):
        return ExitCode.FAILED
    if report.of(Result.SKIPPED) or not report.converged:
        return ExitCode.NOT_CONVERGED
    return ExitCode.OK


def of_invalid(error: InvalidInputError) -> ExitCode:
    """Return what findings about files mean for a script."""
    if isinstance(error, MovedError):
        return ExitCode.STALE
    return ExitCode.REFUSED if isinstance(error, RefusedFileError) else ExitCode.INVALID
