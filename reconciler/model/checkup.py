"""What `doctor` has looked at, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a check has ended."""

    OK = "ok"
    WARN = "warn"
    """It works, and might not for long or not for everyone."""
    FAIL = "fail"
    """`plan` or `apply` would fail."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    mark: Mark
    what: str
    """What was found, in one line; never a secret."""
    mend: str = ""
    """What to type or do about it; empty only where all is well."""

    def __post_init__(self) -> None:
        """Refuse a finding that leaves its reader alone."""
        assert self.mend or self.mark is Mark.OK, f"{self.name}: a finding has a mend"


def ok(name: str, what: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(name, Mark.OK, what)


def warn(name: str, what: str, mend: str) -> Check:
    """Return a check that found something to think about."""
    return Check(name, Mark.WARN, what, mend)


def fail(name: str, what: str, mend: str) -> Check:
    """Return a check that found something broken."""
    return Check(name, Mark.FAIL, what, mend)
