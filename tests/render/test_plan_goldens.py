"""Every renderer over the same plans, held to what people have read and found good."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from reconciler.render import plan_json, plan_markdown, plan_text
from tests.conftest import Golden
from tests.render.plans import HOSTILE, PLANS

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", PLANS)
def test_text(name: str, golden: Golden) -> None:
    text = plan_text.render_plan(
        PLANS[name](), colour=False, requests=name in ("update", "addresses")
    )
    golden(GOLDEN / f"{name}.txt", text)


@pytest.mark.parametrize("name", PLANS)
def test_markdown(name: str, golden: Golden) -> None:
    golden(GOLDEN / f"{name}.md", plan_markdown.render_plan(PLANS[name]()))


@pytest.mark.parametrize("name", PLANS)
def test_json(name: str, golden: Golden) -> None:
    golden(GOLDEN / f"{name}.json", plan_json.render_plan(PLANS[name]()))


@pytest.mark.parametrize("name", PLANS)
def test_colour_adds_nothing_but_colour(name: str) -> None:
    plan = PLANS[name]()
    painted = plan_text.render_plan(plan, colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plan_text.render_plan(plan, colour=False)


@pytest.mark.parametrize("name", PLANS)
def test_no_control_or_direction_character_reaches_a_terminal(name: str) -> None:
    plan = PLANS[name]()
    for text in (plan_text.render_plan(plan, colour=False), plan_markdown.render_plan(plan)):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_markup_in_values_is_inert_in_markdown() -> None:
    text = plan_markdown.render_plan(PLANS["hostile"]())
    prose = re.sub(r"(?s)^(`{3,}).*?^\1$", "", text, flags=re.MULTILINE)
    assert "<script" not in prose
    assert "@octocat" not in prose
    assert HOSTILE[:20] not in prose
    assert "](" not in prose
    assert "**bold" not in prose


@pytest.mark.parametrize("name", PLANS)
def test_the_json_says_the_same_twice(name: str) -> None:
    first, second = (plan_json.render_plan(PLANS[name]()) for _ in range(2))
    assert first == second
    assert json.loads(first)["formatVersion"] == "1.1"


def test_no_format_shows_an_address_or_the_name_of_an_entry() -> None:
    plan = PLANS["addresses"]()
    assert len(plan.steps) == 5
    text = plan_text.render_plan(plan, colour=False, requests=True)
    for shown in (text, plan_markdown.render_plan(plan), plan_json.render_plan(plan)):
        assert "private.test" not in shown
        assert "private-" not in shown
        assert not any(step.resource.name in shown for step in plan.steps)
