"""Our templates for Azure Pipelines, carried out: a pull request, and a schedule."""

from __future__ import annotations

import pytest

from tests.conftest import Lab, identity
from tests.shipped.azure_runner import Agent, filled
from tests.web.fake_azure_devops import FakeAzureDevOps

OBEYED = "##vso[task.setvariable variable=owned]yes"
IDENTITY = {"id-a": {"location": "westeurope", "tags": {"env": OBEYED}}}


@pytest.fixture
def agent(lab: Lab, devops: FakeAzureDevOps, tmp_path_factory: pytest.TempPathFactory) -> Agent:
    """An agent for a project with one identity in its specs."""
    lab.project()
    lab.spec(identities=IDENTITY)
    number = devops.pull()
    names = ("TF_BUILD", "SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECT", "BUILD_REPOSITORY_ID")
    environ = {name: devops.environ[name] for name in names}
    environ |= {**devops.run_for(number, "merge-1"), "RECONCILER_TARGET": lab.arm.url}
    variables = {"Build.Reason": "PullRequest", "Build.Repository.Provider": "TfsGit"}
    elsewhere = tmp_path_factory.mktemp("azure")
    return Agent(lab.folder, elsewhere, environ, variables, devops.token)


def test_a_pull_request_has_its_plan_in_a_thread_and_in_the_summary(
    agent: Agent, devops: FakeAzureDevOps
) -> None:
    plan = agent.run("plan", serviceConnection="reader")
    assert plan.ok, plan.log
    (thread,) = devops.comments.values()
    assert thread.status == "closed"
    assert thread.body.endswith(plan.summary.replace("> [!NOTE]", "> **Note**"))
    assert plan.summary.startswith("## Plan: 1 to create")
    assert plan.tests == "testsuites"
    files = {"plan.md", "plan.html", "plan.json", "plan.xml", "plan.sealed.json"}
    assert plan.artifacts == {"plan": files}
    secrets = (devops.token, "the.connection.token")
    assert not [word for word in secrets if word in plan.log]
    token = agent.folder / "agent-1" / "temp" / "azure-token"
    assert token.stat().st_mode & 0o777 == 0o600


def test_a_plan_that_is_refused_fails_the_job_and_its_thread_waits(
    agent: Agent, devops: FakeAzureDevOps, lab: Lab
) -> None:
    lab.settle()
    lab.spec(identities={"id-a": None})
    plan = agent.run("plan", serviceConnection="reader")
    (thread,) = devops.comments.values()
    assert (plan.ok, thread.status) == (False, "active"), plan.log
    assert "blocked delete" in thread.body
    assert "plan.html" in plan.artifacts["plan"]


def test_a_schedule_keeps_the_work_item_of_what_has_drifted(
    agent: Agent, devops: FakeAzureDevOps, lab: Lab
) -> None:
    devops.process = "Agile"
    lab.settle()
    lab.arm.patch(identity("id-a"), {"tags": {"env": "dev"}})
    agent.cache = agent.folder / "cache"
    history = agent.cache / "drift.jsonl"
    lab.run("drift", "--target", lab.arm.url, "--history", str(history))
    drift = agent.run("drift", serviceConnection="reader", workItemType="Bug")
    assert drift.ok, drift.log
    (item,) = devops.drift()
    assert (item.title, item.more["type"]) == ("Drift in stack test", "Bug")
    assert "test/identities/id-a" in drift.summary
    assert len((agent.cache / "drift.jsonl").read_text().splitlines()) == 3
    assert drift.artifacts["drift"] >= {"drift.html", "drift.json"}


def test_a_run_for_no_pull_request_writes_no_comment(agent: Agent, devops: FakeAzureDevOps) -> None:
    agent.variables = {**agent.variables, "Build.Reason": "Manual"}
    assert agent.run("plan", serviceConnection="reader").ok
    assert devops.service.requests == []


@pytest.mark.parametrize(("template", "wish"), [("plan", "comment"), ("drift", "workItems")])
def test_only_what_is_wanted_has_the_token_of_the_job(template: str, wish: str) -> None:
    for wanted in (True, False):
        steps = list(filled(template, {"serviceConnection": "reader", wish: wanted}))
        having = [step["displayName"] for step in steps if "System.AccessToken" in str(step)]
        assert len(having) == wanted
