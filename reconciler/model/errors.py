"""Why a run cannot go on.

    ReconcilerError
    ├── InvalidInputError       the user's files are wrong: carries diagnostics
    │   ├── RefusedFileError    a sealed file is not to be used: nothing was written
    │   └── MovedError          Azure is not as a sealed file has it: nothing was written
    ├── UsageError              the command line is wrong
    └── UnavailableError        a service or credential this run cannot do without
        └── LockedError         another run holds the lock

A mistake in the specs is a `Diagnostic`; the failure of one step of an apply is an `Outcome`.
Exceptions are only for a run that cannot go on at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.model.diagnostic import Diagnostic


class ReconcilerError(Exception):
    """The root of every error that the command line turns into a message."""

    def __init__(self, problem: str, mend: str = "") -> None:
        """Keep the problem, and the mend that is printed below it."""
        super().__init__(problem)
        self.problem = problem
        self.mend = mend


class InvalidInputError(ReconcilerError):
    """The specs or the project file are wrong; ``diagnostics`` says where, all of it."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Keep the findings, sorted by place."""
        super().__init__(f"{len(diagnostics)} problems in the specs")
        self.diagnostics = tuple(sorted(diagnostics, key=lambda d: d.sort_key))


class RefusedFileError(InvalidInputError):
    """A sealed file is whole and still not to be used: altered, expired, or for something else."""


class MovedError(InvalidInputError):
    """Azure is not as a sealed file has it."""


class UsageError(ReconcilerError):
    """The words on the command line do not make sense."""


class UnavailableError(ReconcilerError):
    """Something this run cannot do without is not there: sign-in, endpoint, state file."""


class LockedError(UnavailableError):
    """Another run holds the lock."""
