"""Holds a lock while a run writes: takes it, renews it, and stops the run if it is lost."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from reconciler.engine.clock import SystemClock, wall_time
from reconciler.engine.interrupt import Interrupt, Stop
from reconciler.engine.ports import Clock, Lock, RequestFailedError, Sent
from reconciler.model.errors import LockedError, ReconcilerError
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.run import Lease, Runner
from reconciler.runs.pulse import Pulse, has_stopped

RENEWED_AT = 1 / 3
"""The part of a lease after which it is renewed."""

SURE_UNTIL = 2 / 3
"""The part of a lease during which a write may leave without asking whether it is still ours: the
last third is for requests in flight, and for clocks that differ."""

MEND = (
    "wait until that run has ended; if it is dead, its lock expires by itself within a minute, or"
    " `reconciler lock release` lets go of it"
)

LOOKS_EVERY = 1.0
"""Seconds between two looks at a lock that somebody else holds."""


class Keeper:
    """One run's hold on a lock; implements `reconciler.engine.ports.Recorder`, as a fence."""

    def __init__(self, lock: Lock, lease: Lease, seconds: float, interrupt: Interrupt) -> None:
        """Begin with a lease that was just taken."""
        self._lock = lock
        self._lease = lease
        self._seconds = seconds
        self._interrupt = interrupt
        self._mutex = threading.Lock()
        self._ended = threading.Event()

    def leaving(self, method: str, path: str, attempt: int, body: bytes) -> None:
        """Let a write leave only while the lock is ours.

        Raises:
            RequestFailedError: it is not.

        """
        if self._interrupt.reason is not Stop.LOCK and self._is_sure():
            return
        self._interrupt.set(Stop.LOCK)
        raise RequestFailedError(
            Failure(
                FailureClass.STOPPED,
                str(Stop.LOCK),
                f"the lock {self._lock.place} is no longer held by this run, so nothing was sent",
                "see who has it with `reconciler lock show`, and run again",
            )
        )

    def answered(self, method: str, path: str, answer: Sent) -> None:
        """Nothing to do: what has left has left."""

    def renew(self) -> None:
        """Renew until the run has ended; a lock that is lost stops the run."""
        while not self._ended.wait(self._seconds * RENEWED_AT):
            if not self._renewed():
                self._interrupt.set(Stop.LOCK)
                return

    def end(self) -> None:
        """Let go of the lock."""
        self._ended.set()
        with self._mutex:
            try:
                self._lock.release(self._lease.token)
            except ReconcilerError:
                return  # it expires by itself

    def _is_sure(self) -> bool:
        """Whether nobody else can have the lock."""
        left = self._lease.expires - wall_time()
        if left < self._seconds * (1 - SURE_UNTIL) and not self._renewed():
            return False
        return self._lock.is_ours(self._lease.token)

    def _renewed(self) -> bool:
        """Renew once, and return whether the lock is still ours, as far as anybody can know."""
        with self._mutex:
            lease = replace(self._lease, expires=wall_time() + self._seconds)
            try:
                if not self._lock.renew(lease):
                    return False
            except ReconcilerError:
                return wall_time() < self._lease.expires
            self._lease = lease
            return True


@contextmanager
def kept(
    lock: Lock,
    runner: Runner,
    interrupt: Interrupt,
    told: Callable[[str], None],
    *,
    seconds: float,
    patience: float,
    clock: Clock | None = None,
) -> Iterator[Keeper]:
    """Yield the hold on a lock, which ends with the block.

    Args:
        lock: where the lock is.
        runner: who runs.
        interrupt: is set when the lock is lost.
        told: hears who is waited for, and whose lock has expired.
        seconds: how long the lock holds when it is not renewed.
        patience: how many seconds to wait for somebody else.
        clock: what to wait by; the system's by default.

    Raises:
        LockedError: somebody else holds it, and goes on holding it.

    """
    token = secrets.token_hex(16)
    pulse = Pulse(token)
    try:
        wait = _Wait(lock, interrupt, told, clock or SystemClock(), patience)
        keeper = Keeper(lock, wait.taken(runner, token, seconds), seconds, interrupt)
        thread = threading.Thread(target=keeper.renew, name="lock", daemon=True)
        thread.start()
        try:
            yield keeper
        finally:
            keeper.end()
            thread.join()
    finally:
        pulse.end()


class _Wait:
    """The wait for a lock that somebody else may hold."""

    def __init__(
        self,
        lock: Lock,
        interrupt: Interrupt,
        told: Callable[[str], None],
        clock: Clock,
        patience: float,
    ) -> None:
        """Begin to wait; see `kept`."""
        self._lock = lock
        self._interrupt = interrupt
        self._told = told
        self._clock = clock
        self._end = clock.now() + patience
        self._patience = patience
        self._seen = ""

    def taken(self, runner: Runner, token: str, seconds: float) -> Lease:
        """Return the lease once the lock is taken.

        Raises:
            LockedError: somebody else goes on holding it.
            KeyboardInterrupt: a signal came before it was taken: there is nothing to be finished.

        """
        while True:
            now = wall_time()
            before = self._lock.read()
            there = self._lock.take(Lease(runner, token, now, now + seconds))
            if there is None:
                if before is not None and before.expires <= now:
                    self._told(f"the lock of {before.holder} had expired, and was taken over")
                return Lease(runner, token, now, now + seconds)
            if self._let_go(there):
                continue
            if self._interrupt.reason is Stop.SIGNAL:
                raise KeyboardInterrupt
            if self._interrupt.is_set or self._clock.now() >= self._end:
                place = self._lock.place
                raise LockedError(f"{there.holder} holds the lock {place} since {_at(there)}", MEND)
            self._tell(there, now)
            self._interrupt.sleep(self._clock, LOOKS_EVERY)

    def _let_go(self, there: Lease) -> bool:
        """Let go of the lock for somebody who is dead, and return whether that was so."""
        if not has_stopped(there.token) or not self._lock.release(there.token):
            return False
        self._told(f"{there.holder} was killed, and its lock was taken over at once")
        return True

    def _tell(self, there: Lease, now: float) -> None:
        """Say once who holds the lock, since when, and what can be done."""
        if there.token == self._seen:
            return
        self._seen = there.token
        left = max(there.expires - now, 0)
        self._told(
            f"waiting for the lock, which {there.holder} has held since {_at(there)}:"
            f" {self._patience:.0f} s at most (--lock-timeout); if that run is dead, its lock"
            f" expires in {left:.0f} s, and `reconciler lock release` lets go of it now"
        )


def _at(lease: Lease) -> str:
    """Return when a lease was taken."""
    return datetime.fromtimestamp(lease.since, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
