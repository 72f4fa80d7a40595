"""One comment of a pull request, written anew in its place; everybody else's are left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Cli, Ran
from tests.web.fake_github import BOT, FakeGitHub


@pytest.fixture
def plan(workdir: Path) -> Path:
    path = workdir / "plan.md"
    path.write_text("## Plan: 1 to create\n", encoding="utf-8")
    return path


def comment(cli: Cli, number: int, *arguments: str) -> Ran:
    ran = cli("github", "comment", "plan.md", "--pull-request", str(number), *arguments)
    assert "a-token-of-the-tests" not in ran.out + ran.err
    return ran


def test_the_first_plan_is_written_and_the_next_one_takes_its_place(
    cli: Cli, hub: FakeGitHub, plan: Path
) -> None:
    number = hub.pull()
    assert "written" in comment(cli, number).err
    plan.write_text("## Plan: 2 to create\n")
    assert "updated" in comment(cli, number).err
    (body,) = hub.said(number)
    assert body.startswith("<!-- reconciler:plan v1 {")
    assert body.endswith("\n## Plan: 2 to create\n")


def test_a_plan_that_says_the_same_writes_nothing(cli: Cli, hub: FakeGitHub, plan: Path) -> None:
    number = hub.pull()
    comment(cli, number)
    hub.writes.clear()
    assert "unchanged" in comment(cli, number).err
    assert hub.writes == []


def test_each_environment_has_its_own_comment(cli: Cli, hub: FakeGitHub, plan: Path) -> None:
    number = hub.pull()
    for environment in ("dev", "prod", "dev"):
        comment(cli, number, "-e", environment)
    assert len(hub.said(number)) == 2


def test_our_comment_is_found_among_many_and_a_copy_of_it_is_not_taken_for_ours(
    cli: Cli, hub: FakeGitHub, plan: Path
) -> None:
    number = hub.pull()
    comment(cli, number)
    (body,) = hub.said(number)
    hub.say(number, body, author="mallory")
    hub.say(number, f"> {body}", author=BOT)
    for word in range(10):
        hub.say(number, f"noise {word}", author="ann")
    plan.write_text("## Plan: other\n")
    comment(cli, number)
    assert hub.said(number, "mallory") == [body]
    assert [text for text in hub.said(number) if "other" in text] == hub.said(number)[:1]


def test_a_comment_that_somebody_deleted_is_written_again(
    cli: Cli, hub: FakeGitHub, plan: Path
) -> None:
    number = hub.pull()
    comment(cli, number)
    hub.comments.clear()
    comment(cli, number)
    assert len(hub.said(number)) == 1


def test_two_runs_at_once_leave_one_comment(cli: Cli, hub: FakeGitHub, plan: Path) -> None:
    number = hub.pull()
    comment(cli, number)
    (body,) = hub.said(number)
    hub.comments.clear()
    hub.meanwhile = lambda: (hub.say(number, body), None)[1]
    comment(cli, number)
    assert len(hub.said(number)) == 1


def test_a_plan_without_changes_need_not_be_the_first_comment(
    cli: Cli, hub: FakeGitHub, plan: Path
) -> None:
    number = hub.pull()
    comment(cli, number, "--only-update")
    assert hub.said(number) == []


def test_the_pull_request_is_that_of_the_event(
    cli: Cli, hub: FakeGitHub, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = hub.pull()
    event = plan.parent / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": number}}))
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    assert cli("github", "comment", "plan.md").code == 0
    assert len(hub.said(number)) == 1


def test_without_an_event_the_number_has_to_be_said(cli: Cli, hub: FakeGitHub, plan: Path) -> None:
    ran = cli("github", "comment", "plan.md")
    assert ran.code == 64
    assert "say --pull-request NUMBER" in ran.err


def test_without_a_token_nothing_is_asked(
    cli: Cli, hub: FakeGitHub, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    assert cli("github", "comment", "plan.md", "--pull-request", "1").code == 64


def test_a_text_that_is_too_long_is_refused_before_anything_is_written(
    cli: Cli, hub: FakeGitHub, plan: Path
) -> None:
    plan.write_text("x" * 65_536)
    assert comment(cli, hub.pull()).code == 64
    assert hub.writes == []


def test_a_plan_is_stale_when_its_base_has_moved_and_is_told_once(
    cli: Cli, hub: FakeGitHub, plan: Path
) -> None:
    numbers = [hub.pull() for _ in range(5)]
    for number in numbers:
        comment(cli, number)
    assert "0 stale" in cli("github", "stale").err
    hub.tips["main"] = "base-2"
    assert "5 stale" in cli("github", "stale").err
    assert "0 stale" in cli("github", "stale").err
    (body,) = hub.said(numbers[0])
    assert "**Stale:** `main` has moved" in body
    comment(cli, numbers[0])
    (body,) = hub.said(numbers[0])
    assert "Stale" not in body
