"""One issue for each cause, whatever people, other runs and failures do to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.core.drifted.drift_history import advance
from reconciler.core.review.issue_keeper import ACCEPTED, LABEL
from reconciler.model.drift import Drift, History, Unread
from reconciler.render.drift.json import render_drift
from reconciler.render.drift.view import drift_view
from tests.conftest import Cli, Lab, identity
from tests.drift.test_history import item
from tests.render.drifts import at
from tests.render.plans import HOSTILE
from tests.web.fake_github import FakeGitHub


class World:
    """Runs of drift, each of which tells GitHub."""

    def __init__(self, cli: Cli, hub: FakeGitHub, folder: Path) -> None:
        self.cli, self.hub, self.folder = cli, hub, folder
        self.history = History()
        self.hours = 0

    def run(self, *names: str, stacks: tuple[str, ...] = ("mail",), **more: Any) -> None:
        """Find these resources drifted, and keep the issues."""
        items = tuple(item(*name.split("=")) for name in names)
        items = more.pop("items", items)
        found = Drift(at(self.hours), "prod", stacks, 3, items, **more)
        self.hours += 1
        step = advance(self.history, found)
        self.history = step.history
        text = render_drift(drift_view(step.drift, None, step.history))
        (self.folder / "drift.json").write_text(text, encoding="utf-8")
        ran = self.cli("github", "issues", "drift.json")
        assert ran.code == 0, ran.err

    def drifted(self, *names: str, **more: Any) -> int:
        """Find these drifted twice; return the number of the issue."""
        self.run(*names, **more)
        self.run(*names, **more)
        (issue,) = self.hub.drift_issues()
        self.hub.writes.clear()
        number: int = issue["number"]
        return number

    @property
    def open(self) -> list[int]:
        """The numbers of our open issues."""
        return [issue["number"] for issue in self.hub.drift_issues()]


@pytest.fixture
def world(cli: Cli, hub: FakeGitHub, workdir: Path) -> World:
    return World(cli, hub, workdir)


def test_an_issue_is_opened_when_a_difference_is_seen_twice(world: World) -> None:
    world.run("id-a")
    assert world.open == []
    world.run("id-a")
    (issue,) = world.hub.drift_issues()
    assert issue["title"] == "Drift in stack mail (prod)"
    assert "mail/identities/id-a" in issue["body"]


def test_the_same_drift_touches_nothing(world: World) -> None:
    world.drifted("id-a")
    world.run("id-a")
    assert world.hub.writes == []


def test_other_differences_replace_the_text_and_are_told_in_one_comment(world: World) -> None:
    number = world.drifted("id-a")
    world.run("id-a", "id-b")
    assert world.hub.writes == []
    world.run("id-a", "id-b")
    assert world.open == [number]
    assert world.hub.said(number) == ["1 new, 0 gone, 2 in all."]
    assert "id-b" in world.hub.issues[number]["body"]


def test_an_issue_is_closed_when_everything_was_read_and_nothing_differs(world: World) -> None:
    number = world.drifted("id-a")
    world.run()
    assert world.open == []
    assert world.hub.said(number) == ["Gone: Azure is as the specs say."]
    assert world.hub.issues[number]["state_reason"] == "completed"


def test_a_flapping_field_has_one_issue(world: World) -> None:
    number = world.drifted("id-a")
    for _ in range(3):
        world.run()
        world.run("id-a")
        world.run("id-a")
    assert world.open == [number]
    assert len(world.hub.issues) == 1


def test_a_value_that_changes_again_does_not_close_its_issue(world: World) -> None:
    number = world.drifted("id-a=x")
    world.run("id-a=y")
    assert (world.open, world.hub.writes) == ([number], [])
    world.run("id-a=y")
    assert world.hub.said(number) == ["1 new, 1 gone, 1 in all."]


def test_a_run_that_could_not_read_closes_nothing(world: World) -> None:
    number = world.drifted("id-a")
    world.run(unread=(Unread("mail/identities/id-a", "denied", "mail"),))
    assert world.open == [number]


def test_a_run_of_other_stacks_closes_nothing(world: World) -> None:
    number = world.drifted("id-a")
    world.run(stacks=("voice",))
    assert world.open == [number]


def test_a_marker_that_is_quoted_or_copied_makes_no_issue_ours(world: World) -> None:
    number = world.drifted("id-a")
    marker = world.hub.issues[number]["body"]
    quoted = world.hub.open("quote", f"> {marker}", labels=(LABEL,))
    copied = world.hub.open("copy", marker, author="mallory", labels=(LABEL,))
    world.run("id-a")
    assert world.hub.writes == []
    world.run()
    assert sorted(world.open) == [quoted, copied]


def test_an_issue_that_a_person_closed_too_early_is_opened_again_once(world: World) -> None:
    number = world.drifted("id-a")
    world.hub.close(number)
    world.run("id-a")
    assert world.open == [number]
    assert "Azure still differs" in world.hub.said(number)[0]
    world.hub.close(number)
    world.run("id-a")
    assert world.open == []
    assert len(world.hub.issues) == 1


def test_an_accepted_issue_stays_closed(world: World) -> None:
    number = world.drifted("id-a")
    world.hub.close(number)
    world.hub.issues[number]["labels"].append({"name": ACCEPTED})
    world.run("id-a")
    assert world.open == []


def test_an_issue_that_was_closed_long_ago_is_left_alone_and_a_new_one_opened(
    world: World,
) -> None:
    number = world.drifted("id-a")
    world.hub.close(number, at="2020-01-01T00:00:00Z")
    world.run("id-a")
    assert len(world.open) == 1
    assert world.open != [number]


def test_an_issue_that_somebody_deleted_is_opened_anew(world: World) -> None:
    world.drifted("id-a")
    world.hub.issues.clear()
    world.run("id-a")
    assert len(world.open) == 1


def test_two_runs_at_once_leave_one_issue(world: World) -> None:
    world.run("id-a")
    twin: list[int] = []

    def other() -> None:
        method, path, body = world.hub.writes[-1]
        assert (method, path) == ("POST", "/repos/o/r/issues")
        twin.append(world.hub.open(body["title"], body["body"], labels=(LABEL,)))

    world.hub.meanwhile = other
    world.run("id-a")
    assert world.open == twin
    (closed,) = world.hub.drift_issues("closed")
    assert closed["state_reason"] == "not_planned"
    assert world.hub.said(closed["number"]) == [f"The same as #{twin[0]}."]


def test_each_stack_has_its_own_issue(world: World) -> None:
    items = (item("id-a", stack="mail"), item("id-b", stack="voice"))
    for _ in range(2):
        world.run(items=items, stacks=("mail", "voice"))
    assert len(world.open) == 2
    world.run(items=items[1:], stacks=("mail", "voice"))
    (issue,) = world.hub.drift_issues()
    assert "voice" in issue["title"]


def test_very_many_new_issues_are_one(world: World) -> None:
    stacks = tuple(f"stack-{number}" for number in range(237))
    items = tuple(item("id-a", stack, stack) for stack in stacks)
    for _ in range(3):
        world.run(items=items, stacks=stacks)
    (issue,) = world.hub.drift_issues()
    assert issue["title"] == "Drift in 237 stacks"
    world.run(stacks=stacks)
    assert world.open == []


def test_runs_that_cannot_read_have_an_issue_of_their_own(world: World) -> None:
    unread = (Unread("mail/identities/id-a", "could not be read: AuthorizationFailed", "mail"),)
    world.run(unread=unread)
    assert world.open == []
    world.run(unread=unread)
    (issue,) = world.hub.drift_issues()
    assert issue["title"] == "Drift of prod cannot be read"
    assert "AuthorizationFailed" in issue["body"]
    world.run()
    assert world.open == []


def test_names_and_values_are_inert_and_the_text_fits(world: World) -> None:
    items = tuple(item(f"id-{number}", HOSTILE + "\n" + "x" * 300) for number in range(400))
    for _ in range(2):
        world.run(items=items)
    (issue,) = world.hub.drift_issues()
    text = issue["body"].partition("\n")[2]
    assert not [bad for bad in ("<script", "@octocat", "](", "**bold") if bad in text]
    assert "more differences" in text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "is no drift report"),
        ("{", "cannot be read"),
        (json.dumps({"formatVersion": "1.0", "items": [], "runs": []}), "has no history"),
    ],
)
def test_what_is_no_report_changes_nothing(
    cli: Cli, hub: FakeGitHub, workdir: Path, text: str, told: str
) -> None:
    (workdir / "drift.json").write_text(text)
    ran = cli("github", "issues", "drift.json")
    assert ran.code == 1
    assert told in ran.err
    assert hub.writes == []


def test_a_story_from_the_pull_request_to_the_closed_issue(lab: Lab, hub: FakeGitHub) -> None:
    """Plan, comment, merge, apply; somebody changes Azure; two runs, an issue, an apply, closed."""
    lab.spec(identities={"id-a": {"location": "westeurope", "tags": {"env": "prod"}}})
    number = hub.pull()
    assert lab.plan("--report", "markdown=plan.md").code == 2
    lab.run("github", "comment", "plan.md", "--pull-request", str(number))
    (said,) = hub.said(number)
    assert "test/identities/id-a" in said
    hub.tips["main"] = "merged"
    lab.run("github", "stale")
    assert "Stale" in hub.said(number)[0]
    lab.settle()

    def watch() -> None:
        drift = (
            "drift",
            "--target",
            lab.arm.url,
            "--history",
            "h.jsonl",
            "--report",
            "json=d.json",
        )
        lab.run(*drift)
        assert lab.run("github", "issues", "d.json").code == 0

    watch()
    lab.arm.send("PATCH", identity("id-a"), {"tags": {"env": "dev"}})
    watch()
    assert hub.drift_issues() == []
    watch()
    (issue,) = hub.drift_issues()
    assert "<code>tags.env</code>" in issue["body"]
    lab.settle()
    watch()
    assert hub.drift_issues() == []
    assert hub.said(issue["number"]) == ["Gone: Azure is as the specs say."]
