"""Writes as they left this machine, and how they were answered."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Exchange:
    """One write, each attempt by itself."""

    at: str
    """When it left, in UTC: ``2026-01-31T14:20:00Z``."""
    method: str
    path: str
    """The ARM id, and for a POST its action."""
    attempt: int
    body: bytes = field(repr=False)
    """As it was sent, empty for none; that of a POST is not kept, since it may hold a secret."""
    status: int | None = None
    """HTTP status, None if there was no answer."""
    correlation_id: str = ""
    """``x-ms-correlation-request-id``."""
    problem: str = ""
    """Why there was no answer."""
