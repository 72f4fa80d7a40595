"""Our jobs for GitLab, carried out: a merge request, a push, a schedule."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Lab, identity
from tests.shipped.gitlab_runner import Runner, reviewed
from tests.web.fake_gitlab import FakeGitLab

IDENTITY = {"id-a": {"location": "westeurope", "tags": {"env": "prod"}}}
SCHEDULE = {"CI_PIPELINE_SOURCE": "schedule"}


@pytest.fixture
def runner(lab: Lab, project: FakeGitLab, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A runner for a project with one identity in its specs."""
    lab.project()
    lab.spec(identities=IDENTITY)
    elsewhere = tmp_path_factory.mktemp("gitlab")
    repository, commit = reviewed(elsewhere)
    variables = {
        **project.environ,
        "RECONCILER_REPOSITORY": repository,
        "RECONCILER_COMMIT": commit,
        "RECONCILER_TARGET": lab.arm.url,
        "CI_DEFAULT_BRANCH": "main",
    }
    return Runner(lab.folder, elsewhere, variables)


def test_a_merge_request_has_its_plan_in_a_note_and_a_push_makes_it_stale(
    runner: Runner, project: FakeGitLab
) -> None:
    number = project.pull()
    event = {"CI_PIPELINE_SOURCE": "merge_request_event", **project.run_for(number, "head-1")}
    ((name, plan),) = runner.pipeline(**event).items()
    assert (name, plan.code) == ("reconciler-plan", 0), plan.log
    (note,) = project.said(number)
    assert "## Plan: 1 to create" in note
    counts = json.loads((runner.work / "plan.gitlab.json").read_text())
    assert counts == {"create": 1, "update": 0, "delete": 0}
    assert not [word for word in (project.token, "the.job.token") if word in plan.log]
    project.tips["main"] = "base-2"
    push = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"}
    assert [job.code for job in runner.pipeline(**push).values()] == [0]
    assert "**Stale:**" in project.said(number)[0]
    assert runner.pipeline(**{**push, "CI_COMMIT_BRANCH": "other"}) == {}


def test_a_schedule_keeps_the_issue_of_what_has_drifted(
    runner: Runner, project: FakeGitLab, lab: Lab
) -> None:
    lab.settle()
    lab.arm.patch(identity("id-a"), {"tags": {"env": "dev"}})
    lab.run("drift", "--target", lab.arm.url, "--history", "drift.jsonl")
    drift = runner.pipeline(**SCHEDULE)["reconciler-drift"]
    assert drift.code == runner.jobs["reconciler-drift"]["allow_failure"]["exit_codes"], drift.log
    (issue,) = project.drift()
    assert issue.title == "Drift in stack test"


def test_a_plan_that_is_refused_fails_the_job_and_is_in_its_note(
    runner: Runner, project: FakeGitLab, lab: Lab
) -> None:
    lab.settle()
    lab.spec(identities={"id-a": None})
    number = project.pull()
    event = {"CI_PIPELINE_SOURCE": "merge_request_event", **project.run_for(number, "head-1")}
    ((_, plan),) = runner.pipeline(**event).items()
    (note,) = project.said(number)
    assert (plan.code, "blocked delete" in note) == (4, True), plan.log


def test_without_a_token_the_plan_is_made_all_the_same(runner: Runner, project: FakeGitLab) -> None:
    number = project.pull()
    event = {"CI_PIPELINE_SOURCE": "merge_request_event", **project.run_for(number, "head-1")}
    ((_, plan),) = runner.pipeline(**event, GITLAB_TOKEN="").items()
    assert (plan.code, project.service.requests) == (0, [])
