"""What only GitLab has: two tokens, merge requests of forks, scopes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.web.fake_gitlab import FakeGitLab
from tests.web.test_issue_keeper import World


def test_the_token_of_a_job_is_not_tried(
    cli: Cli, project: FakeGitLab, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITLAB_TOKEN")
    Path("plan.md").write_text("x")
    ran = cli("publish", "comment", "plan.md", "--pull-request", "1")
    assert ran.code == 64
    assert "the token of a job cannot write comments" in ran.err
    assert project.service.requests == []


def test_the_merge_request_of_a_fork_is_in_the_project_that_it_goes_to(
    cli: Cli, project: FakeGitLab, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = project.pull()
    for name, value in project.run_for(number, "head-1").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CI_PROJECT_ID", "43")
    Path("plan.md").write_text("x")
    assert cli("publish", "comment", "plan.md").code == 0
    assert len(project.said(number)) == 1


def test_a_scope_that_is_missing_is_told_in_gitlabs_words(
    cli: Cli, project: FakeGitLab, workdir: Path
) -> None:
    number = project.pull()
    Path("plan.md").write_text("x")
    project.trouble("POST", "", 403)
    project.troubles[0].reply = project.refusal(403)
    ran = cli("publish", "comment", "plan.md", "--pull-request", str(number))
    assert "requires higher privileges" in ran.err
    assert "scope `api`" in ran.err


@pytest.mark.parametrize("is_revoked", [False, True])
def test_the_next_token_of_the_project_goes_on_with_the_issues_of_this_one(
    cli: Cli, project: FakeGitLab, workdir: Path, is_revoked: bool
) -> None:
    world = World(cli, project, workdir)
    number = world.drifted("id-a")
    project.me = "project_42_bot_beef"
    if is_revoked:
        project.issues[number].author = "ghost"
    world.run("id-a")
    assert project.writes == []
    project.open("copy", project.drift()[0].body, "project_43_bot_f00d", ("reconciler-drift",))
    world.run()
    assert [issue.author for issue in project.drift()] == ["project_43_bot_f00d"]


def test_the_next_token_leaves_the_note_of_this_one_which_it_may_not_change(
    cli: Cli, project: FakeGitLab, workdir: Path
) -> None:
    number, before = project.pull(), project.me
    for me in (before, "project_42_bot_beef", "project_42_bot_beef"):
        project.me = me
        Path("plan.md").write_text(f"a plan of {me}")
        assert cli("publish", "comment", "plan.md", "--pull-request", str(number)).code == 0
    assert (len(project.said(number, before)), len(project.said(number))) == (1, 1)
