"""What ends a run early: Ctrl-C, SIGTERM, its deadline, or a lost lock."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from types import FrameType

from reconciler.engine.ports import Clock, RequestFailedError
from reconciler.model.failure import Failure, FailureClass

SLICE = 0.5
"""Seconds that are waited at a stretch, so that the end of a run is noticed."""


class Stop(StrEnum):
    """Why a run ends early."""

    SIGNAL = "interrupted"
    """Requests and operations in flight are followed to their end."""
    DEADLINE = "deadline"
    """Nothing is waited for any more."""
    LOCK = "lock lost"
    """Somebody else may write from now on; nothing is waited for any more."""


MENDS = {
    Stop.DEADLINE: "run again: it carries on where this one stopped; or give a longer --deadline",
    Stop.LOCK: "see who has it with `reconciler lock show`, and run again",
}


class Interrupt:
    """Whether a run shall end, and why: what ends it at once counts for more than a signal."""

    def __init__(self) -> None:
        """Begin unset."""
        self._reason: Stop | None = None
        self._end: tuple[Clock, float] | None = None
        self.signal = 0
        """The number of the signal that asked; 0 if none did."""

    def set(self, reason: Stop = Stop.SIGNAL) -> None:
        """Ask the run to end."""
        if self._reason not in MENDS:  # a signal may come between these lines, so there is no lock
            self._reason = reason

    def end_after(self, clock: Clock, seconds: float) -> None:
        """Let the run end by itself after so many seconds."""
        self._end = (clock, clock.now() + seconds)

    @property
    def reason(self) -> Stop | None:
        """Why the run is to end, None if it is not."""
        if self._end is not None and self._end[0].now() >= self._end[1]:
            self.set(Stop.DEADLINE)
        return self._reason

    @property
    def is_set(self) -> bool:
        """Whether no more requests are to be started."""
        return self.reason is not None

    @property
    def ends_at_once(self) -> bool:
        """Whether nothing in flight is followed to its end either."""
        return self.reason in MENDS

    def sleep(self, clock: Clock, seconds: float) -> None:
        """Wait by ``clock``, in slices short enough for a Ctrl-C to be heard, or until one is."""
        while seconds > 0 and not self.is_set:
            clock.sleep(min(seconds, SLICE))
            seconds -= SLICE

    def refuse_to_wait(self) -> None:
        """Raise if the run ends at once, without following what is in flight.

        Raises:
            RequestFailedError: how the request in flight ends is not known.

        """
        reason = self.reason
        if reason in MENDS:
            message = "the run had to end before it was known how this ended"
            raise RequestFailedError(
                Failure(FailureClass.STOPPED, str(reason), message, MENDS[reason])
            )


class WatchedClock:
    """A clock that does not wait past the end of the run."""

    def __init__(self, clock: Clock, interrupt: Interrupt) -> None:
        """Wait by ``clock``."""
        self._clock = clock
        self._interrupt = interrupt

    def now(self) -> float:
        """Return seconds since some fixed moment."""
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Wait.

        Raises:
            RequestFailedError: the run ends meanwhile.

        """
        while seconds > 0:
            self._interrupt.refuse_to_wait()
            self._clock.sleep(min(seconds, SLICE))
            seconds -= SLICE
        self._interrupt.refuse_to_wait()


@contextmanager
def listening(*, raising: bool = False) -> Iterator[Interrupt]:
    """Yield a flag that the first Ctrl-C or SIGTERM sets; a second Ctrl-C ends the run at once.

    Args:
        raising: whether the first one ends the run at once, too. The flag is for those who wait
            beside a library: what is raised while an object is freed is heard by nobody.
            https://docs.python.org/3/reference/datamodel.html#object.__del__

    """
    interrupt = Interrupt()

    def handle(number: int, _frame: FrameType | None) -> None:
        again = interrupt.is_set
        interrupt.signal = interrupt.signal or number
        interrupt.set()
        if again or raising:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupt
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
