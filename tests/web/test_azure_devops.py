"""What only Azure DevOps has: threads that wait, states of each process, HTML that is filtered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.web.fake_azure_devops import DESCRIPTION, PROCESSES, REPRO_STEPS, FakeAzureDevOps
from tests.web.test_issue_keeper import World

COUNTS = {"create": 1, "delete": 0, "replace": 0, "blocked": 0}


@pytest.fixture
def boards(cli: Cli, devops: FakeAzureDevOps, workdir: Path) -> World:
    return World(cli, devops, workdir)


def comment(cli: Cli, devops: FakeAzureDevOps, text: str, **counts: int) -> str:
    """Show a plan on the pull request; return the status of its thread."""
    Path("plan.md").write_text(text, encoding="utf-8")
    Path("plan.json").write_text(json.dumps({"counts": {**COUNTS, **counts}}), encoding="utf-8")
    number = next(iter(devops.pulls), None) or devops.pull()
    words = ("publish", "comment", "plan.md", "--plan", "plan.json", "--pull-request", str(number))
    ran = cli(*words)
    assert ran.code == 0, ran.err
    (thread,) = devops.comments.values()
    return thread.status


def test_a_thread_waits_while_the_plan_loses_something_and_no_longer(
    cli: Cli, devops: FakeAzureDevOps
) -> None:
    assert comment(cli, devops, "creates") == "closed"
    assert comment(cli, devops, "deletes", delete=1) == "active"
    assert comment(cli, devops, "replaces", replace=1) == "active"
    assert comment(cli, devops, "is refused", blocked=1) == "active"
    assert comment(cli, devops, "creates") == "closed"


def test_a_thread_that_people_have_resolved_stays_so_until_the_plan_changes(
    cli: Cli, devops: FakeAzureDevOps
) -> None:
    comment(cli, devops, "deletes a", delete=1)
    (thread,) = devops.comments.values()
    thread.status = "fixed"
    assert comment(cli, devops, "deletes a", delete=1) == "fixed"
    assert comment(cli, devops, "deletes a and b", delete=2) == "active"


def test_without_the_plan_a_thread_waits_for_nothing_and_is_left_as_people_have_put_it(
    cli: Cli, devops: FakeAzureDevOps
) -> None:
    number, statuses = devops.pull(), []
    for text in ("a", "b"):
        Path("plan.md").write_text(text)
        words = ("publish", "comment", "plan.md", "--pull-request", str(number))
        assert cli(*words).code == 0
        (thread,) = devops.comments.values()
        statuses.append(thread.status)
        thread.status = "active"
    assert statuses == ["closed", "active"]


def test_a_broken_guard_makes_a_thread_wait(cli: Cli, devops: FakeAzureDevOps) -> None:
    number = devops.pull()
    Path("plan.md").write_text("limit")
    Path("plan.json").write_text(json.dumps({"counts": COUNTS, "breaches": [{"guard": "x"}]}))
    words = ("publish", "comment", "plan.md", "--plan", "plan.json", "--pull-request", str(number))
    assert cli(*words).code == 0
    assert [thread.status for thread in devops.comments.values()] == ["active"]


def test_the_marker_is_a_line_that_markdown_does_not_show_and_alerts_are_words(
    cli: Cli, devops: FakeAzureDevOps
) -> None:
    comment(cli, devops, "> [!CAUTION]\n> **mail** goes\n")
    (thread,) = devops.comments.values()
    first, rest = thread.body.split("\n", 1)
    assert first.startswith("[//]: # (reconciler:")
    assert rest == "\n> **Caution**\n> **mail** goes\n"


def test_pull_requests_of_a_repository_elsewhere_are_not_looked_for(
    cli: Cli, devops: FakeAzureDevOps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILD_REPOSITORY_PROVIDER", "GitHub")
    Path("plan.md").write_text("x")
    ran = cli("publish", "comment", "plan.md", "--pull-request", "1")
    assert ran.code == 64
    assert "not in Azure Repos" in ran.err
    assert "--on github" in ran.err


def test_the_page_to_sign_in_is_a_refusal(boards: World) -> None:
    boards.home.token = "another"
    ran = boards.tried("id-a")
    assert ran.code == 1
    assert "Azure DevOps answered 203" in ran.err
    assert "SYSTEM_ACCESSTOKEN" in ran.err


@pytest.mark.parametrize(
    ("process", "kind", "states", "field"),
    [
        ("Basic", "Issue", ["To Do", "Done", "To Do"], DESCRIPTION),
        ("Scrum", "Bug", ["New", "Done", "New"], REPRO_STEPS),
        ("Agile", "Issue", ["Active", "Closed", "Active"], DESCRIPTION),
    ],
)
def test_type_and_states_are_those_of_the_process(
    boards: World, devops: FakeAzureDevOps, process: str, kind: str, states: list[str], field: str
) -> None:
    devops.process = process
    number = boards.drifted("id-a")
    more, found = devops.issues[number].more, []
    found.append(more["state"])
    boards.run()
    found.append(more["state"])
    boards.run("id-a")
    boards.run("id-a")
    found.append(more["state"])
    assert (more["type"], found, more["field"]) == (kind, states, field)


def test_type_and_states_can_be_named(boards: World, devops: FakeAzureDevOps) -> None:
    devops.process = "Agile"
    named = ("--work-item-type", "Bug", "--open-state", "Active", "--closed-state", "Resolved")
    for drift in (("id-a",), ("id-a",)):
        boards.tried(*drift)
    devops.issues.clear()
    assert boards.again(*named).code == 0
    ((number, entry),) = devops.issues.items()
    boards.tried()
    devops.put(number, state="New")
    assert boards.again(*named).code == 0
    assert (entry.more["type"], entry.more["state"]) == ("Bug", "Resolved")


def test_what_people_have_resolved_is_not_open(boards: World, devops: FakeAzureDevOps) -> None:
    devops.process = "Agile"
    boards.run("id-a")
    boards.tried("id-a")
    devops.issues.clear()
    boards.again("--work-item-type", "Bug")
    ((number, entry),) = devops.issues.items()
    devops.put(number, state="Resolved")
    boards.run("id-a")
    assert (entry.more["state"], len(devops.issues)) == ("New", 1)
    assert "Azure still differs" in boards.home.told(number)[0]


def test_a_state_that_is_on_no_list_is_taken_for_open(
    boards: World, devops: FakeAzureDevOps
) -> None:
    number = boards.drifted("id-a")
    devops.issues[number].more["state"] = "Renamed"
    boards.run("id-a")
    assert boards.home.writes == []


def test_a_project_without_our_types_says_which_option_names_one(
    boards: World, devops: FakeAzureDevOps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PROCESSES, "Own", {"Story": {"New": "Proposed"}})
    devops.process = "Own"
    boards.run("id-a")
    ran = boards.tried("id-a")
    assert (ran.code, devops.issues) == (64, {})
    assert "say --work-item-type" in ran.err
    assert boards.again("--work-item-type", "Story").code == 0
    assert len(devops.issues) == 1
    ran = boards.tried()
    assert ran.code == 64
    assert "say --closed-state" in ran.err


def test_a_work_item_that_changed_since_it_was_read_is_not_written_over(
    boards: World, devops: FakeAzureDevOps
) -> None:
    number = boards.drifted("id-a")
    boards.tried("id-a", "id-b")
    answer = devops.service.answer

    def edited(method: str, path: str, body: Any) -> Any:
        if method == "PATCH":
            devops.issues[number].more["rev"] += 1
        return answer(method, path, body)

    devops.service.answer = edited
    ran = boards.tried("id-a", "id-b")
    assert ran.code == 1
    assert "VS403208" in ran.err
    assert "id-b" not in devops.issues[number].body


def test_text_state_and_comment_are_changed_in_one_request(boards: World) -> None:
    boards.drifted("id-a")
    boards.run()
    assert [method for method, _, _ in boards.home.writes] == ["PATCH"]


def test_a_marker_survives_what_an_editor_makes_of_the_text(
    boards: World, devops: FakeAzureDevOps
) -> None:
    number = boards.drifted("id-a")
    entry = devops.issues[number]
    assert "<!--" not in entry.body
    entry.body = f"<div>{entry.body.replace('</p>', '&nbsp;</p>')}<br></div>\r\n"
    boards.run("id-a")
    assert boards.home.writes == []
    boards.run()
    assert boards.open == []


def test_more_work_items_than_one_request_takes_are_all_read(
    boards: World, devops: FakeAzureDevOps
) -> None:
    for number in range(230):
        devops.open(str(number), "", author="ann", labels=("reconciler-drift",))
    others = list(devops.issues)
    boards.run("id-a")
    boards.run("id-a")
    boards.home.writes.clear()
    boards.run("id-a")
    assert (boards.home.writes, len(devops.issues)) == ([], len(others) + 1)


def test_a_tag_that_only_begins_like_ours_is_another(
    boards: World, devops: FakeAzureDevOps
) -> None:
    number = boards.drifted("id-a")
    devops.issues[number].labels = {"reconciler-drift-old"}
    boards.run("id-a")
    assert len(devops.issues) == 2
