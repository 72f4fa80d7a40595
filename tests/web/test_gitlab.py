"""What only GitLab has: two tokens, merge requests of forks, scopes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.web.fake_gitlab import FakeGitLab


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
