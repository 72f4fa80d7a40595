"""How much work a plan is, in calls and requests: the same on every machine, and on record.

A call is that of a function of ours, on any thread. What a stage takes for each resource is
recorded in ``calls.json``; ``make golden`` records it anew, and the diff says what a change costs.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import reconciler
from benchmarks.estate import Estate
from reconciler.core.planner import make_plan
from reconciler.core.policy import Policy
from reconciler.core.specs.desired import desired_state
from reconciler.core.specs.shards import shares, with_dependents
from reconciler.documents.files import discover, read_documents
from reconciler.documents.validate import check_spec
from reconciler.emulator import EmulatorServer
from reconciler.engine.observe import observe
from reconciler.kinds.kind import Kind
from reconciler.model.ids import ResourceId
from reconciler.model.resource import ObservedState
from reconciler.model.value import Body
from reconciler.render.plan import json as plan_json
from reconciler.render.plan import text as plan_text
from reconciler.render.plan.view import plan_view
from tests.conftest import Arm, Cli

RECORD = Path(__file__).parent / "calls.json"
TOLERANCE = 0.05
"""How far a stage may be from the record, as a share of it: in either direction, so that a gain is
recorded, too."""
SIZES = (100, 200, 400)
"""Resources. The difference of two sizes leaves out what does not grow."""

OURS = str(Path(reconciler.__file__).parent)


def calls(work: Callable[[], Any]) -> tuple[int, Any]:
    """Return how many calls of our functions some work takes, and what it returns.

    Comprehensions are no functions since Python 3.12, and are not counted before it either.
    """
    counter = count()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        ours = event == "call" and code.co_filename.startswith(OURS)
        if ours and not code.co_name.endswith("comp>"):
            next(counter)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        result = work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return next(counter), result


class Shelf:
    """A reader of an estate that is all there, or of nothing."""

    def __init__(self, bodies: Iterable[Body]) -> None:
        self._bodies = {ResourceId(str(body["id"])): body for body in bodies}
        self._by_type: defaultdict[str, dict[ResourceId, Body]] = defaultdict(dict)
        for id_, body in self._bodies.items():
            self._by_type[id_.arm_type.lower()][id_] = body

    def get(self, kind: Kind, resource: ResourceId) -> Body | None:
        return self._bodies.get(resource)

    def list_in(self, kind: Kind, scope: str, *, below: bool = False) -> Mapping[ResourceId, Body]:
        return self._by_type[kind.arm_type.lower()]


def work(size: int, folder: Path) -> dict[str, int]:
    """Return the calls that each stage of a plan takes."""
    estate = Estate(size)
    estate.write(folder)
    shelf = Shelf(estate.bodies())
    found: dict[str, int] = {}

    def stage(name: str, task: Callable[[], Any]) -> Any:
        found[name], result = calls(task)
        return result

    files, _ = stage("find files", lambda: discover([folder / "specs"]))
    documents, _ = stage("read files", lambda: read_documents(files))
    assert not any(stage("compare with schemas", lambda: [check_spec(d) for d in documents]))
    desired, _ = stage("say what is wanted", lambda: desired_state(documents, {}))
    stage("share out", lambda: shares(desired, 2))
    stage("take a share", lambda: desired.only(frozenset(desired.stacks)))
    stage("find dependents", lambda: with_dependents(desired, desired.stacks))
    observed = stage("look", lambda: observe(desired, shelf, lambda _: None))
    plan = stage("plan nothing", lambda: make_plan(desired, observed, Policy()))
    assert plan.is_empty
    stage("show nothing", lambda: plan_text.render_plan(plan_view(plan), colour=False))
    creates = stage("plan creates", lambda: make_plan(desired, ObservedState({}), Policy()))
    view = stage("view creates", lambda: plan_view(creates))
    stage("show creates", lambda: plan_text.render_plan(view, colour=False))
    stage("show creates as JSON", lambda: plan_json.render_plan(view))
    return found


def test_no_stage_of_a_plan_takes_more_calls_than_are_on_record(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    work(SIZES[0], tmp_path / "warm")  # what is made once, such as validators, is made here
    small, middle, large = (work(size, tmp_path / str(size)) for size in SIZES)
    each = {name: (large[name] - middle[name]) / (SIZES[2] - SIZES[1]) for name in large}
    before = {name: (middle[name] - small[name]) / (SIZES[1] - SIZES[0]) for name in large}
    steeper = [n for n in each if each[n] > before[n] * (1 + TOLERANCE) + 0.1]
    assert steeper == [], "the work grows faster than the number of resources"
    if request.config.getoption("--update-golden"):
        rounded = {name: round(value, 1) for name, value in each.items()}
        RECORD.write_text(json.dumps(rounded, indent=2) + "\n", encoding="utf-8")
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    moved = {
        name: (recorded.get(name), value)
        for name, value in each.items()
        if abs(value - recorded.get(name, 0)) > recorded.get(name, 0) * TOLERANCE + 0.1
    }
    assert moved == {}, "recorded, and now; run make golden if that is meant"
    assert recorded.keys() == each.keys()


@pytest.mark.parametrize(
    ("size", "page", "requests"),
    [(100, 50, 2), (100, 10, 10), (100, 7, 16), (200, 10, 20)],
)
def test_a_plan_asks_for_each_page_of_each_kind_once(
    size: int, page: int, requests: int, cli: Cli, workdir: Path
) -> None:
    estate = Estate(size)
    estate.write(workdir)
    with EmulatorServer(page_size=page) as server:
        arm = Arm(server.url)
        arm.send("POST", "/emulator/seed", list(estate.bodies()))
        arm.forget()
        assert cli("plan", "--target", server.url).code == 0
        assert [entry["method"] for entry in arm.requests()] == ["GET"] * requests
