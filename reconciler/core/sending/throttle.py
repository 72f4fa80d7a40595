"""How much Azure lets one caller ask: token buckets as arithmetic, with the time passed in.

Azure Resource Manager counts for each subscription (or the tenant), principal and kind of call. A
bucket starts full, each request takes a token, and tokens come back at a steady rate. What an
answer says of the tokens that remain counts for more than our own sums: others may draw on the same
bucket. https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from enum import StrEnum

REMAINING = "x-ms-ratelimit-remaining-"
"""How the headers begin that say how many requests remain."""

LONGEST_BACK_OFF = 60.0
"""Seconds that a bucket stays closed at most when Azure refuses and does not say for how long."""


class Call(StrEnum):
    """What Azure counts apart, by the word that its headers use."""

    READS = "reads"
    WRITES = "writes"
    DELETES = "deletes"

    @classmethod
    def of(cls, method: str) -> Call:
        """Return what a request counts as; a POST is a write, whatever it does."""
        return {"GET": cls.READS, "HEAD": cls.READS, "DELETE": cls.DELETES}.get(method, cls.WRITES)


@dataclass(frozen=True, slots=True)
class Limit:
    """A bucket as it is documented."""

    depth: float
    """Tokens in a full bucket."""
    per_second: float
    """Tokens that come back."""


LIMITS: Mapping[Call, Limit] = {
    Call.READS: Limit(250, 25),
    Call.WRITES: Limit(200, 10),
    Call.DELETES: Limit(200, 10),
}
"""The same for a subscription and for a tenant; free and trial subscriptions may have less."""

IDENTITY_WRITES = Limit(80, 4)
"""Managed identities that are created or changed in one subscription and region: 80 in 20 seconds.

https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits
"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket at one moment."""

    limit: Limit
    level: float
    """Tokens that were left at `at`."""
    at: float
    """Seconds on the caller's clock."""
    opens: float = float("-inf")
    """Until then nothing is sent: a request that comes too early is refused, and Azure's wait
    begins anew."""
    in_flight: int = 0
    """Requests that have taken a token and were not answered yet."""
    refusals: int = 0
    """Answers in a row that said *too many*."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left in a bucket, as one machine tells it to another."""

    level: float
    """Tokens."""
    closed: float = 0.0
    """Seconds until anything may be sent."""


def allowance(bucket: Bucket, now: float) -> Allowance:
    """Return what is left in a bucket."""
    return Allowance(_level(bucket, now), max(bucket.opens - now, 0.0))


def allowed(bucket: Bucket, now: float, most: Allowance) -> Bucket:
    """Return a bucket with no more in it than somebody else knows to be left."""
    level = min(_level(bucket, now), most.level)
    return replace(bucket, level=level, at=now, opens=max(bucket.opens, now + most.closed))


def full(limit: Limit, now: float) -> Bucket:
    """Return a bucket that nobody has drawn on."""
    return Bucket(limit, limit.depth, now)


def seconds_until_free(bucket: Bucket, now: float) -> float:
    """Return how long to wait before `taken` may be called, 0 for now."""
    closed = bucket.opens - now
    if closed > 0:
        return closed
    missing = 1.0 - _level(bucket, now)
    return missing / bucket.limit.per_second if missing > 0 else 0.0


def taken(bucket: Bucket, now: float) -> Bucket:
    """Return the bucket after one request has left."""
    return replace(bucket, level=_level(bucket, now) - 1, at=now, in_flight=bucket.in_flight + 1)


def answered(bucket: Bucket, now: float, remaining: int | None) -> Bucket:
    """Return the bucket after an answer that was no refusal.

    Args:
        bucket: as it was.
        now: the time.
        remaining: what the answer says is left, None if it does not say.

    """
    others = max(bucket.in_flight - 1, 0)
    level, limit = _level(bucket, now), bucket.limit
    if remaining is not None:
        # A subscription may have a deeper bucket than the documented one (799 writes, recorded).
        limit = replace(limit, depth=max(limit.depth, float(remaining)))
        level = float(remaining - others)
    return replace(bucket, limit=limit, level=level, at=now, in_flight=others, refusals=0)


def refused(bucket: Bucket, now: float, retry_after: float | None) -> Bucket:
    """Return the bucket after a 429: closed until Azure said, or for longer each time.

    Args:
        bucket: as it was.
        now: the time.
        retry_after: seconds that Azure asked to wait, None if it did not say.

    """
    refusals = bucket.refusals + 1
    back_off = min(2.0 ** (refusals - 1), LONGEST_BACK_OFF)
    opens = now + (back_off if retry_after is None else retry_after)
    return replace(
        bucket,
        level=min(_level(bucket, now), 1.0),
        at=now,
        opens=max(bucket.opens, opens),
        in_flight=max(bucket.in_flight - 1, 0),
        refusals=refusals,
    )


def lost(bucket: Bucket) -> Bucket:
    """Return the bucket after a request that got no answer."""
    return replace(bucket, in_flight=max(bucket.in_flight - 1, 0))


def remaining(headers: Mapping[str, str], call: Call, *, tenant: bool) -> int | None:
    """Return how many requests the caller has left; the scarcer of its own and everybody's.

    Args:
        headers: of an answer, by name in lower case.
        call: the kind of call that was answered.
        tenant: whether it was one at the tenant, and not in a subscription.

    """
    scope = "tenant" if tenant else "subscription"
    names = (f"{REMAINING}{scope}-{call}", f"{REMAINING}{scope}-global-{call}")
    found = [int(text) for name in names if (text := headers.get(name, "")).isdecimal()]
    return min(found) if found else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer asks to wait, None if it does not.

    A date is compared with the answer's own, so that our clock does not matter. Zero counts as not
    said: nobody is served by asking again at once.
    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after

    Args:
        headers: of an answer, by name in lower case.

    """
    for name, unit in (("retry-after-ms", 0.001), ("x-ms-retry-after-ms", 0.001)):
        if (text := headers.get(name, "")).isdecimal():
            return int(text) * unit or None
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text) or None
    try:
        then = parsedate_to_datetime(text).timestamp()
        now = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return then - now if then > now else None


def _level(bucket: Bucket, now: float) -> float:
    """Return the tokens at a moment."""
    gained = max(now - bucket.at, 0.0) * bucket.limit.per_second
    return min(bucket.level + gained, bucket.limit.depth)
