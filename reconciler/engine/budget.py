"""One budget of requests for all workers of a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock

from reconciler.core.sending import throttle
from reconciler.core.sending.throttle import (
    IDENTITY_WRITES,
    LIMITS,
    Allowance,
    Bucket,
    Call,
    Limit,
)
from reconciler.engine.ports import Clock

TENANT = ""
"""The scope of a request that is in no subscription."""

POLLS_PER_SECOND = LIMITS[Call.READS].per_second / 2
"""Polls of all operations together where reads are short: the other half is for work."""

_SUBSCRIPTION = re.compile(r"/subscriptions/([^/?]+)", re.IGNORECASE)
_IDENTITY = re.compile(r"/userAssignedIdentities/[^/?]+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Account:
    """Which buckets a request draws on; the principal is that of the whole run."""

    scope: str
    """The subscription id in lower case, or `TENANT`."""
    call: Call
    writes_identity: bool = False
    """Whether it also draws on what the provider of managed identities allows."""

    @property
    def buckets(self) -> Iterable[tuple[tuple[str, str], Limit]]:
        """Each bucket by its key, with its documented limit."""
        yield (self.scope, self.call), LIMITS[self.call]
        if self.writes_identity:
            yield (self.scope, "identity writes"), IDENTITY_WRITES


def account_of(method: str, path: str) -> Account:
    """Return what a request draws on.

    Args:
        method: HTTP method.
        path: of the URL, without query.

    """
    found = _SUBSCRIPTION.match(path)
    scope = found[1].lower() if found else TENANT
    call = Call.of(method)
    return Account(scope, call, call is Call.WRITES and _IDENTITY.search(path) is not None)


class Budget:
    """Token buckets behind a lock; every worker takes a token before each request."""

    def __init__(self, clock: Clock) -> None:
        """Begin with full buckets."""
        self._clock = clock
        self._lock = Lock()
        self._ahead = 0.0
        self._followed = 0
        """Operations that are waited for."""
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def take(self, account: Account, told: Callable[[float], None]) -> None:
        """Wait until all buckets of an account have a token, and take one of each.

        Args:
            account: what the request draws on.
            told: hears of every wait, in seconds, before it begins.

        """
        while (wait := self._try(account)) > 0:
            told(wait)
            self.wait(wait)

    def wait(self, seconds: float) -> None:
        """Let time pass for all buckets.

        A clock that cuts waits short, for an emulator on this machine, has let less of it pass.
        """
        with self._lock:
            until = self._now() + seconds
        self._clock.sleep(seconds)
        with self._lock:
            self._ahead += max(until - self._now(), 0.0)

    def rest(self, seconds: float) -> None:
        """Wait between two polls of an operation, longer while there are too few reads for all.

        Args:
            seconds: what Azure asks for, or what one operation alone would wait.

        """
        with self._lock:
            self._followed += 1
            pace = self._followed / POLLS_PER_SECOND if self._is_short_of_reads() else 0.0
        try:
            self.wait(max(seconds, pace))
        finally:
            with self._lock:
                self._followed -= 1

    def answered(self, account: Account, remaining: int | None) -> None:
        """Note an answer that was no refusal, and what it says is left of ARM's bucket."""
        with self._lock:
            now = self._now()
            for key, _ in account.buckets:
                left = remaining if key == (account.scope, account.call) else None
                self._buckets[key] = throttle.answered(self._buckets[key], now, left)

    def refused(self, account: Account, retry_after: float | None) -> None:
        """Note a 429: nobody sends to these buckets until they open."""
        with self._lock:
            now = self._now()
            for key, _ in account.buckets:
                self._buckets[key] = throttle.refused(self._buckets[key], now, retry_after)

    def lost(self, account: Account) -> None:
        """Note that a request got no answer."""
        with self._lock:
            for key, _ in account.buckets:
                self._buckets[key] = throttle.lost(self._buckets[key])

    def reads_left(self, subscription: str) -> Allowance:
        """Return what may still be read of a subscription."""
        with self._lock:
            now = self._now()
            return throttle.allowance(self._reads(subscription, now), now)

    def allow_reads(self, subscription: str, most: Allowance) -> None:
        """Read no more of a subscription than another machine knows to be left."""
        with self._lock:
            now = self._now()
            bucket = throttle.allowed(self._reads(subscription, now), now, most)
            self._buckets[subscription.lower(), Call.READS] = bucket

    def _reads(self, subscription: str, now: float) -> Bucket:
        """Return the bucket of a subscription's reads."""
        key = (subscription.lower(), Call.READS)
        return self._buckets.setdefault(key, throttle.full(LIMITS[Call.READS], now))

    def _now(self) -> float:
        """Return the time by which the buckets fill."""
        return self._clock.now() + self._ahead

    def _is_short_of_reads(self) -> bool:
        """Whether less than half of what a bucket of reads holds is left."""
        now = self._now()
        return any(
            throttle.allowance(bucket, now).level < bucket.limit.depth / 2
            for (_, call), bucket in self._buckets.items()
            if call == Call.READS
        )

    def _try(self, account: Account) -> float:
        """Take a token of each bucket and return 0, or return how long to wait."""
        with self._lock:
            now = self._now()
            for key, limit in account.buckets:
                self._buckets.setdefault(key, throttle.full(limit, now))
            buckets = {key: self._buckets[key] for key, _ in account.buckets}
            wait = max(throttle.seconds_until_free(b, now) for b in buckets.values())
            if wait <= 0:
                for key, bucket in buckets.items():
                    self._buckets[key] = throttle.taken(bucket, now)
            return wait
