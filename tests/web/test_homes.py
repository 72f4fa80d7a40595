"""Which home a run has, and what reports hand on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.app.reviewing.surroundings import place_of, surroundings
from tests.conftest import Cli, Lab
from tests.web.fake_github import FakeGitHub
from tests.web.fake_home import FakeHome


def test_outside_of_a_pipeline_the_home_has_to_be_named(
    cli: Cli, hub: FakeGitHub, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")
    number = hub.pull()
    Path("plan.md").write_text("x")
    words = ("publish", "comment", "plan.md", "--pull-request", str(number))
    ran = cli(*words)
    assert ran.code == 64
    assert "say --on github, gitlab, azure-devops" in ran.err
    assert cli(*words, "--on", "github").code == 0


def test_the_home_that_is_named_is_taken_in_the_pipeline_of_another(
    cli: Cli, hub: FakeGitHub, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")
    monkeypatch.setenv("TF_BUILD", "True")
    number = hub.pull()
    Path("plan.md").write_text("x")
    words = ("publish", "comment", "plan.md", "--pull-request", str(number), "--on", "github")
    assert cli(*words).code == 0
    assert len(hub.said(number)) == 1


def test_a_comment_may_be_as_long_as_its_home_allows(home: FakeHome) -> None:
    assert surroundings().limit == home.longest - 500


def test_numbers_are_printed_where_there_is_no_file_for_them(
    cli: Cli, home: FakeHome, workdir: Path
) -> None:
    counts = {"create": 2, "delete": 1}
    document = {"changes": [], "applyable": True, "steps": [{}], "counts": counts}
    Path("plan.json").write_text(json.dumps({**document, "digest": "sha256:" + "0" * 64}))
    ran = cli("publish", "outputs", "plan.json")
    assert ran.code == 0
    found = dict(line.split("=") for line in ran.out.splitlines())
    assert (found["changes"], found["create"], found["delete"]) == ("true", "2", "1")


@pytest.mark.parametrize(
    ("applyable", "steps", "changes"),
    [(True, [], "false"), (True, [{}], "true"), (False, [], "true")],
    ids=["it waits, or is in sync", "it writes", "it is refused"],
)
def test_a_plan_changes_something_if_there_is_something_to_send_or_to_decide(
    applyable: bool, steps: list[Any], changes: str, cli: Cli, home: FakeHome, workdir: Path
) -> None:
    document = {"changes": [], "empty": False, "applyable": applyable, "steps": steps}
    Path("plan.json").write_text(json.dumps(document))
    assert f"changes={changes}\n" in cli("publish", "outputs", "plan.json").out


def test_a_report_tells_whether_it_is_of_the_whole_project_and_where_that_is(lab: Lab) -> None:
    path = lab.spec(identities={"id-a": {"location": "westeurope"}})
    lab.project()
    drift = ("drift", "--target", lab.arm.url, "-o", "json")
    assert lab.run(*drift).json["whole"] is True
    assert lab.run(*drift, str(path)).json["whole"] is False
    assert lab.run(*drift).json["project"] == ""
    below = lab.folder / "infra" / "mail"
    below.mkdir(parents=True)
    assert place_of(below) == "infra/mail"
    assert place_of(Path("/")) == ""
