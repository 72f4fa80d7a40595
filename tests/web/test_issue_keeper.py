"""One issue for each cause, whatever people, other runs and failures do to it.

Every test with a world runs against GitHub, GitLab and Azure DevOps.
"""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from reconciler.core.drifted.drift_history import advance
from reconciler.core.review.issue_keeper import ACCEPTED, LABEL
from reconciler.model.drift import Drift, History, Unread
from reconciler.render.drift.json import render_drift
from reconciler.render.drift.view import drift_view
from tests.conftest import Cli, Lab, Ran, identity
from tests.drift.test_history import item
from tests.render.drifts import at
from tests.render.plans import HOSTILE
from tests.web.fake_github import FakeGitHub
from tests.web.fake_home import FakeHome


class World:
    """Runs of drift, each of which tells the home of the repository."""

    def __init__(self, cli: Cli, home: FakeHome, folder: Path) -> None:
        self.cli, self.home, self.folder = cli, home, folder
        self.history = History()
        self.hours = 0

    def run(self, *names: str, stacks: tuple[str, ...] = ("mail",), **more: Any) -> None:
        """Find these resources drifted, and keep the issues."""
        ran = self.tried(*names, stacks=stacks, **more)
        assert ran.code == 0, ran.err

    def tried(self, *names: str, stacks: tuple[str, ...] = ("mail",), **more: Any) -> Ran:
        """Find these resources drifted, and try to keep the issues."""
        items = tuple(item(*name.split("=")) for name in names)
        items = more.pop("items", items)
        found = Drift(at(self.hours), more.pop("environment", "prod"), stacks, 3, items, **more)
        self.hours += 1
        step = advance(self.history, found)
        self.history = step.history
        text = render_drift(drift_view(step.drift, None, step.history))
        (self.folder / "drift.json").write_text(text, encoding="utf-8")
        return self.again()

    def again(self, *arguments: str) -> Ran:
        """Keep the issues once more, as the same report says."""
        ran = self.cli("publish", "issues", "drift.json", *arguments)
        assert self.home.token not in ran.out + ran.err
        return ran

    def drifted(self, *names: str, **more: Any) -> int:
        """Find these drifted twice; return the number of the issue."""
        self.run(*names, **more)
        self.run(*names, **more)
        (issue,) = self.home.drift()
        self.home.writes.clear()
        return issue.number

    @property
    def open(self) -> list[int]:
        """The numbers of our open issues."""
        return [issue.number for issue in self.home.drift()]


@pytest.fixture
def world(cli: Cli, home: FakeHome, workdir: Path) -> World:
    return World(cli, home, workdir)


def test_an_issue_is_opened_when_a_difference_is_seen_twice(world: World) -> None:
    world.run("id-a")
    assert world.open == []
    world.run("id-a")
    (issue,) = world.home.drift()
    assert issue.title == "Drift in stack mail (prod)"
    assert "mail/identities/id-a" in issue.body


def test_the_same_drift_touches_nothing(world: World) -> None:
    world.drifted("id-a")
    world.run("id-a")
    assert world.home.writes == []


def test_other_differences_replace_the_text_and_are_told_in_one_comment(world: World) -> None:
    number = world.drifted("id-a")
    world.run("id-a", "id-b")
    assert world.home.writes == []
    world.run("id-a", "id-b")
    assert world.open == [number]
    assert world.home.told(number) == ["1 new, 0 gone, 2 in all."]
    assert "id-b" in world.home.issues[number].body


def test_an_issue_is_closed_when_everything_was_read_and_nothing_differs(world: World) -> None:
    number = world.drifted("id-a")
    world.run()
    assert world.open == []
    assert world.home.told(number) == ["Gone: Azure is as the specs say."]
    assert world.home.issues[number].reason in ("", "completed")


def test_a_flapping_field_has_one_issue(world: World) -> None:
    number = world.drifted("id-a")
    for _ in range(3):
        world.run()
        world.run("id-a")
        world.run("id-a")
    assert world.open == [number]
    assert len(world.home.issues) == 1


def test_a_value_that_changes_again_does_not_close_its_issue(world: World) -> None:
    number = world.drifted("id-a=x")
    world.run("id-a=y")
    assert (world.open, world.home.writes) == ([number], [])
    world.run("id-a=y")
    assert world.home.told(number) == ["1 new, 1 gone, 1 in all."]


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
    marker = world.home.issues[number].body
    quoted = world.home.open("quote", world.home.quoted(marker), labels=(LABEL,))
    copied = world.home.open("copy", marker, author="mallory", labels=(LABEL,))
    world.run("id-a")
    assert world.home.writes == []
    world.run()
    assert sorted(world.open) == [quoted, copied]


def test_an_issue_that_a_person_closed_too_early_is_opened_again_once(world: World) -> None:
    number = world.drifted("id-a")
    world.home.close(number)
    world.run("id-a")
    assert world.open == [number]
    assert "Azure still differs" in world.home.told(number)[0]
    world.home.close(number)
    world.run("id-a")
    assert world.open == []
    assert len(world.home.issues) == 1


def test_an_accepted_issue_stays_closed(world: World) -> None:
    number = world.drifted("id-a")
    world.home.close(number)
    world.home.issues[number].labels.add(ACCEPTED)
    world.run("id-a")
    assert world.open == []


def test_an_issue_that_was_closed_long_ago_is_left_alone_and_a_new_one_opened(
    world: World,
) -> None:
    number = world.drifted("id-a")
    world.home.close(number, at="2020-01-01T00:00:00Z")
    world.run("id-a")
    assert len(world.open) == 1
    assert world.open != [number]


def test_an_issue_that_somebody_deleted_is_opened_anew(world: World) -> None:
    world.drifted("id-a")
    world.home.issues.clear()
    world.run("id-a")
    assert len(world.open) == 1


def test_two_runs_at_once_leave_one_issue(world: World) -> None:
    world.run("id-a")
    twin: list[int] = []

    def other() -> None:
        world.again()
        twin.extend(world.open)

    world.home.meanwhile = other
    world.run("id-a")
    assert world.open == twin
    (closed,) = world.home.drift(is_open=False)
    assert closed.reason in ("", "not_planned")
    assert world.home.told(closed.number) == [f"The same as #{twin[0]}."]


def test_each_stack_has_its_own_issue(world: World) -> None:
    items = (item("id-a", stack="mail"), item("id-b", stack="voice"))
    for _ in range(2):
        world.run(items=items, stacks=("mail", "voice"))
    assert len(world.open) == 2
    world.run(items=items[1:], stacks=("mail", "voice"))
    (issue,) = world.home.drift()
    assert "voice" in issue.title


def test_very_many_new_issues_are_one(world: World) -> None:
    stacks = tuple(f"stack-{number}" for number in range(237))
    items = tuple(item("id-a", stack, stack) for stack in stacks)
    for _ in range(3):
        world.run(items=items, stacks=stacks, whole=True)
    (issue,) = world.home.drift()
    assert issue.title == "Drift in 237 stacks"
    world.run(stacks=stacks[:9])
    world.run(stacks=stacks, whole=True, unread=(Unread("stack-1/identities/id-a", "denied", ""),))
    world.run(stacks=stacks, whole=True, environment="dev")
    assert world.open == [issue.number], "a part, a failed read and another world prove nothing"
    world.run(items=items[:2], stacks=stacks, whole=True)
    world.run(items=items[:2], stacks=stacks, whole=True)
    assert [issue.title for issue in world.home.drift()] == [
        "Drift in stack stack-0 (prod)",
        "Drift in stack stack-1 (prod)",
    ]
    assert world.home.told(issue.number)[-1] == "What is left of these has issues of its own."


def prose(text: str) -> str:
    """Return what GitHub and GitLab look for mentions and references in: all but code."""
    return unescape(re.sub(r"<code>.*?</code>", "", text))


def test_runs_that_cannot_read_have_an_issue_of_their_own(world: World) -> None:
    unread = (Unread("mail/identities/id-a", "AuthorizationFailed for @octocat, see #1", "mail"),)
    world.run(unread=unread)
    assert world.open == []
    world.run(unread=unread)
    (issue,) = world.home.drift()
    assert issue.title == "Drift (prod) cannot be read"
    assert "AuthorizationFailed" in issue.body
    assert not re.search("octocat|#1", prose(issue.body))
    world.run()
    assert world.open == []
    assert world.home.told(issue.number) == ["Everything could be read."]


def test_names_and_values_are_inert_and_the_text_fits(world: World) -> None:
    items = tuple(item(f"id-{number}", HOSTILE + "\n" + "x" * 300) for number in range(400))
    for _ in range(2):
        world.run(items=items)
    (issue,) = world.home.drift()
    text = issue.body.partition("<table>")[2].strip()
    assert not [bad for bad in ("<script", "@octocat", "](", "**bold") if bad in text]
    assert not [line for line in text.splitlines() if not line.startswith("<")]
    assert "octocat" not in prose(text)
    assert "more differences" in text


def test_the_issue_of_a_stack_that_has_left_the_specs_is_closed_and_says_so(world: World) -> None:
    number = world.drifted("id-a")
    world.run(stacks=("voice",), whole=True)
    assert world.open == []
    (told,) = world.home.told(number)
    assert told.startswith("The stack has left the specs.")
    for _ in range(2):
        world.run("id-a", stacks=("mail", "voice"), whole=True)
    assert world.open == [number]
    assert world.home.told(number)[-1] == "It is back."


@pytest.mark.parametrize(
    "run",
    [
        {"stacks": ("voice",)},
        {"stacks": (), "whole": True},
        {"stacks": ("voice",), "whole": True, "project": "elsewhere"},
        {"stacks": ("voice",), "whole": True, "environment": "dev"},
    ],
    ids=["a part", "nothing at all", "another project", "another environment"],
)
def test_what_does_not_prove_that_a_stack_has_left_closes_nothing(
    world: World, run: dict[str, Any]
) -> None:
    number = world.drifted("id-a")
    world.run(**run)
    assert (world.open, world.home.writes) == ([number], [])


def test_each_project_of_a_repository_has_issues_of_its_own(world: World) -> None:
    number = world.drifted("id-a")
    for _ in range(2):
        world.run("id-a", project="infra/eu")
    assert [issue.title for issue in world.home.drift()] == [
        "Drift in stack mail (prod)",
        "Drift in stack mail (infra/eu, prod)",
    ]
    world.run(project="infra/eu", whole=True)
    assert world.open == [number]


def test_an_issue_is_found_on_a_late_page_among_those_of_others(world: World) -> None:
    number = world.drifted("id-a")
    for word in range(8):
        world.home.open(f"noise {word}", "text", author="ann", labels=(LABEL,))
    world.run("id-a")
    assert world.home.writes == []
    world.run()
    assert number not in world.open


def test_an_issue_whose_answer_was_lost_is_not_opened_twice(world: World) -> None:
    world.run("id-a")
    world.home.trouble("POST", "(issues|Issue)$", 502, carried_out=True)
    ran = world.tried("id-a")
    assert (ran.code, "answered 502" in ran.err) == (1, True)
    assert world.again().code == 0
    assert len(world.home.issues) == 1


@pytest.mark.parametrize("method", ["PATCH", "PUT", "POST"])
def test_a_change_whose_answer_was_lost_is_told_once(world: World, method: str) -> None:
    number = world.drifted("id-a")
    world.tried("id-a", "id-b")
    world.home.trouble(method, rf"/{number}(/|$)", 502, carried_out=True)
    world.tried("id-a", "id-b")
    assert world.again().code == 0
    assert world.home.told(number) == ["1 new, 0 gone, 2 in all."]
    assert "id-b" in world.home.issues[number].body


def test_a_limit_is_waited_for(world: World) -> None:
    world.run("id-a")
    world.home.trouble("POST", "(issues|Issue)$", 429, headers={"Retry-After": "2"}, times=2)
    world.home.trouble("GET", "", 429, headers={"Retry-After": "2"})
    world.run("id-a")
    assert len(world.home.issues) == 1


def test_a_list_that_fails_on_its_way_changes_nothing(world: World) -> None:
    world.drifted("id-a")
    world.home.trouble("GET", "issues|workitems", 503, times=9)
    assert world.tried().code == 1
    assert len(world.open) == 1
    assert world.home.writes == []


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_token_without_the_right_is_told_what_it_needs(world: World, status: int) -> None:
    world.run("id-a")
    world.home.trouble("POST", "(issues|Issue)$", status)
    ran = world.tried("id-a")
    assert (ran.code, world.home.issues) == (1, {})
    assert f"answered {status}: told of (secret)" in ran.err
    assert "  mend: " in ran.err


@pytest.mark.parametrize(
    "what", ["GET /repos/o/r/issues$|/projects/42/issues$|/workitems$", "POST /wiql$", "GET /user$"]
)
def test_an_answer_that_is_none_is_not_taken_for_an_empty_one(world: World, what: str) -> None:
    world.drifted("id-a")
    method, _, path = what.partition(" ")
    world.home.trouble(method, path, 200, times=9)
    world.home.trouble("GET", "/connectionData$", 200, times=9)
    world.tried("id-a")
    assert (len(world.home.issues), world.home.writes) == (1, [])


def test_an_issue_that_goes_while_it_is_changed_is_told_and_opened_anew(world: World) -> None:
    number = world.drifted("id-a")
    world.tried("id-a", "id-b")
    world.home.trouble("PATCH", "", 404)
    world.home.trouble("PUT", "", 404)
    assert world.tried("id-a", "id-b").code == 1
    del world.home.issues[number]
    assert world.again().code == 0
    assert len(world.open) == 1


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
    ran = cli("publish", "issues", "drift.json")
    assert ran.code == 1
    assert told in ran.err
    assert hub.writes == []


def test_a_story_from_the_pull_request_to_the_closed_issue(lab: Lab, hub: FakeGitHub) -> None:
    """Plan, comment, merge, apply; somebody changes Azure; two runs, an issue, an apply, closed."""
    lab.spec(identities={"id-a": {"location": "westeurope", "tags": {"env": "prod"}}})
    number = hub.pull()
    assert lab.plan("--report", "markdown=plan.md").code == 2
    lab.run("publish", "comment", "plan.md", "--pull-request", str(number))
    (said,) = hub.said(number)
    assert "test/identities/id-a" in said
    hub.tips["main"] = "merged"
    lab.run("publish", "stale")
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
        assert lab.run("publish", "issues", "d.json").code == 0

    watch()
    lab.arm.send("PATCH", identity("id-a"), {"tags": {"env": "dev"}})
    watch()
    assert hub.drift() == []
    watch()
    (issue,) = hub.drift()
    assert "<code>tags.env</code>" in issue.body
    lab.settle()
    watch()
    assert hub.drift() == []
    assert hub.told(issue.number) == ["Gone: Azure is as the specs say."]
