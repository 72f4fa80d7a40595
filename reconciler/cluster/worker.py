"""What runs on a worker: it signs in by itself, and can send nothing but reads."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Lock

from reconciler import __version__
from reconciler.arm.clients import Clients
from reconciler.arm.reader import ArmReader
from reconciler.arm.sending import Sending
from reconciler.arm.target import Target
from reconciler.cluster.wire import Findings, Told, Unit, refusal
from reconciler.engine.budget import Budget
from reconciler.engine.clock import clock_for
from reconciler.engine.observe import WORKERS
from reconciler.engine.ports import Inquiry, Reader, RequestFailedError
from reconciler.kinds import KINDS
from reconciler.model.errors import ReconcilerError
from reconciler.model.event import Event, RequestDelayed
from reconciler.model.ids import ResourceId

TOLD = 100
"""How many waits are remembered until a unit has ended."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a worker keeps from unit to unit: connections, a sign-in and what it may still ask."""

    reader: Reader
    budget: Budget
    waits: deque[RequestDelayed]

    def heard(self) -> Iterator[RequestDelayed]:
        """Yield the waits that nobody has told of yet."""
        with suppress(IndexError):
            while True:
                yield self.waits.popleft()


_desks: dict[str, Desk] = {}
_lock = Lock()


def version() -> str:
    """Return the version that is installed here."""
    return __version__


def answer(content: bytes) -> bytes:
    """Return the findings of a unit, or why this worker can do none, as `wire` has them."""
    try:
        unit = Unit.of_bytes(content)
        desk = _desk(unit.target, unit.tenants)
    except ReconcilerError as error:
        return refusal(error.problem, error.mend)
    desk.budget.allow_reads(unit.subscription, unit.allowance)
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="read") as pool:
        told = tuple(pool.map(partial(_told, desk.reader), unit.inquiries))
    left = desk.budget.reads_left(unit.subscription)
    return Findings(told, left, tuple(desk.heard())).to_bytes()


def _told(reader: Reader, inquiry: Inquiry) -> Told:
    """Ask Azure one question."""
    kind = KINDS[inquiry.kind]
    try:
        if inquiry.is_list:
            return list(reader.list_in(kind, inquiry.place, below=inquiry.below).values())
        return reader.get(kind, ResourceId(inquiry.place))
    except RequestFailedError as error:
        return error.failure


def _desk(target: str, tenants: Mapping[str, str]) -> Desk:
    """Return the desk for a target; its client is made for reading alone."""
    key = json.dumps([target, tenants], sort_keys=True)
    with _lock:
        if key not in _desks:
            where = Target(target)
            waits: deque[RequestDelayed] = deque(maxlen=TOLD)

            def hear(event: Event) -> None:
                if isinstance(event, RequestDelayed):
                    waits.append(event)

            sending = Sending(clock_for(local=where.is_local), hear)
            clients = Clients(where, writes=False, tenants=tenants, sending=sending)
            _desks[key] = Desk(ArmReader(clients), sending.budget, waits)
        return _desks[key]
