"""A plan read by workers is that of one machine, whatever there is and whatever is lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import Empty
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import __version__
from reconciler.arm.transport import RequestForbiddenError
from reconciler.arm.writer import ArmWriter
from reconciler.cluster import lanes as lanes_module
from reconciler.cluster import worker
from reconciler.cluster.lanes import UNIT, Lanes
from reconciler.cluster.reader import ClusterReader
from reconciler.cluster.wire import Findings, Unit
from reconciler.core.sending.throttle import (
    LIMITS,
    Allowance,
    Call,
    full,
    seconds_until_free,
    taken,
)
from reconciler.engine.budget import Budget, account_of
from reconciler.engine.interrupt import Interrupt
from reconciler.engine.ports import Inquiry, Reader, RequestFailedError
from reconciler.kinds import KINDS
from reconciler.kinds.kind import Kind
from reconciler.model.errors import UnavailableError
from reconciler.model.event import ClusterRead, Event, RequestDelayed
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action
from reconciler.model.value import Body
from tests.conftest import GROUP, SUBSCRIPTION, service
from tests.drift.test_watch import FakeClock
from tests.shares.test_parts import Run, planned, runs, shown

IDENTITY = KINDS["UserAssignedIdentity"]
ADDRESS = KINDS["SuppressionListAddress"]
LOST = Failure(FailureClass.TRANSIENT, "worker lost", "the worker that asked was lost", "run again")


class Asked:
    """A reader that counts what it is asked."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.calls: Counter[tuple[str, str, bool]] = Counter()

    def get(self, kind: Kind, resource: ResourceId) -> Body | None:
        self.calls[kind.name, resource.text, False] += 1
        return self._reader.get(kind, resource)

    def list_in(self, kind: Kind, scope: str, *, below: bool = False) -> Mapping[ResourceId, Body]:
        self.calls[kind.name, scope, True] += 1
        return self._reader.list_in(kind, scope, below=below)


@dataclass
class Workers:
    """Stands where Dask would: answers each unit when its end is asked for, or loses it."""

    reader: Reader
    loses: Callable[[int], bool] = lambda _: False
    address: str = "tcp://test:1"
    workers: int = 1
    units: list[Unit] = field(default_factory=list)
    open: set[str] = field(default_factory=set)
    most: int = 0
    """How many units of one subscription were under way at once."""
    left: Allowance = field(default_factory=lambda: Allowance(100.0))
    waits: tuple[RequestDelayed, ...] = ()

    def submit(self, unit: bytes, name: str, weight: int, done: Callable[[Any], None]) -> None:
        read = Unit.of_bytes(unit)
        key = read.subscription.lower()
        self.most = max(self.most, 1 + (key in self.open))
        self.open.add(key)
        self.units.append(read)
        done((len(self.units), read))

    def outcome(self, ended: tuple[int, Unit]) -> bytes | Failure:
        number, unit = ended
        self.open.discard(unit.subscription.lower())
        if self.loses(number):
            return LOST
        told = tuple(worker._told(self.reader, inquiry) for inquiry in unit.inquiries)
        return Findings(told, self.left, self.waits).to_bytes()


def lanes(
    workers: Any,
    events: list[Event] | None = None,
    clock: FakeClock | None = None,
    interrupt: Interrupt | None = None,
) -> Lanes:
    """Return lanes to workers that are no processes."""
    heard = [] if events is None else events
    target, ends = "http://127.0.0.1:1", interrupt or Interrupt()
    return Lanes(workers, target, {}, heard.append, clock or FakeClock(), ends)


def test_an_interrupt_that_nobody_heard_ends_the_wait_all_the_same() -> None:
    interrupt, questions = Interrupt(), [Inquiry(IDENTITY.name, f"{GROUP}/{n}") for n in range(120)]

    class Deaf(Workers):
        def outcome(self, ended: tuple[int, Unit]) -> bytes | Failure:
            interrupt.set()  # what it raised was dropped
            return LOST

    workers = Deaf(Asked({}))  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        list(lanes(workers, interrupt=interrupt).ask(questions))
    assert len(workers.units) < len(questions) / UNIT


@given(runs(), st.booleans())
@settings(max_examples=40)
def test_workers_are_asked_what_one_machine_asks_and_the_plan_is_the_same(
    run: Run, prune: bool
) -> None:
    alone, workers = Asked(run.world), Workers(Asked(run.world))
    expected = shown(planned(run.desired, alone, prune=prune))
    reader = ClusterReader(lanes(workers), run.world)
    assert shown(planned(run.desired, reader, prune=prune)) == expected
    assert workers.reader.calls == alone.calls  # type: ignore[attr-defined]
    assert workers.most == 1
    assert reader._told == {}  # nothing was asked for that nobody wanted to know


@given(runs(), st.sets(st.integers(1, 12)))
@settings(max_examples=40)
def test_what_lost_workers_were_asked_is_unknown_and_nothing_is_done_about_it(
    run: Run, lost: set[int]
) -> None:
    workers = Workers(run.world, loses=lambda number: number in lost)
    reader = ClusterReader(lanes(workers), run.world)
    plan = planned(run.desired, reader, prune=True)
    unknown = [
        inquiry
        for number, unit in enumerate(workers.units, 1)
        if number in lost
        for inquiry in unit.inquiries
    ]
    asked = {
        resource.id.folded
        for resource in run.desired.resources
        for inquiry in unknown
        if inquiry.kind == resource.kind
        and f"{resource.id.folded}/".startswith(f"{inquiry.place.lower()}/")
    }
    written = {c.id.folded for c in plan.changes if c.action is not Action.NONE and not c.block}
    assert not asked & written
    if unknown:
        assert "worker lost" in {gap.code for gap in plan.gaps}


def identities(count: int, group: str = GROUP) -> list[Inquiry]:
    """Return questions about so many identities."""
    return [
        Inquiry(IDENTITY.name, f"{group}/providers/{IDENTITY.arm_type}/id-{n}")
        for n in range(count)
    ]


def nothing() -> Reader:
    """Return a reader to which nothing is there."""
    from tests.shares.test_parts import World

    return World()


def test_the_heaviest_subscription_is_begun_first_and_units_are_small() -> None:
    other = GROUP.replace("1111", "2222", 1)
    workers = Workers(nothing())
    events: list[Event] = []
    told = dict(lanes(workers, events).ask([*identities(3), *identities(UNIT + 1, other)]))
    assert set(told.values()) == {None}
    assert [len(unit.inquiries) for unit in workers.units] == [UNIT, 3, 1]
    assert events[-1] == ClusterRead(3, 3, 1)


def test_what_may_be_read_goes_along_with_each_unit_and_fills_up_meanwhile() -> None:
    workers, clock = Workers(nothing(), left=Allowance(10.0, 1.5)), FakeClock()
    lane = lanes(workers, clock=clock)
    list(lane.ask(identities(1)))
    clock.time += 2
    list(lane.ask(identities(1)))
    first, later = (unit.allowance for unit in workers.units)
    assert first == Allowance(250.0)
    assert later == Allowance(60.0)  # 25 come back in each second


def test_what_goes_out_names_resources_and_holds_nothing_else() -> None:
    workers = Workers(nothing())
    tenants = {SUBSCRIPTION: "22222222-3333-4444-5555-666666666666"}
    stand_in: Any = workers
    target = "https://management.azure.com"
    lane = Lanes(stand_in, target, tenants, lambda _: None, FakeClock(), Interrupt())
    list(lane.ask(identities(1)))
    (unit,) = workers.units
    assert json.loads(unit.to_bytes()) == {
        "version": __version__,
        "target": "https://management.azure.com",
        "tenants": tenants,
        "subscription": SUBSCRIPTION,
        "allowance": {"level": 250.0, "closed": 0.0},
        "inquiries": [
            {
                "kind": "UserAssignedIdentity",
                "place": f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-0",
                "is_list": False,
                "below": False,
                "weight": 1,
            }
        ],
    }


class Passing(FakeClock):
    """A clock that a wait moves on, be it too short for a number of its size."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds + 1e-9)


class Counting(Workers):
    """Workers with a budget each, and an Azure that says nothing of what is left, and refuses."""

    def __init__(self, clock: FakeClock, budgets: int) -> None:
        super().__init__(nothing())
        self.clock = clock
        self.budgets = [Budget(clock) for _ in range(budgets)]
        self.bucket = full(LIMITS[Call.READS], clock.now())
        self.refused = 0

    def outcome(self, ended: tuple[int, Unit]) -> bytes:
        number, unit = ended
        budget = self.budgets[number % len(self.budgets)]
        budget.allow_reads(unit.subscription, unit.allowance)
        for inquiry in unit.inquiries:
            account = account_of("GET", inquiry.place)
            budget.take(account, lambda _: None)
            self.refused += seconds_until_free(self.bucket, self.clock.now()) > 1e-6
            self.bucket = taken(self.bucket, self.clock.now())
            budget.answered(account, None)
        told = (None,) * len(unit.inquiries)
        return Findings(told, budget.reads_left(unit.subscription)).to_bytes()


def test_many_workers_keep_the_budget_of_a_subscription_as_one_does() -> None:
    spans = []
    for budgets in (1, 4):
        clock = Passing()
        workers = Counting(clock, budgets)
        list(lanes(workers, clock=clock).ask(identities(1000)))
        assert workers.refused == 0
        spans.append(clock.time)
    assert spans == [pytest.approx((1000 - 250) / 25)] * 2


def test_a_budget_goes_by_whoever_knows_of_less() -> None:
    budget = Budget(FakeClock())
    budget.allow_reads(SUBSCRIPTION.upper(), Allowance(3.0, 2.0))
    assert budget.reads_left(SUBSCRIPTION) == Allowance(3.0, 2.0)
    budget.allow_reads(SUBSCRIPTION, Allowance(200.0))
    assert budget.reads_left(SUBSCRIPTION) == Allowance(3.0, 2.0)


def test_requests_that_had_to_wait_on_a_worker_are_told_here() -> None:
    wait = RequestDelayed(f"GET {service('a')}", "so that Azure does not refuse it", 12.0)
    events: list[Event] = []
    list(lanes(Workers(nothing(), waits=(wait,)), events).ask(identities(1)))
    assert wait in events


def test_a_run_without_workers_ends_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    class Idle(Workers):
        def submit(self, *_: Any) -> None:
            pass

    clock = FakeClock()

    class Hasty:
        def get(self, timeout: float) -> Any:
            clock.time += timeout
            raise Empty

    monkeypatch.setattr(lanes_module, "SimpleQueue", Hasty)
    with pytest.raises(UnavailableError, match="has had no worker for a while"):
        list(lanes(Idle(nothing(), workers=0), clock=clock).ask(identities(1)))
    assert clock.time > lanes_module.PATIENCE


def test_addresses_of_people_are_read_by_no_worker() -> None:
    workers, own = Workers(nothing()), Asked(nothing())
    reader = ClusterReader(lanes(workers), own)
    reader.foresee([Inquiry(ADDRESS.name, service("x"))])
    reader.get(ADDRESS, ResourceId(service("x")))
    reader.list_in(ADDRESS, service("x"))
    assert workers.units == []
    assert len(own.calls) == 2


def test_who_asks_again_is_told_anew() -> None:
    asked = Asked(nothing())
    reader = ClusterReader(lanes(Workers(asked)), nothing())
    for _ in range(2):
        assert reader.get(IDENTITY, ResourceId(service("x"))) is None
    assert asked.calls.total() == 2


def test_a_worker_can_send_nothing_but_reads() -> None:
    desk = worker._desk("http://127.0.0.1:1", {})
    clients = desk.reader._clients  # type: ignore[attr-defined]
    with pytest.raises((RequestForbiddenError, RequestFailedError), match="PUT"):
        ArmWriter(clients).write(IDENTITY, "PUT", ResourceId(service("x")), {})  # type: ignore[arg-type]


def test_a_unit_of_another_version_is_refused_by_the_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unit = Unit("http://127.0.0.1:1", {}, SUBSCRIPTION, Allowance(1.0), ()).to_bytes()
    monkeypatch.setattr("reconciler.cluster.wire.__version__", "9.9.9")
    with pytest.raises(UnavailableError, match=r"a worker has acs-reconciler 9\.9\.9, and not 0"):
        Findings.of_bytes(worker.answer(unit))
