"""What surrounds a run that writes: its lock, its journal, its deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.app.targets.connection import AZURE, Oversight
from reconciler.arm.target import PUBLIC_AZURE
from reconciler.documents import project as project_file
from reconciler.documents.project import Project
from reconciler.engine.clock import SystemClock, moment_after
from reconciler.engine.interrupt import Interrupt
from reconciler.engine.ports import Listener, Lock, RequestFailedError
from reconciler.model.errors import InvalidInputError, UnavailableError
from reconciler.model.report import ApplyReport, Result
from reconciler.model.run import RunRecord
from reconciler.runs import file_lock
from reconciler.runs.journal import Journal, runs
from reconciler.runs.keeper import kept
from reconciler.runs.runner import is_alive, this_run

SPREADS_WITHIN = 900.0
"""Seconds from the beginning of a run until all that it has made is known everywhere.

https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
"""

PATIENCE = 90.0
"""Seconds to wait for somebody else's lock: longer than a lock that nobody renews holds."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a run may take, and wait."""

    patience: float = PATIENCE
    """Seconds to wait for the lock."""
    deadline: float | None = None
    """Seconds after which it ends by itself, None for never."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that writes."""

    oversight: Oversight
    journal: Journal
    _follows_a_killed_one: bool

    def planned(self, steps: int, plan: str = "") -> None:
        """Note how many requests are planned, and the seal of the plan file that lists them.

        A run without any has no journal, but for the one that finds that a killed run has left
        nothing to do: from then on nobody has to hear of that any more.
        """
        if steps or self._follows_a_killed_one:
            self.journal.planned(steps, plan)

    def ended(self, report: ApplyReport) -> None:
        """Note how the run has ended."""
        self.journal.end(_result(report))


@contextmanager
def supervised(
    project: Project,
    environment: str,
    target: str,
    interrupt: Interrupt,
    listener: Listener,
    told: Callable[[str], None],
    terms: Terms,
) -> Iterator[Run]:
    """Yield a run that holds the lock of its project and environment, and keeps a journal.

    Args:
        project: whose lock and journal.
        environment: empty for none.
        target: the control plane, as `connect` takes it.
        interrupt: ends the run; its deadline is set here.
        listener: hears of every request that waits.
        told: hears of the lock, in words.
        terms: how long the run may take, and wait.

    Raises:
        LockedError: somebody else holds the lock, and goes on holding it.

    """
    runner = this_run()
    follows = unfinished_run(project, environment, target) is not None
    if terms.deadline is not None:
        interrupt.end_after(SystemClock(), terms.deadline)
    lock = lock_of(project, environment)
    with kept(
        lock, runner, interrupt, told, seconds=project.lock_seconds, patience=terms.patience
    ) as keeper:
        journal = Journal(project.root, runner, _shown(target), environment)
        try:
            yield Run(Oversight(listener, (keeper, journal), interrupt), journal, follows)
        except RequestFailedError as error:
            journal.end(error.failure.code)
            raise UnavailableError(str(error.failure), error.failure.mend) from error
        except Exception as error:
            journal.end(f"ended by {type(error).__name__}")
            raise
        finally:
            journal.close()


def project_of(project_path: Path | None) -> Project:
    """Return the project whose journals and locks are meant.

    Raises:
        InvalidInputError: its file is not valid.

    """
    project, problems = project_file.load(project_path, Path.cwd())
    if problems:
        raise InvalidInputError(tuple(problems))
    return project


def records_of(project: Project) -> tuple[RunRecord, ...]:
    """Return all runs that have a journal here, the newest last."""
    return runs(project.root)


def lock_of(project: Project, environment: str) -> Lock:
    """Return the lock of a project and environment: a file here, or a blob for all machines."""
    name = environment or "default"
    if project.lock_container:
        from reconciler.arm.blob_lock import BlobLock

        return BlobLock(project.lock_container, f"{name}.lock", project.lock_seconds)
    return file_lock.FileLock(project.root / file_lock.FOLDER / f"{name}.json")


def is_recent(record: RunRecord) -> bool:
    """Whether what a run has made may not have spread through all of Azure yet."""
    return bool(moment_after(record.begun.replace("Z", "+00:00"), SPREADS_WITHIN))


def unfinished_run(project: Project, environment: str, target: str) -> RunRecord | None:
    """Return the last run here if it was killed, and nothing has been applied since."""
    here = [
        record
        for record in runs(project.root)
        if (record.target, record.environment) == (_shown(target), environment)
    ]
    if not here or not here[-1].is_unfinished or is_alive(here[-1].runner):
        return None
    return here[-1]


def _shown(target: str) -> str:
    """Return the control plane as journals name it."""
    return PUBLIC_AZURE if target == AZURE else target.rstrip("/")


def _result(report: ApplyReport) -> str:
    """Say how a run has ended."""
    if report.stopped:
        return report.stopped
    if report.interrupted:
        return "interrupted"
    if report.of(Result.FAILED):
        return "failed"
    return "done" if report.converged else "not yet as desired"
