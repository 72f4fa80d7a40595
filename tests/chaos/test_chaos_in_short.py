"""A short form of ``make chaos``: some boundaries of each story, and a small storm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.kills import Figures, boundaries, kill, staged
from tests.chaos.stories import STORIES, Story
from tests.chaos.storm import storm
from tests.chaos.world import World, world

KILLS = 4
"""Boundaries of each story: one after the other from the specs, and from a plan file."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all tests, which restore it first."""
    with world(tmp_path_factory.mktemp("chaos")) as made:
        yield made


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_run_that_is_killed_is_completed_by_the_next_and_nothing_is_done_twice(
    shared: World, story: Story
) -> None:
    figures = Figures()
    stage = staged(shared, story)
    places = list(boundaries(stage, reads=False))
    for number, place in enumerate(places[1 :: len(places) // KILLS][:KILLS]):
        kill(shared, stage, place, figures, from_file=number % 2 == 1)
    assert figures.violations == []
    assert figures.killed == KILLS


def test_an_apply_completes_while_every_third_request_fails(tmp_path: Path) -> None:
    figures = Figures()
    with world(tmp_path) as made:
        storm(made, figures, scale=5, seed=4)
    assert figures.violations == []
    assert figures.faults > 50
