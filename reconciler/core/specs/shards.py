"""Stacks shared out among machines: by weight, and never what belongs together.

What is split are *components*: stacks that refer to each other, or to a resource group that one of
them creates. Components of one subscription stay together as far as that is fair, since its lists
are then read once; a subscription that is too large for one machine is split into its components.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.model.errors import UsageError
from reconciler.model.ids import ResourceId
from reconciler.model.resource import DesiredState, Presence

AUTO: Final = "auto"
"""What stands for the number that the platform gives."""

OURS: Final = ("RECONCILER_SHARD_INDEX", "RECONCILER_SHARD_COUNT")
PAIRS: Final[Mapping[tuple[str, str], int]] = {
    OURS: 0,
    ("JOB_COMPLETION_INDEX", "RECONCILER_SHARD_COUNT"): 0,
    ("SYSTEM_JOBPOSITIONINPHASE", "SYSTEM_TOTALJOBSINPHASE"): 1,
    ("CI_NODE_INDEX", "CI_NODE_TOTAL"): 1,
    ("BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT"): 0,
    ("CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL"): 0,
    ("CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT"): 0,
}
"""Variables with number and count, and what a platform counts from: Kubernetes (which gives no
count), Azure Pipelines, GitLab, Buildkite, CircleCI and Cloud Run. For GitHub's matrix, set ours.
https://kubernetes.io/docs/tasks/job/indexed-parallel-processing-static/
https://learn.microsoft.com/azure/devops/pipelines/build/variables
https://docs.gitlab.com/ci/variables/predefined_variables/
"""

MOST: Final = 10_000
"""How many shards there may be."""


@dataclass(frozen=True, slots=True, order=True)
class Shard:
    """One of so many shares of the work."""

    number: int
    """Counts from 1."""
    count: int

    def __str__(self) -> str:
        """Return ``3/16``."""
        return f"{self.number}/{self.count}"


def shard_of(text: str, environment: Mapping[str, str]) -> Shard:
    """Return the shard that is meant by ``3/16``, or by ``auto`` and the environment.

    Raises:
        UsageError: none is; half a pair of variables is an error, and never means everything.

    """
    if text == AUTO:
        return _given(environment)
    number, _, count = text.partition("/")
    return _shard(number, count, f"--shard {text}", "write NUMBER/COUNT, such as 3/16, or auto", 1)


def _given(environment: Mapping[str, str]) -> Shard:
    """Return the shard that variables name."""
    half = ""
    for (number, count), first in PAIRS.items():
        there = [name for name in (number, count) if environment.get(name)]
        if len(there) == 2:
            what = f"{number} and {count}"
            mend = f"set them to whole numbers that count from {first}"
            return _shard(environment[number], environment[count], what, mend, first)
        if there and not half:
            half = f"{there[0]} is set, and {count if there == [number] else number} is not"
    problem = half or "no variable of this machine says which shard it is"
    mend = f"set {' and '.join(OURS)}, counting from 0, or write --shard NUMBER/COUNT"
    raise UsageError(problem, mend)


def _shard(number: str, count: str, what: str, mend: str, first: int) -> Shard:
    """Return a shard from two texts."""
    short = all(text.isascii() and text.isdigit() and len(text) < 6 for text in (number, count))
    shard = Shard(int(number) - first + 1, int(count)) if short else Shard(0, 0)
    if not 1 <= shard.number <= shard.count <= MOST:
        problem = f"{what}: `{number}` of `{count}` is no shard"
        raise UsageError(problem, mend)
    return shard


def shares(desired: DesiredState, count: int) -> tuple[frozenset[str], ...]:
    """Return the names of the stacks of each shard: the heaviest parts first, each to the lightest.

    Equal states give equal shares. There may be more shards than parts; the rest is empty.
    """
    weights = Counter(resource.stack for resource in desired.resources)
    loads = [(0, number) for number in range(count)]
    shared: list[set[str]] = [set() for _ in loads]
    parts = [(sum(weights[s] for s in part), sorted(part)) for part in _parts(desired, count)]
    for weight, part in sorted(parts, key=lambda p: (-p[0], p[1])):
        load, number = heapq.heappop(loads)
        shared[number].update(part)
        heapq.heappush(loads, (load + max(weight, 1), number))
    return tuple(map(frozenset, shared))


def _parts(desired: DesiredState, count: int) -> list[frozenset[str]]:
    """Return what is shared out whole."""
    weights = Counter(resource.stack for resource in desired.resources)
    subscriptions = {r.stack: r.id.subscription.lower() for r in desired.resources}
    together: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for component in components(desired):
        together[min(subscriptions.get(stack, "") for stack in component)].append(component)
    fair = -(-weights.total() // count)
    found: list[frozenset[str]] = []
    for members in together.values():
        whole = frozenset[str]().union(*members)
        light = sum(weights[stack] for stack in whole) <= fair
        found += [whole] if light else members
    return found


def components(desired: DesiredState) -> Sequence[frozenset[str]]:
    """Return the stacks in groups of which none needs anything of another."""
    leader = {stack: stack for stack in desired.stacks}

    def first(stack: str) -> str:
        while leader[stack] != stack:
            leader[stack] = leader[leader[stack]]
            stack = leader[stack]
        return stack

    by_id = _stacks_by_id(desired)
    for resource in desired.resources:
        for needed in resource.relies_on & by_id.keys():
            leader[first(resource.stack)] = first(by_id[needed])
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for stack in leader:
        groups[first(stack)].add(stack)
    return [frozenset(group) for group in groups.values()]


def with_dependents(desired: DesiredState, stacks: Iterable[str]) -> frozenset[str]:
    """Return stacks, and those that need something of them, directly or not."""
    stack_of = _stacks_by_id(desired)
    dependents: defaultdict[str, set[str]] = defaultdict(set)
    for resource in desired.resources:
        for needed in resource.relies_on & stack_of.keys():
            dependents[stack_of[needed]].add(resource.stack)
    found = set(stacks)
    open_ = list(found)
    while open_:
        more = dependents[open_.pop()] - found
        found |= more
        open_ += more
    return frozenset(found)


def _stacks_by_id(desired: DesiredState) -> Mapping[ResourceId, str]:
    """Return whose each resource is; an existing group is nobody's, however many are in it."""
    return {r.id: r.stack for r in desired.resources if r.presence is not Presence.EXISTING}
