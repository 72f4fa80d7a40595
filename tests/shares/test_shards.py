"""How stacks are shared out, and how a machine learns which share is its own."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.specs.desired import desired_state
from reconciler.core.specs.shards import Shard, components, shard_of, shares, with_dependents
from reconciler.documents.yaml_reader import read
from reconciler.model.errors import UsageError
from reconciler.model.resource import DesiredState

Sketch = list[tuple[int, int, list[int]]]
"""For each stack its subscription, its number of identities, and the stacks that it needs."""


def state(sketch: Sketch) -> DesiredState:
    """Return the state of stacks that are sketched."""
    documents = []
    for number, (subscription, size, needed) in enumerate(sketch):
        services = {
            f"acs-{number}-{other}": {
                "dataLocation": "Europe",
                "identity": {"userAssigned": [f"ref:stack/s{other}//identities/id-{other}-0"]},
            }
            for other in needed
            if other < len(sketch)
        }
        spec: dict[str, Any] = {
            "subscription": f"11111111-2222-3333-4444-{subscription:012}",
            "resourceGroup": {"existing": "rg-shared"},
            "identities": {f"id-{number}-{i}": {"location": "westeurope"} for i in range(size)},
            "communicationServices": services,
        }
        value = {"apiVersion": "reconciler/v1", "kind": "Stack", "metadata": {"name": f"s{number}"}}
        document, wrong = read(json.dumps(value | {"spec": spec}), f"s{number}.yaml")
        assert document is not None, wrong
        documents.append(document)
    desired, problems = desired_state(documents, {})
    assert problems == ()
    return desired


SKETCHES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 6), st.lists(st.integers(0, 7), max_size=2)),
    min_size=1,
    max_size=8,
)


@given(SKETCHES, st.integers(1, 9))
def test_every_stack_is_in_one_share_and_no_component_is_split(sketch: Sketch, count: int) -> None:
    desired = state(sketch)
    shared = shares(desired, count)
    assert len(shared) == count
    assert sorted(stack for share in shared for stack in share) == sorted(desired.stacks)
    for component in components(desired):
        assert sum(not share.isdisjoint(component) for share in shared) == 1


@given(SKETCHES, st.integers(1, 9))
def test_no_share_is_heavier_than_the_lightest_by_more_than_one_part(
    sketch: Sketch, count: int
) -> None:
    desired = state(sketch)
    weights = Counter(r.stack for r in desired.resources)
    loads = [sum(weights[s] for s in share) for share in shares(desired, count)]
    fair = -(-weights.total() // count)
    heaviest = max(sum(weights[s] for s in part) for part in components(desired))
    assert max(loads) - min(loads) <= max(heaviest, fair) + 1  # a stack without weight counts, too


@given(SKETCHES, st.permutations(range(8)))
def test_what_needs_a_stack_is_planned_with_it_and_nothing_else(
    sketch: Sketch, order: list[int]
) -> None:
    desired = state(sketch)
    chosen = frozenset({f"s{order[0] % len(sketch)}"})
    found = with_dependents(desired, chosen)
    needs = {f"s{i}": {f"s{n}" for n in needed} for i, (_, _, needed) in enumerate(sketch)}
    expected = set(chosen)
    while more := {stack for stack, needed in needs.items() if needed & expected} - expected:
        expected |= more
    assert found == expected


def test_stacks_of_one_subscription_stay_together_if_that_is_fair() -> None:
    light = state([(0, 5, []), (1, 5, []), (0, 5, []), (1, 5, [])])
    assert set(shares(light, 2)) == {frozenset({"s0", "s2"}), frozenset({"s1", "s3"})}
    heavy = state([(0, 9, []), (0, 9, []), (1, 1, [])])
    assert sorted(map(len, shares(heavy, 2))) == [1, 2]


PLATFORMS = [
    ({"RECONCILER_SHARD_INDEX": "0", "RECONCILER_SHARD_COUNT": "4"}, Shard(1, 4)),
    ({"JOB_COMPLETION_INDEX": "3", "RECONCILER_SHARD_COUNT": "4"}, Shard(4, 4)),
    ({"SYSTEM_JOBPOSITIONINPHASE": "1", "SYSTEM_TOTALJOBSINPHASE": "4"}, Shard(1, 4)),
    ({"CI_NODE_INDEX": "4", "CI_NODE_TOTAL": "4"}, Shard(4, 4)),
    ({"BUILDKITE_PARALLEL_JOB": "0", "BUILDKITE_PARALLEL_JOB_COUNT": "4"}, Shard(1, 4)),
    ({"CIRCLE_NODE_INDEX": "3", "CIRCLE_NODE_TOTAL": "4"}, Shard(4, 4)),
    ({"CLOUD_RUN_TASK_INDEX": "3", "CLOUD_RUN_TASK_COUNT": "4"}, Shard(4, 4)),
]


@pytest.mark.parametrize(("environment", "expected"), PLATFORMS)
def test_auto_takes_what_the_platform_counts_from(
    environment: dict[str, str], expected: Shard
) -> None:
    assert shard_of("auto", environment) == expected


@pytest.mark.parametrize("environment", [e for e, _ in PLATFORMS])
def test_half_a_pair_is_an_error_and_never_means_everything(environment: dict[str, str]) -> None:
    for name, value in environment.items():
        with pytest.raises(UsageError, match=f"{name} is set, and .+ is not"):
            shard_of("auto", {name: value})


@pytest.mark.parametrize(
    "text", ["", "3", "0/4", "5/4", "-1/4", "1/0", "a/b", "1/4/2", "1/ 4", "٣/٤", "1/99999999"]
)
def test_what_is_no_shard_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="is no shard"):
        shard_of(text, {"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "4"})


def test_auto_without_a_platform_is_an_error() -> None:
    with pytest.raises(UsageError, match="no variable of this machine says which shard it is"):
        shard_of("auto", {"PATH": "/bin"})
    with pytest.raises(UsageError, match="is no shard"):
        shard_of("auto", {"CI_NODE_INDEX": "0", "CI_NODE_TOTAL": "4"})
