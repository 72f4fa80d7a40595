"""Who waits for Azure makes room: places, those who come back, and steps that are under way."""

from __future__ import annotations

import threading
from contextlib import nullcontext

import pytest

from reconciler.engine.crew import Crew
from reconciler.engine.execute import Schedule, most_under_way
from reconciler.engine.ports import Aside
from reconciler.kinds.kind import Kind
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Verb
from reconciler.model.report import Outcome, Result, Shown
from reconciler.model.value import Body
from tests.engine.test_execute import World, run, step


def test_there_are_so_many_places_and_one_that_is_given_back_can_be_taken() -> None:
    crew = Crew(2, lambda: None)
    assert [crew.enter() for _ in range(3)] == [True, True, False]
    crew.leave()
    assert [crew.enter() for _ in range(2)] == [True, False]


def test_who_comes_back_goes_before_who_has_not_begun() -> None:
    told = threading.Event()
    crew = Crew(1, told.set)
    waited, over, back = threading.Event(), threading.Event(), threading.Event()

    def wait() -> None:
        with crew.aside():
            waited.set()
            over.wait(5)
        back.set()

    assert crew.enter()
    thread = threading.Thread(target=wait)
    thread.start()
    assert waited.wait(5)
    assert told.is_set(), "somebody else is told that there is room"
    assert crew.enter()
    over.set()
    assert not back.wait(0.05), "the place is taken"
    crew.leave()
    assert back.wait(5)
    thread.join()
    assert not crew.enter()


class Slow(World):
    """An Azure whose operations end when as many are waited for as there are steps."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self._all = threading.Barrier(steps, timeout=5)

    def write(
        self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None, aside: Aside
    ) -> Shown | None:
        with aside():
            self._all.wait()
        return super().write(kind, verb, resource, body, nullcontext)


def test_an_operation_that_is_waited_for_keeps_no_other_step_from_starting() -> None:
    steps = [step(f"s{number}") for number in range(20)]
    world = Slow(len(steps))
    _, outcomes = run(world, *steps, parallelism=2)
    assert {o.result for o in outcomes} == {Result.DONE}


def test_one_at_a_time_means_that_the_waits_are_not_shared_either() -> None:
    class Watched(World):
        under_way = most = 0

        def write(
            self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None, aside: Aside
        ) -> Shown | None:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            with aside():
                super().write(kind, verb, resource, body, aside)
            self.under_way -= 1
            return None

    world = Watched()
    run(world, *(step(f"s{number}") for number in range(10)), parallelism=1)
    assert (world.most, len(world.order)) == (1, 10)


@pytest.mark.parametrize(("parallelism", "most"), [(1, 1), (2, 64), (8, 256), (64, 256)])
def test_far_more_steps_may_wait_for_azure_than_are_at_work(parallelism: int, most: int) -> None:
    assert most_under_way(parallelism) == most


def test_what_has_waited_starts_before_what_has_not() -> None:
    schedule = Schedule((step("a"), step("b"), step("c"), step("z", "a")))
    first = schedule.start()
    assert first is not None
    schedule.settle(Outcome(first, Result.DONE))
    order = [schedule.start() for _ in range(3)]
    assert [s.address for s in order if s is not None] == ["z", "b", "c"]
