"""What counts as a resource's reading back: a read, or the answer to the write itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.engine.execute import execute, looked_at
from reconciler.engine.interrupt import Interrupt
from reconciler.engine.ports import Aside
from reconciler.kinds.kind import Kind
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Plan, Step, Verb
from reconciler.model.report import Outcome, Result, Shown
from reconciler.model.resource import ObservedResource
from reconciler.model.value import Body, Pending
from tests.conftest import identity, service
from tests.engine.test_execute import Clock, World, step


class Answering(World):
    """An Azure whose answers to writes show something, and that counts how often it is read."""

    def __init__(self, read: bool = False, **shows: Any) -> None:
        super().__init__()
        self.reads: list[str] = []
        self._read = read
        self._shows = shows

    def get(self, kind: Kind, resource: ResourceId) -> Body | None:
        self.reads.append(resource.name)
        return super().get(kind, resource)

    def write(
        self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None, aside: Aside
    ) -> Shown | None:
        super().write(kind, verb, resource, body, aside)
        return Shown({**self.bodies[resource], **self._shows}, self._read)


def carried_out(world: World, *steps: Step) -> tuple[Outcome, ...]:
    """Carry steps out."""
    return execute(Plan((), steps), world, world, Clock(), lambda _: None, Interrupt())


def test_an_answer_that_shows_what_was_wanted_is_not_asked_for_again() -> None:
    world = Answering()
    (outcome,) = carried_out(world, step("a"))
    assert world.reads == ["a"], "one look before the write, and none after it"
    assert outcome.result is Result.DONE
    assert outcome.reads_back == Shown(world.bodies[ResourceId(identity("a"))], read=False)


@pytest.mark.parametrize(
    "shows",
    [
        {"location": "eastus"},
        {"properties": {"provisioningState": "Creating"}},
        {"properties": {"provisioningState": "Failed"}},
    ],
)
def test_an_answer_that_shows_anything_else_is_not_taken_for_it(shows: dict[str, Any]) -> None:
    world = Answering(**shows)
    (outcome,) = carried_out(world, step("a"))
    assert world.reads == ["a", "a"]
    assert outcome.reads_back == Shown(world.bodies[ResourceId(identity("a"))])


def test_an_answer_without_what_was_there_before_and_sent_along_is_not_taken_for_it() -> None:
    before: Body = {"id": identity("a"), "location": "westeurope", "novelty": 1}
    put = replace(step("a"), expects=before, body={"location": "westeurope", "novelty": 1})
    world = Answering()
    world.bodies[put.resource] = before
    carried_out(world, put)
    assert world.reads == ["a"]
    world = Answering(novelty=None)
    world.bodies[put.resource] = before
    carried_out(world, put)
    assert world.reads == ["a", "a"]


def test_what_a_later_step_looks_at_has_to_be_read() -> None:
    needs = replace(step("b", "a"), pending={"location": Pending(step("a").resource, "location")})
    world = Answering()
    carried_out(world, step("a"), needs)
    assert world.reads == ["a", "a", "a", "b"], "a look, a read back, the value, a look"
    world = Answering(read=True)
    carried_out(world, step("a"), needs)
    assert world.reads == ["a", "a", "b"], "the operation has ended with a read"


def test_later_steps_look_at_what_they_write_again_are_in_rely_on_and_take_values_from() -> None:
    inner = ResourceId(f"{identity('in')}/federatedIdentityCredentials/x")
    valued = Pending(ResourceId(identity("valued")), "principalId")
    needed = ObservedResource(ResourceId(identity("needed")), "UserAssignedIdentity", {})
    steps = [step(name) for name in ("again", "in", "valued", "needed", "alone")]
    steps.append(replace(step("again"), id="PATCH again", verb=Verb.PATCH))
    steps.append(replace(step("x"), resource=inner))
    steps.append(
        replace(
            step("y"),
            resource=ResourceId(service("y")),
            pending={"principal": valued},
            relies_on=(needed,),
        )
    )
    assert {id_.name for id_ in looked_at(steps)} == {"again", "in", "valued", "needed"}
