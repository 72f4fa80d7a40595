"""Units in order: of each subscription one at a time, and the heaviest subscriptions first.

Azure counts reads for each subscription. Since no two workers of a run read one at the same moment,
what is left of its budget can go out with each unit, and come back with the findings.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Final, TypeAlias
from uuid import uuid4

from reconciler.cluster.scheduler import Cluster, Handle
from reconciler.cluster.wire import Findings, Told, Unit
from reconciler.core.sending import throttle
from reconciler.core.sending.throttle import LIMITS, Bucket, Call
from reconciler.engine.interrupt import Interrupt
from reconciler.engine.ports import Clock, Inquiry, Listener
from reconciler.kinds import KINDS
from reconciler.model.errors import UnavailableError
from reconciler.model.event import ClusterRead
from reconciler.model.failure import Failure
from reconciler.model.ids import ResourceId

UNIT: Final = 50
"""Questions in one unit: two seconds at ARM's steady rate, and what a lost worker costs."""

LOOK: Final = 2.0
"""Seconds without an answer, after which it is looked whether there are workers at all."""

PATIENCE: Final = 300.0
"""Seconds that a run waits without any worker: a cluster that grows with its work takes time."""


@dataclass(slots=True)
class Lane:
    """The units of one subscription."""

    subscription: str
    bucket: Bucket
    """What may be read, by this machine's clock."""
    jobs: deque[Job] = field(default_factory=deque)
    is_busy: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One unit, and who waits for it."""

    lane: Lane
    inquiries: tuple[Inquiry, ...]
    weight: int
    """Of what is left of the lane."""
    done: SimpleQueue[Ended]


Ended: TypeAlias = "tuple[Job, Handle]"


class Lanes:
    """Has questions answered by the workers of a cluster. Safe to call from several threads."""

    def __init__(
        self,
        cluster: Cluster,
        target: str,
        tenants: Mapping[str, str],
        listener: Listener,
        clock: Clock,
        interrupt: Interrupt,
    ) -> None:
        """Ask nothing yet.

        Args:
            cluster: whose workers ask.
            target: the endpoint.
            tenants: tenant ids by subscription id, where they are not that of the sign-in.
            listener: hears of what has ended, and of requests that had to wait.
            clock: tells how fast budgets fill, and for how long nobody works.
            interrupt: ends what waits for answers.

        """
        self._cluster = cluster
        self._target = target
        self._tenants = tenants
        self._listener = listener
        self._clock = clock
        self._interrupt = interrupt
        self._lanes: dict[str, Lane] = {}
        self._lock = Lock()
        self._names = map(f"read-{uuid4().hex[:8]}-{{}}".format, count(1))
        self._workers = 0
        self._counted = float("-inf")

    def ask(self, inquiries: Iterable[Inquiry]) -> Iterator[tuple[Inquiry, Told]]:
        """Yield each question with its answer, as they come in.

        Raises:
            UnavailableError: the scheduler is gone, there are no workers, or they cannot work.

        """
        done: SimpleQueue[Ended] = SimpleQueue()
        jobs = self._jobs(inquiries, done)
        with self._lock:
            for job in jobs:
                job.lane.jobs.append(job)
            for job in jobs:
                self._start(job.lane)
        for ended in range(len(jobs)):
            job, handle = self._next(done, ended, len(jobs))
            yield from zip(job.inquiries, self._finish(job, handle), strict=True)
            self._listener(ClusterRead(ended + 1, len(jobs), self._count()))

    def _jobs(self, inquiries: Iterable[Inquiry], done: SimpleQueue[Ended]) -> list[Job]:
        """Return the units of questions, those of the heaviest subscription first."""
        sorted_out: defaultdict[str, list[Inquiry]] = defaultdict(list)
        for inquiry in dict.fromkeys(inquiries):
            sorted_out[inquiry.place.split("/")[2]].append(inquiry)
        jobs = []
        for subscription, mine in sorted_out.items():
            lane = self._lane(subscription)
            weight = sum(inquiry.weight for inquiry in mine)
            for start in range(0, len(mine), UNIT):
                unit = tuple(mine[start : start + UNIT])
                jobs.append(Job(lane, unit, weight, done))
                weight -= sum(inquiry.weight for inquiry in unit)
        return sorted(jobs, key=lambda job: -job.weight)

    def _lane(self, subscription: str) -> Lane:
        """Return the one lane of a subscription."""
        with self._lock:
            full = throttle.full(LIMITS[Call.READS], self._clock.now())
            return self._lanes.setdefault(subscription.lower(), Lane(subscription, full))

    def _start(self, lane: Lane) -> None:
        """Send out the next unit of a lane, unless one is under way; called with the lock."""
        if lane.is_busy or not lane.jobs:
            return
        job = lane.jobs.popleft()
        lane.is_busy = True
        left = throttle.allowance(lane.bucket, self._clock.now())
        unit = Unit(self._target, self._tenants, lane.subscription, left, job.inquiries)
        told = partial(_put, job)
        self._cluster.submit(unit.to_bytes(), next(self._names), job.weight, told)

    def _next(self, done: SimpleQueue[Ended], ended: int, units: int) -> Ended:
        """Return the next unit that has ended; look whether anybody works while there is none.

        Raises:
            UnavailableError: nobody does, for long enough.
            KeyboardInterrupt: it was asked for while nobody could hear it.

        """
        seen = self._clock.now()
        while True:
            if self._interrupt.is_set:
                raise KeyboardInterrupt
            with suppress(Empty):
                return done.get(timeout=LOOK)
            workers, now = self._count(), self._clock.now()
            if workers:
                seen = now
            elif now - seen > PATIENCE:
                address = self._cluster.address
                problem = f"the scheduler at {address} has had no worker for a while"
                raise UnavailableError(problem, f"start some: `dask worker {address}`")
            self._listener(ClusterRead(ended, units, workers))

    def _count(self) -> int:
        """Return how many workers there are, or were a moment ago."""
        now = self._clock.now()
        if now - self._counted >= LOOK:
            self._workers, self._counted = self._cluster.workers, now
        return self._workers

    def _finish(self, job: Job, handle: Handle) -> Iterable[Told]:
        """Return the answers of a unit, and let the next one of its lane go."""
        outcome = self._cluster.outcome(handle)
        findings = None if isinstance(outcome, Failure) else Findings.of_bytes(outcome)
        lane = job.lane
        with self._lock:
            if findings is not None:
                full = throttle.full(LIMITS[Call.READS], self._clock.now())
                lane.bucket = throttle.allowed(full, full.at, findings.allowance)
            lane.is_busy = False
            self._start(lane)
        if isinstance(outcome, Failure):
            return [replace(outcome, request=_request(inquiry)) for inquiry in job.inquiries]
        assert findings is not None
        for wait in findings.waits:
            self._listener(wait)
        return findings.told


def _put(job: Job, handle: Handle) -> None:
    """Tell who waits that a unit has ended."""
    job.done.put((job, handle))


def _request(inquiry: Inquiry) -> str:
    """Return the words for what could not be asked."""
    if inquiry.is_list:
        return f"GET {KINDS[inquiry.kind].collection} of {inquiry.place}"
    return f"GET {ResourceId(inquiry.place)}"
