"""Drift again and again, in one process that keeps nothing of a run but its figures."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from reconciler.engine.clock import moment
from reconciler.engine.interrupt import SLICE, Interrupt
from reconciler.engine.ports import Clock
from reconciler.model.drift import Watched
from reconciler.model.errors import InvalidInputError, ReconcilerError
from reconciler.render.checks.diagnostics import render_concise
from reconciler.render.drift.prometheus import render_watch
from reconciler.render.formats.one_line import one_line
from reconciler.render.formats.words import plural

STALE_AFTER = 3
"""Intervals after the end of the last run from which on the watch is not well."""

Keep: TypeAlias = Callable[[str], None]
"""Takes the metrics of a run, as soon as there are any."""


@dataclass(slots=True)
class Watch:
    """Runs one after the other, and what is known of them.

    `go_on` belongs to one thread; `metrics` and `ailment` may be asked from any.
    """

    run: Callable[[Keep], None]
    """Runs drift once."""
    every: float
    """Seconds from the beginning of a run to that of the next, which never overlap."""
    clock: Clock
    interrupt: Interrupt
    told: Callable[[str], None]
    """Hears of each run that fails, in one line."""
    _watched: Watched = field(default_factory=Watched, init=False)
    """Replaced as a whole, so that whoever reads it sees one moment."""

    def go_on(self) -> None:
        """Run until the interrupt is set; a run that fails does not end it."""
        while not self.interrupt.is_set:
            begun = self.clock.now()
            self._run_once()
            gc.collect()  # nothing that a run has read lives through the wait
            self._wait_until(begun + self.every)

    def metrics(self) -> str:
        """Return the metrics of the last run that had any, and of the watch itself."""
        watched = self._watched
        return watched.metrics + render_watch(watched, self.every)

    def health(self) -> tuple[str, bool]:
        """Return how the watch is, in lines without details, and whether it is well."""
        ailment = self.ailment()
        success = self._watched.last_success or "none yet"
        return f"{ailment or 'ok'}\nlast success: {success}\n", not ailment

    def ailment(self) -> str:
        """Return why the watch is not well, without details; empty if it is."""
        watched = self._watched
        if watched.last_failed:
            return "the last run failed"
        if watched.ended_at is None:
            return "no run has ended yet"
        age = self.clock.now() - watched.ended_at
        if age > STALE_AFTER * self.every:
            return f"no run has ended for {age:.0f} s, and one is due every {self.every:.0f} s"
        return ""

    def _run_once(self) -> None:
        """Run, and note how it ended."""
        try:
            self.run(self._keep)
        except Exception as error:  # noqa: BLE001  (a service outlives whatever one run meets)
            self.told(f"this run failed: {_in_one_line(error)}")
            failed = self._watched.failed + 1
            self._watched = replace(self._watched, failed=failed, last_failed=True)
        else:
            self._watched = replace(
                self._watched,
                ended=self._watched.ended + 1,
                last_failed=False,
                ended_at=self.clock.now(),
                last_success=moment(),
            )

    def _keep(self, metrics: str) -> None:
        self._watched = replace(self._watched, metrics=metrics)

    def _wait_until(self, then: float) -> None:
        """Wait in slices, so that the end is noticed."""
        while not self.interrupt.is_set and (left := then - self.clock.now()) > 0:
            self.clock.sleep(min(left, SLICE))


def _in_one_line(error: Exception) -> str:
    """Say what a run met; the first of many problems stands for all."""
    match error:
        case InvalidInputError(diagnostics=found):
            return (
                f"{plural(len(found), 'problem')} in the specs: {render_concise(found[:1])}".strip()
            )
        case ReconcilerError(problem=problem, mend=mend):
            return one_line(f"{problem} (mend: {mend})" if mend else problem)
        case OSError(strerror=reason):
            return one_line(f"{reason or type(error).__name__}".lower())
        case _:
            return one_line(f"this is a bug: {type(error).__name__}: {error}")
