"""Why a request to Azure did not do what it was sent for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FailureClass(StrEnum):
    """What a failure means for what comes next."""

    NOT_FOUND = "not found"
    """The resource is not there: an answer, not an error, where absence was possible."""
    TRANSIENT = "transient"
    """The same request may succeed later."""
    CONFLICT = "conflict"
    """Another operation holds the resource; the same request may succeed later."""
    DENIED = "denied"
    """The caller may not do this, or could not sign in."""
    REFUSED = "refused"
    """Azure will not do this, however often it is asked."""
    STALE = "stale"
    """The resource is not what the plan was made from."""
    DIFFERENT = "different"
    """Azure accepted the request, yet reads back something else."""
    STOPPED = "stopped"
    """The run had to end before it was known how the request ended."""
    NOT_READY = "not ready"
    """What the request needs outside of Azure is not there, so that it was not sent."""


OUR_CODES = frozenset(
    {
        "forbidden",
        "malformed answer",
        "no answer",
        "no secret",
        "not as written",
        "not gone",
        "not in the snapshot",
        "not settled",
        "not there yet",
        "provisioning canceled",
        "provisioning failed",
        "sign-in failed",
        "stale",
        "worker failed",
        "worker lost",
    }
)
"""The codes of failures that no answer of Azure has told."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed request, in words that can be acted on."""

    kind: FailureClass
    code: str
    """ARM's error code, or a word of our own in lower case."""
    message: str
    mend: str = ""
    request: str = ""
    """Method and resource of the request, without its query."""
    correlation_id: str = ""
    """``x-ms-correlation-request-id``: what Azure support asks for."""
    retry_after: float | None = None
    """Seconds that Azure asked to wait, if it did."""
    maybe_done: bool = False
    """Whether Azure may have carried the request out all the same, so that it is looked at before
    anything is sent again."""

    def __str__(self) -> str:
        """Return code and message on one line."""
        return f"{self.code}: {self.message}"
