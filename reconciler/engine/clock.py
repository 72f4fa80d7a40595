"""The real clock: the only place that looks at the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


def today() -> str:
    """Return the day in UTC as ``YYYY-MM-DD``."""
    return datetime.now(UTC).date().isoformat()


def moment() -> str:
    """Return the time in UTC, to the second: ``2026-01-31T14:20:00Z``."""
    return spelt(datetime.now(UTC))


def moment_before(span: timedelta) -> str:
    """Return the time so long ago, in the form of `moment`."""
    return spelt(datetime.now(UTC) - span)


def spelt(time: datetime) -> str:
    """Return a time in the form of `moment`, in which later times sort behind earlier ones."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_utc(text: str) -> str:
    """Return a time that a service tells in the form of `moment`; empty for what is none."""
    try:
        return spelt(datetime.fromisoformat(text))
    except ValueError:
        return ""


def time_in(seconds: float) -> str:
    """Return the time after so many seconds, in UTC and never too early: ``14:20 UTC``.

    A day or more ahead, the date is with it.
    """
    now = datetime.now(UTC)
    then = (now + timedelta(seconds=seconds + 59)).replace(second=0, microsecond=0)
    same_day = then.date() == now.date()
    return f"{then:%H:%M} UTC" if same_day else f"{then:%Y-%m-%d %H:%M} UTC"


def moment_in(seconds: float) -> str:
    """Return the moment after so many seconds, in the form of `moment`."""
    return spelt(datetime.now(UTC) + timedelta(seconds=seconds))


def moment_after(text: str, seconds: float) -> str:
    """Return the moment so many seconds after a time that ARM tells, empty if it is over.

    Args:
        text: as ``systemData`` has it; what is no time is no moment.
        seconds: to add.

    """
    told = _time_of(text)
    then = told + timedelta(seconds=seconds) if told is not None else None
    return spelt(then) if then is not None and then > datetime.now(UTC) else ""


def moment_past(text: str, seconds: float) -> str:
    """Return a time that ARM tells in the form of `moment`, if it is so long ago; else empty.

    Args:
        text: as ``systemData`` has it; what is no time is never past.
        seconds: how long ago it must be at least.

    """
    told = _time_of(text)
    limit = datetime.now(UTC) - timedelta(seconds=seconds)
    return spelt(told) if told is not None and told <= limit else ""


def _time_of(text: str) -> datetime | None:
    """Return the time that a text tells, None for one without a zone, or for no time."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return told if told.tzinfo is not None else None


def stamp() -> str:
    """Return the time for the name of a file, fine enough for names to sort: 20260131T142000.5Z."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def wall_time() -> float:
    """Return seconds since 1970: the time that other processes and machines go by, too."""
    return time.time()


class SystemClock:
    """Seconds as they pass."""

    def now(self) -> float:
        """Return seconds since some fixed moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


LOCAL_HASTE = 0.02
"""The part of each wait that is kept when talking to an emulator on this machine."""


class ScaledClock(SystemClock):
    """Waits a fraction of what it is asked to: a local emulator has nothing to wait for."""

    def __init__(self, scale: float) -> None:
        """Multiply every wait by ``scale``."""
        self._scale = scale

    def sleep(self, seconds: float) -> None:
        """Wait a part of ``seconds``."""
        time.sleep(seconds * self._scale)


def clock_for(*, local: bool) -> SystemClock:
    """Return the clock to wait by: an emulator on this machine is hardly waited for."""
    return ScaledClock(LOCAL_HASTE) if local else SystemClock()
