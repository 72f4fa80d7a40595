"""The real clock: the only place that looks at the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def today() -> str:
    """Return the day in UTC as ``YYYY-MM-DD``."""
    return datetime.now(UTC).date().isoformat()


class SystemClock:
    """Seconds as they pass."""

    def now(self) -> float:
        """Return seconds since some fixed moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class ScaledClock(SystemClock):
    """Waits a fraction of what it is asked to: a local emulator has nothing to wait for."""

    def __init__(self, scale: float) -> None:
        """Multiply every wait by ``scale``."""
        self._scale = scale

    def sleep(self, seconds: float) -> None:
        """Wait a part of ``seconds``."""
        time.sleep(seconds * self._scale)
