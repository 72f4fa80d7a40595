"""The scheduler: order, turns, news, and what is skipped, without any Azure."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from reconciler.engine.execute import Schedule, execute
from reconciler.engine.interrupt import Interrupt
from reconciler.engine.ports import Aside, RequestFailedError
from reconciler.kinds.kind import Kind
from reconciler.model.event import StepRetried, StepsRunning
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Plan, Step, Verb
from reconciler.model.report import Outcome, Result, Shown
from reconciler.model.resource import ObservedResource
from reconciler.model.value import Body
from tests.conftest import identity


def step(name: str, *after: str, turn: str = "") -> Step:
    """Return a step that creates an identity."""
    return Step(
        id=f"PUT {name}",
        verb=Verb.PUT,
        address=name,
        resource=ResourceId(identity(name)),
        kind="UserAssignedIdentity",
        body={"location": "westeurope"},
        after=frozenset(f"PUT {other}" for other in after),
        expects=None,
        wanted={"location": "westeurope"},
        turn=turn,
    )


class World:
    """Azure in memory, with scripted failures; implements the reader and the writer."""

    def __init__(self, **failures: list[Failure]) -> None:
        self.bodies: dict[ResourceId, Body] = {}
        self.order: list[str] = []
        self._failures = failures
        self._lock = threading.Lock()

    def get(self, kind: Kind, resource: ResourceId) -> Body | None:
        return self.bodies.get(resource)

    def list_in(self, kind: Kind, scope: str, *, below: bool = False) -> Any:
        raise AssertionError(scope)

    def write(
        self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None, aside: Aside
    ) -> Shown | None:
        with self._lock:
            if self._failures.get(resource.name):
                raise RequestFailedError(self._failures[resource.name].pop(0))
            self.order.append(resource.name)
            self.bodies[resource] = {"id": resource.text, **(body or {})}
        return None

    def act(self, kind: Kind, resource: ResourceId, action: str, body: Body) -> None:
        raise AssertionError(action)


class Clock:
    """Time that passes only by waiting, and a little with every look."""

    def __init__(self, tick: float = 0.0) -> None:
        self.seconds = 0.0
        self._tick = tick
        self._lock = threading.Lock()

    def now(self) -> float:
        with self._lock:
            self.seconds += self._tick
            return self.seconds

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.seconds += seconds


def run(world: World, *steps: Step, **more: Any) -> tuple[list[Any], tuple[Outcome, ...]]:
    """Execute a plan of these steps, and return what was heard and how they ended."""
    heard: list[Any] = []
    clock = more.pop("clock", Clock())
    outcomes = execute(
        Plan((), steps),
        world,
        world,
        clock,
        heard.append,
        more.pop("interrupt", Interrupt()),
        **more,
    )
    return heard, outcomes


def failed(kind: FailureClass, code: str = "Code") -> Failure:
    """Return a failure."""
    return Failure(kind, code, "message")


def test_a_step_starts_only_after_what_it_waits_for() -> None:
    world = World()
    _, outcomes = run(world, step("c", "b"), step("b", "a"), step("a"), parallelism=4)
    assert world.order == ["a", "b", "c"]
    assert [o.step.address for o in outcomes] == ["c", "b", "a"]
    assert {o.result for o in outcomes} == {Result.DONE}


def test_the_root_of_a_chain_of_skips_is_named_once() -> None:
    world = World(a=[failed(FailureClass.REFUSED)])
    _, outcomes = run(world, step("a"), step("b", "a"), step("c", "b"), step("d"))
    results = {o.step.address: (o.result, o.because_of) for o in outcomes}
    assert results == {
        "a": (Result.FAILED, ""),
        "b": (Result.SKIPPED, "PUT a"),
        "c": (Result.SKIPPED, "PUT a"),
        "d": (Result.DONE, ""),
    }


def test_steps_with_one_turn_are_never_under_way_together() -> None:
    schedule = Schedule((step("a", turn="t"), step("b", turn="t"), step("c", turn="u")))
    first, other = schedule.start(), schedule.start()
    assert first is not None
    assert other is not None
    assert (first.address, other.address) == ("a", "c")
    assert schedule.start() is None
    schedule.settle(Outcome(first, Result.FAILED))
    following = schedule.start()
    assert following is not None
    assert following.address == "b"


def test_a_cycle_is_refused_before_anything_is_sent() -> None:
    world = World()
    with pytest.raises(ValueError, match="cycle"):
        run(world, step("a", "b"), step("b", "a"))
    assert world.order == []


@pytest.mark.parametrize("kind", [FailureClass.TRANSIENT, FailureClass.CONFLICT])
def test_what_may_pass_is_tried_again_with_growing_waits(kind: FailureClass) -> None:
    world = World(a=[failed(kind) for _ in range(3)])
    heard, outcomes = run(world, step("a"))
    assert outcomes[0].result is Result.DONE
    retried = [e for e in heard if isinstance(e, StepRetried)]
    assert [e.wait for e in retried] == sorted(e.wait for e in retried)
    assert [e.attempt for e in retried] == [1, 2, 3]


def test_retries_end() -> None:
    world = World(a=[failed(FailureClass.TRANSIENT) for _ in range(99)])
    _, outcomes = run(world, step("a"))
    assert outcomes[0].result is Result.FAILED


def test_what_was_just_made_may_take_a_while_to_be_found_and_nothing_else_may() -> None:
    late = failed(FailureClass.REFUSED, "PrincipalNotFound")
    _, outcomes = run(World(b=[late]), step("a"), step("b", "a"))
    assert outcomes[1].result is Result.DONE
    _, outcomes = run(World(b=[late]), step("b"))
    assert outcomes[0].result is Result.FAILED


def test_an_interrupt_before_the_start_cancels_everything() -> None:
    interrupt = Interrupt()
    interrupt.set()
    world = World()
    _, outcomes = run(world, step("a"), step("b", "a"), interrupt=interrupt)
    assert {o.result for o in outcomes} == {Result.CANCELLED}
    assert world.order == []


def test_silence_is_broken_with_what_is_under_way() -> None:
    gate = threading.Event()

    class Slow(World):
        def write(
            self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None, aside: Aside
        ) -> None:
            gate.wait(5)
            super().write(kind, verb, resource, body, aside)

    heard: list[Any] = []

    def listen(event: Any) -> None:
        heard.append(event)
        if isinstance(event, StepsRunning):
            gate.set()

    world = Slow()
    execute(Plan((), (step("a"),)), world, world, Clock(tick=6.0), listen, Interrupt())
    running = [e for e in heard if isinstance(e, StepsRunning)]
    assert [s.address for s, _ in running[0].steps] == ["a"]


def test_a_write_whose_answer_was_lost_is_not_written_twice() -> None:
    class Lossy(World):
        def write(
            self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None, aside: Aside
        ) -> None:
            super().write(kind, verb, resource, body, aside)
            raise RequestFailedError(failed(FailureClass.TRANSIENT, "connection lost"))

    world = Lossy()
    _, outcomes = run(world, step("a"))
    assert outcomes[0].result is Result.DONE
    assert world.order == ["a"]


def test_a_step_looks_at_what_it_relies_on_just_before_it_writes() -> None:
    id_ = ResourceId(identity("needed"))
    before: Body = {"id": id_.text, "location": "westeurope", "tags": {"a": "1"}}
    needs = replace(step("a"), relies_on=(ObservedResource(id_, "UserAssignedIdentity", before),))
    world = World()
    world.bodies[id_] = {**before, "tags": {"a": "2"}}
    _, outcomes = run(world, needs)
    assert world.order == []
    failure = outcomes[0].failure
    assert failure is not None
    assert failure.kind is FailureClass.STALE
    assert "`tags.a` of `needed` was '1' and is '2'" in failure.message
    world.bodies[id_] = {**before, "systemData": {"lastModifiedAt": "now"}}
    assert run(world, needs)[1][0].result is Result.DONE
    del world.bodies[id_]
    failure = run(world, step("b"), replace(needs, id="PUT c"))[1][1].failure
    assert failure is not None
    assert "`needed`, which this needs, is gone" in failure.message
