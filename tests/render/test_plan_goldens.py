"""Every renderer over the same plans, held to what people have read and found good."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from reconciler.model.review import Approval
from reconciler.render.formats.sections import Section, Tone
from reconciler.render.forms import PLAN_FORMS, Wish, show_plan
from reconciler.render.plan.context import Context
from reconciler.render.plan.view import PlanView, plan_view
from tests.conftest import Golden
from tests.render.outline import outline
from tests.render.plans import HOSTILE, PLANS

GOLDEN = Path(__file__).parent / "golden"
SUFFIXES = {
    "text": "txt",
    "markdown": "md",
    "html": "html",
    "json": "json",
    "sarif": "sarif",
    "junit": "xml",
    "gitlab": "gitlab.json",
    "github": "github.txt",
}
READABLE = 20_000
"""Characters. Of a longer text the golden file has an outline: what nobody reads hides mistakes."""
CONTEXT = Context(
    version="1.2.3",
    source_url="https://git.test/o/r/blob/abc/{file}#L{line}",
    digest=f"sha256:{'0f' * 32}",
    approvals=(Approval(("@o/mail", "@eve"), ("specs/mail.yaml",)),),
    report_url="https://git.test/o/r/actions/runs/1",
    sections=(
        Section("rehearsal", "Rehearsal", Tone.GOOD, "2 steps went through on the emulator"),
        Section(
            "mail",
            "Mail",
            Tone.WARNING,
            "1 domain cannot send yet",
            ("domain", "record", "state"),
            (("a.test", "SPF", "missing"), (HOSTILE, "`DKIM`|", "\x1b[31m@octocat")),
        ),
    ),
)
"""What is known around the plan of a pull request."""


@cache
def view(name: str, context: Context | None = None) -> PlanView:
    """Return the view of one of the plans."""
    return plan_view(PLANS[name](), context)


@cache
def shown_as(name: str, form: str, context: Context | None = None) -> str:
    """Return one of the plans in a form."""
    return show_plan(view(name, context), form)


def readable(form: str, text: str) -> str:
    """Return what a golden file has of a text: of a page only what it says.

    How a page looks and what it does is in the folder ``pages``, and the same for all of them.
    """
    if form == "html":
        main = re.search(r"<header.*</footer>", text, re.DOTALL)
        assert main is not None
        text = f"{main.group()}\n"
    return text if len(text) <= READABLE else outline(text)


def test_every_form_of_a_plan_has_golden_files() -> None:
    assert set(SUFFIXES) == set(PLAN_FORMS)


@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.parametrize("name", PLANS)
def test_a_form_shows_a_plan_as_people_have_found_good(
    name: str, form: str, golden: Golden
) -> None:
    text = shown_as(name, form)
    if form == "text" and name in ("update", "addresses"):
        text = show_plan(view(name), form, Wish(requests=True))
    golden(GOLDEN / f"{name}.{SUFFIXES[form]}", readable(form, text))


@pytest.mark.parametrize("form", SUFFIXES)
def test_what_is_known_around_a_plan_is_shown_so(form: str, golden: Golden) -> None:
    text = shown_as("loss", form, CONTEXT)
    golden(GOLDEN / f"around.{SUFFIXES[form]}", readable(form, text))


def test_requests_are_shown_in_markdown_when_they_are_wanted(golden: Golden) -> None:
    golden(GOLDEN / "requests.md", show_plan(view("creation"), "markdown", Wish(requests=True)))


@pytest.mark.parametrize("width", [80, 120])
def test_a_terminal_gets_lines_that_fit(width: int, golden: Golden) -> None:
    text = show_plan(view("loss"), "text", Wish(width=width))
    golden(GOLDEN / f"loss.{width}.txt", text)
    assert max(len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("name", PLANS)
def test_colour_adds_nothing_but_colour(name: str) -> None:
    painted = show_plan(view(name), "text", Wish(colour=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == show_plan(view(name), "text")


@pytest.mark.parametrize("form", PLAN_FORMS)
@pytest.mark.parametrize("name", ["hostile", "loss"])
def test_no_control_or_direction_character_reaches_a_reader(name: str, form: str) -> None:
    text = show_plan(view(name, CONTEXT), form)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_markup_in_values_is_inert_in_markdown() -> None:
    text = show_plan(view("hostile", CONTEXT), "markdown")
    prose = re.sub(r"(?s)^(?:> )?(`{3,}).*?^(?:> )?\1$", "", text, flags=re.MULTILINE)
    assert "octocat" in prose
    assert "<script" not in prose
    assert "@octocat" not in prose
    assert HOSTILE[:20] not in prose
    assert "](" not in prose
    assert "**bold" not in prose


@pytest.mark.parametrize("form", PLAN_FORMS)
def test_a_form_says_the_same_twice(form: str) -> None:
    first, second = (show_plan(plan_view(PLANS["update"](), CONTEXT), form) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("form", PLAN_FORMS)
def test_no_form_shows_an_address_or_the_name_of_an_entry(form: str) -> None:
    plan = PLANS["addresses"]()
    assert len(plan.steps) == 5
    shown = show_plan(view("addresses"), form, Wish(requests=True))
    assert "private.test" not in shown
    assert "private-" not in shown
    assert not any(step.resource.name in shown for step in plan.steps)


def test_the_json_has_the_version_of_its_form() -> None:
    assert json.loads(show_plan(view("empty"), "json"))["formatVersion"] == "1.3"
