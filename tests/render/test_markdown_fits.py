"""The Markdown of any plan fits into a comment, whole pieces left out and nothing cut."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.plan import Action, Change, FieldChange
from reconciler.model.value import ABSENT
from reconciler.render.formats.markdown import LIMIT, size
from reconciler.render.forms import show_plan
from reconciler.render.plan.markdown import LEFT_OUT, Level, render_plan
from reconciler.render.plan.view import LOSSES, PlanView, plan_view
from tests.conftest import identity
from tests.render.plans import HOSTILE, plan_of, uai

BASE = (
    "  tags: {team: mail}\n  lifecycle: {preventDelete: false, until: '2999-01-01'}\n"
    "  identities: {id-a: {location: westeurope}, id-b: {location: westeurope}, id-c: null}\n"
)


@cache
def big(creates: int, updates: int, deletes: int) -> PlanView:
    """Return a plan of which no two changes are alike, but for the deletes."""
    plan = plan_of(BASE, {identity("id-b"): uai(), identity("id-c"): uai()})
    wanted = {Action.CREATE: creates, Action.UPDATE: updates, Action.DELETE: deletes}
    changes: list[Change] = []
    for model in plan.changes:
        for _ in range(wanted[model.action]):
            name = f"id-{len(changes):04}"
            fields = [
                *model.fields,
                FieldChange(("tags", HOSTILE), ABSENT, f"``` {name} <details>"),
            ]
            changes.append(
                replace(
                    model,
                    id=model.id.renamed(name),
                    address=f"mail/identities/{name}",
                    fields=() if model.action is Action.DELETE else tuple(fields),
                )
            )
    return plan_view(replace(plan, changes=tuple(changes)))


def assert_is_whole(text: str) -> None:
    """Check that every fence and every fold that begins also ends."""
    fences = 0
    prose = []
    fence = ""
    for line in (line.removeprefix("> ").strip() for line in text.splitlines()):
        if fence:
            fence = "" if line == fence else fence
        elif found := re.match(r"`{3,}", line):
            fence, fences = found.group(), fences + 1
        else:
            prose.append(line)
    assert not fence
    joined = "\n".join(prose)
    assert joined.count("<details") == joined.count("</details>")
    assert joined.count("<code>") == joined.count("</code>")
    assert joined.count("<b>") == joined.count("</b>")


def names_of(text: str) -> set[str]:
    return set(re.findall(r"id-\d{4}", text))


def losses_of(view: PlanView) -> set[str]:
    return {card.change.id.name for card in view.cards if card.action in LOSSES}


@pytest.mark.parametrize(
    ("creates", "updates", "deletes"),
    [(2000, 0, 0), (0, 2000, 0), (0, 0, 2000), (900, 1000, 100), (3, 2, 1)],
)
def test_two_thousand_changes_fit_with_every_delete_by_name(
    creates: int, updates: int, deletes: int
) -> None:
    view = big(creates, updates, deletes)
    assert view.plan.counts[Action.DELETE] == deletes
    text = show_plan(view, "markdown")
    assert size(text) <= LIMIT
    assert losses_of(view) <= names_of(text)
    assert_is_whole(text)


@given(limit=st.integers(3_000, LIMIT), deletes=st.sampled_from([0, 7, 300]))
def test_whatever_the_limit_the_text_keeps_it_and_is_whole(limit: int, deletes: int) -> None:
    view = big(20, 30, deletes)
    text = render_plan(view, limit=limit)
    assert size(text) <= limit
    assert_is_whole(text)
    missing = losses_of(view) - names_of(text)
    assert not missing or f"# and {len(missing)} more" in text


@pytest.mark.parametrize("level", Level)
def test_each_level_says_what_it_leaves_out(level: Level) -> None:
    view = big(40, 60, 200)
    limits = (60_000, 20_000, 12_000, 11_000, 4_000, 2_300)
    text = render_plan(view, limit=limits[level])
    assert [one for one, told in LEFT_OUT.items() if f"also has {told}." in text] == (
        [level] if level else []
    )
