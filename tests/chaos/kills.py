"""Kill -9 at the boundaries of requests: the next run converges, and nothing is done twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.stories import Story
from tests.chaos.world import Ended, World

PLAN_FILE = "plan.json"
WRITES = ("PUT", "PATCH", "DELETE", "POST")


@dataclass
class Figures:
    """What was tried, and what went wrong."""

    killed: int = 0
    faults: int = 0
    requests: int = 0
    violations: list[str] = field(default_factory=list)

    def expect(self, what: str, *, holds: bool, because: str = "") -> None:
        """Note a violation if something does not hold."""
        if not holds:
            self.violations.append(f"{what}: {because}" if because else what)


@dataclass(frozen=True)
class Stage:
    """A story that was told once, undisturbed."""

    story: Story
    before: Any
    """The state of the emulator before the story."""
    after: list[str]
    """What there is afterwards."""
    counts: Counter[str]
    """How many requests of each method it took."""


def staged(world: World, story: Story) -> Stage:
    """Tell a story undisturbed, and return what every disturbed one has to come to."""
    world.restore(empty(world.snapshot()))
    world.arm.group()
    if story.before:
        world.write(story.before)
        _must(world.apply(), story)
    before = world.snapshot()
    world.restore(before)
    world.write(story.files)
    sealed = world.plan(*story.arguments, "--out", PLAN_FILE)
    assert sealed.code == 2, sealed.output
    _must(world.apply(*story.arguments), story)
    counts = Counter(entry["method"] for entry in world.arm.requests())
    return Stage(story, before, world.resources(), counts)


def boundaries(stage: Stage, *, reads: bool) -> Iterator[Mapping[str, Any]]:
    """Yield which request to hold: each write before and after its effect, and each read."""
    for method in WRITES:
        for number in range(stage.counts[method]):
            for after in (False, True):
                yield {"method": method, "skip": number, "after": after}
    for number in range(stage.counts["GET"] if reads else 0):
        yield {"method": "GET", "skip": number}


def kill(
    world: World,
    stage: Stage,
    fault: Mapping[str, Any],
    figures: Figures,
    *,
    from_file: bool = False,
) -> None:
    """Kill one run at one boundary, run again, and look at what came of it.

    Both runs are given the specs, or the file in which the plan was sealed before.
    """
    story = stage.story
    arguments = (PLAN_FILE,) if from_file else story.arguments
    world.restore(stage.before)
    held = world.killed_at(fault, *arguments)
    if held is None:
        return  # operations of equal length need not take equally many requests each time
    figures.killed += 1
    what = f"{story.name} from {PLAN_FILE}" if from_file else story.name
    where = f"{what}, killed at {held['method']} {held['path']} {dict(fault)}"
    written = any(entry["method"] in WRITES for entry in world.arm.requests())
    _check_journal(world, held, where, figures)
    again = world.apply(*arguments)
    figures.expect(where, holds=again.code == 0, because=again.output)
    if held["method"] in WRITES and not held["path"].endswith("/checkNameAvailability"):
        told = "did not come to its end" in again.output
        figures.expect(where, holds=told and written, because="the killed run is not mentioned")
    empty_plan = world.plan(*story.arguments)
    figures.expect(where, holds=empty_plan.code == 0, because=empty_plan.output)
    figures.expect(where, holds=world.resources() == stage.after, because="not all is there")
    twice = {key: count for key, count in world.effects().items() if count > 1}
    figures.expect(where, holds=not twice, because=f"done twice: {twice}")
    figures.requests += len(world.arm.requests())


def empty(snapshot: Any) -> Any:
    """Return the snapshot of an emulator that has nothing."""
    return {**snapshot, "resources": [], "operations": []}


def _check_journal(world: World, held: Mapping[str, str], where: str, figures: Figures) -> None:
    """Expect that the journal of a killed run ends with what it was doing."""
    if held["method"] not in WRITES or held["path"].endswith("/checkNameAvailability"):
        return
    (record,) = json.loads(world.runs.run("journal", "-o", "json").output)["runs"]
    last = [write for write in record["writes"] if write["unknown"]]
    figures.expect(where, holds=record["unfinished"], because="the journal has an end")
    found = any(write["method"] == held["method"] for write in last)
    figures.expect(where, holds=found, because="the journal does not know of the write")


def _must(ended: Ended, story: Story) -> None:
    """Raise if an undisturbed run did not work."""
    if ended.code != 0:
        raise AssertionError(f"{story.name} does not work undisturbed: {ended.output}")
