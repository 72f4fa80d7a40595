"""One comment of a pull request, written anew in its place, wherever the repository is at home.

Every test runs against GitHub, GitLab and Azure DevOps.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cli, Ran
from tests.web.fake_home import FakeHome


@pytest.fixture
def plan(workdir: Path) -> Path:
    path = workdir / "plan.md"
    path.write_text("## Plan: 1 to create\n", encoding="utf-8")
    return path


def comment(cli: Cli, home: FakeHome, number: int, *arguments: str) -> Ran:
    ran = cli("publish", "comment", "plan.md", "--pull-request", str(number), *arguments)
    assert home.token not in ran.out + ran.err
    return ran


def only(home: FakeHome, number: int) -> str:
    """Return the one comment of ours."""
    (body,) = home.said(number)
    return body


def test_the_first_plan_is_written_and_the_next_one_takes_its_place(
    cli: Cli, home: FakeHome, plan: Path
) -> None:
    number = home.pull()
    assert "written" in comment(cli, home, number).err
    plan.write_text("## Plan: 2 to create\n")
    assert "updated" in comment(cli, home, number).err
    assert only(home, number).endswith("\n## Plan: 2 to create\n")
    assert "## Plan" not in only(home, number).partition("\n")[0]


def test_a_plan_that_says_the_same_writes_nothing(cli: Cli, home: FakeHome, plan: Path) -> None:
    plan.write_text("> [!CAUTION]\n> **mail** would go\n\n> [!NOTE]\n> much\n")
    number = home.pull()
    comment(cli, home, number)
    home.writes.clear()
    assert "unchanged" in comment(cli, home, number).err
    assert home.writes == []


def test_each_environment_has_its_own_comment(cli: Cli, home: FakeHome, plan: Path) -> None:
    number = home.pull()
    for environment in ("dev", "prod", "dev"):
        comment(cli, home, number, "-e", environment)
    assert len(home.said(number)) == 2


def test_our_comment_is_found_among_many_and_a_copy_of_it_is_not_taken_for_ours(
    cli: Cli, home: FakeHome, plan: Path
) -> None:
    number = home.pull()
    comment(cli, home, number)
    body = only(home, number)
    home.say(number, body, author="mallory")
    home.say(number, f"> {body}")
    home.say(number, f"look:\n{body}")
    for word in range(10):
        home.say(number, f"noise {word}", author="ann")
    plan.write_text("## Plan: other\n")
    comment(cli, home, number)
    assert home.said(number, "mallory") == [body]
    assert [text for text in home.said(number) if "other" in text] == home.said(number)[:1]
    assert len(home.said(number)) == 3


def test_a_comment_that_somebody_deleted_is_written_again(
    cli: Cli, home: FakeHome, plan: Path
) -> None:
    number = home.pull()
    comment(cli, home, number)
    home.comments.clear()
    comment(cli, home, number)
    assert len(home.said(number)) == 1


def test_two_runs_at_once_leave_one_comment(cli: Cli, home: FakeHome, plan: Path) -> None:
    number = home.pull()
    comment(cli, home, number)
    body = only(home, number)
    home.comments.clear()
    home.meanwhile = lambda: (home.say(number, body), None)[1]
    comment(cli, home, number)
    assert len(home.said(number)) == 1


def test_the_second_of_two_comments_may_be_gone_before_it_is_deleted(
    cli: Cli, home: FakeHome, plan: Path
) -> None:
    number = home.pull()
    comment(cli, home, number)
    home.say(number, only(home, number))
    home.trouble("DELETE", "", 404)
    assert comment(cli, home, number).code == 0


def test_a_plan_without_changes_need_not_be_the_first_comment(
    cli: Cli, home: FakeHome, plan: Path
) -> None:
    number = home.pull()
    comment(cli, home, number, "--only-update")
    assert home.said(number) == []


def test_the_pull_request_is_that_of_the_run(
    cli: Cli, home: FakeHome, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = home.pull()
    for name, value in home.run_for(number, "head-1").items():
        monkeypatch.setenv(name, value)
    assert cli("publish", "comment", "plan.md").code == 0
    assert len(home.said(number)) == 1


def test_a_run_for_no_pull_request_has_to_be_told_the_number(
    cli: Cli, home: FakeHome, plan: Path
) -> None:
    ran = cli("publish", "comment", "plan.md")
    assert ran.code == 64
    assert "say --pull-request NUMBER" in ran.err


def test_without_a_token_nothing_is_asked(
    cli: Cli, home: FakeHome, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_TOKEN", "GITLAB_TOKEN", "SYSTEM_ACCESSTOKEN"):
        monkeypatch.delenv(name, raising=False)
    ran = comment(cli, home, 1)
    assert ran.code == 64
    assert "TOKEN not set" in ran.err
    assert home.service.requests == []


def test_a_text_that_is_too_long_is_refused_before_anything_is_written(
    cli: Cli, home: FakeHome, plan: Path
) -> None:
    number = home.pull()
    plan.write_text("x" * home.longest)
    assert comment(cli, home, number).code == 64
    plan.write_text("x" * (home.longest - 500))
    home.knows["head-1"] = "older"  # it is stale at once, which makes it longer
    assert comment(cli, home, number).code == 0, "the marker and the warning have room"


def test_the_author_can_be_named(cli: Cli, home: FakeHome, plan: Path) -> None:
    number = home.pull()
    home.say(number, "", author="my-bot")
    comment(cli, home, number)
    home.comments = {id_: c for id_, c in home.comments.items() if c.author == home.me}
    for said in home.comments.values():
        said.author = "my-bot"
    assert "unchanged" in comment(cli, home, number, "--author", "my-bot").err


def test_a_plan_is_stale_when_its_base_has_moved_and_is_told_once(
    cli: Cli, home: FakeHome, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [home.pull() for _ in range(5)]
    for number in numbers:
        comment(cli, home, number)
    assert "0 stale" in cli("publish", "stale").err
    home.tips["main"] = "base-2"
    assert "5 stale" in cli("publish", "stale").err
    assert "0 stale" in cli("publish", "stale").err
    assert "**Stale:** `main` has commits" in only(home, numbers[0])
    comment(cli, home, numbers[0])
    assert "Stale" in only(home, numbers[0]), "the branch still lacks base-2"
    home.knows["merge-1"] = "base-2"
    for name, value in home.run_for(numbers[0], "merge-1").items():
        monkeypatch.setenv(name, value)
    comment(cli, home, numbers[0])
    assert "Stale" not in only(home, numbers[0])
    assert "0 stale" in cli("publish", "stale", "--pull-request", str(numbers[0])).err


def test_a_plan_of_a_branch_that_lags_behind_is_stale_from_the_beginning(
    cli: Cli, home: FakeHome, plan: Path
) -> None:
    home.tips["main"], home.knows["head-1"] = "base-9", "base-8"
    number = home.pull()
    comment(cli, home, number)
    assert "Stale" in only(home, number)
    home.writes.clear()
    comment(cli, home, number)
    assert home.writes == []


def test_a_commit_that_the_home_does_not_know_is_taken_for_fresh(
    cli: Cli, home: FakeHome, plan: Path
) -> None:
    number = home.pull()
    home.tips["main"] = "base-2"
    home.trouble("GET", "compare|merge_base|mergebases", 404)
    assert comment(cli, home, number).code == 0
    assert "Stale" not in only(home, number)


@pytest.mark.parametrize("status", [429, 502])
def test_a_busy_home_is_asked_again_and_written_to_once(
    cli: Cli, home: FakeHome, plan: Path, status: int
) -> None:
    number = home.pull()
    home.trouble("GET", "", status, headers={"Retry-After": "1"}, times=2)
    assert comment(cli, home, number).code == 0
    assert len(home.said(number)) == 1


def test_a_write_that_was_limited_is_sent_again(cli: Cli, home: FakeHome, plan: Path) -> None:
    number = home.pull()
    home.trouble("POST", "", 429, headers={"Retry-After": "1"})
    assert comment(cli, home, number).code == 0
    assert len(home.said(number)) == 1


def test_a_write_whose_answer_was_lost_is_not_there_twice(
    cli: Cli, home: FakeHome, plan: Path
) -> None:
    number = home.pull()
    home.trouble("POST", "", 502, carried_out=True)
    ran = comment(cli, home, number)
    assert ran.code == 1
    assert "answered 502" in ran.err
    assert "unchanged" in comment(cli, home, number).err
    assert len(home.said(number)) == 1


def test_a_page_that_cannot_be_read_writes_nothing(cli: Cli, home: FakeHome, plan: Path) -> None:
    number = home.pull()
    comment(cli, home, number)
    for word in range(7):
        home.say(number, f"noise {word}", author="ann")
    home.writes.clear()
    home.trouble("GET", "comments|notes|threads", 500, times=9)
    assert comment(cli, home, number).code == 1
    assert home.writes == []


@pytest.mark.parametrize(
    "path", ["comments|notes|threads", "branches|commits$", "user$|connectionD"]
)
def test_an_answer_that_is_none_is_not_taken_for_an_empty_one(
    cli: Cli, home: FakeHome, plan: Path, path: str
) -> None:
    number = home.pull()
    comment(cli, home, number)
    home.writes.clear()
    home.trouble("GET", path, 200, times=9)
    comment(cli, home, number)
    assert home.writes == []


def test_a_pull_request_that_is_not_there_is_told(cli: Cli, home: FakeHome, plan: Path) -> None:
    ran = comment(cli, home, 404)
    assert ran.code == 1
    assert "answered 404" in ran.err
    assert home.writes == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_may_not_write_is_told_with_what_it_needs(
    cli: Cli, home: FakeHome, plan: Path, status: int
) -> None:
    number = home.pull()
    if status == 401:
        home.token, home.environ = "another", {}
    else:
        home.trouble("POST", "", 403)
    ran = cli("publish", "comment", "plan.md", "--pull-request", str(number))
    assert ran.code == 1
    assert "  mend: " in ran.err
    assert "a-token-of-the-tests" not in ran.out + ran.err
    assert home.said(number) == []
