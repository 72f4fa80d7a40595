"""Where time and identifiers come from, so that a test can fix both."""

import secrets
import time
import uuid
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A source of the current time."""

    def now(self) -> float:
        """Return the current time in seconds since the Unix epoch."""
        ...


class Identifiers(Protocol):
    """A source of identifiers that have not been used before."""

    def guid(self) -> str:
        """Return a GUID in lower case with hyphens."""
        ...

    def hexadecimal(self, digits: int) -> str:
        """Return ``digits`` lower-case hexadecimal digits."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> float:
        """Return the current time in seconds since the Unix epoch."""
        return time.time()


class VirtualClock:
    """A clock whose time goes faster than that of another one, and can be moved on."""

    def __init__(self, clock: Clock, speed: float = 1.0) -> None:
        """Begin at the time of ``clock``; ``speed`` is how many seconds one of its seconds is."""
        self._clock = clock
        self._speed = speed
        self._start = clock.now()
        self._ahead = 0.0

    def now(self) -> float:
        """Return the current time in seconds since the Unix epoch."""
        gone = (self._clock.now() - self._start) * self._speed
        return self._start + gone + self._ahead

    def advance(self, seconds: float) -> None:
        """Move on by so many seconds."""
        self._ahead += seconds


class RandomIdentifiers:
    """Identifiers from the operating system's random source."""

    def guid(self) -> str:
        """Return a random version 4 GUID."""
        return str(uuid.uuid4())

    def hexadecimal(self, digits: int) -> str:
        """Return ``digits`` random hexadecimal digits."""
        return secrets.token_hex((digits + 1) // 2)[:digits]


def timestamp(seconds: float) -> str:
    """Write a time as ARM does: UTC, a fraction without trailing zeros, and ``Z``.

    Recorded, azure-cli-extensions, March 2025: ``2025-03-27T07:04:02.204338Z``.
    """
    moment = datetime.fromtimestamp(seconds, UTC)
    fraction = f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"
