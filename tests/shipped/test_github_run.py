"""Our workflows, carried out: what a team sees from a pull request to an issue that closes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Lab, identity
from tests.dns_server import DnsServer
from tests.shipped.github_runner import (
    REQUEST_TOKEN,
    ROOT,
    TOKEN,
    WORKFLOW_TOKEN,
    Job,
    Machine,
    read_text,
)
from tests.shipped.repository import Repository
from tests.web.fake_github import FakeGitHub
from tests.web.services import Service

DOMAINS = {"shop.test": {"management": "CustomerManaged"}}
READER = {"reader_id": "a-reader", "tenant_id": "a-tenant"}
WRITER = {"writer_id": "a-writer"}


@dataclass
class Team:
    """A repository of specs on a fake GitHub, over an emulator of Azure."""

    lab: Lab
    hub: FakeGitHub
    repository: Repository
    machine: Machine
    approved: list[tuple[str, str]] = field(default_factory=list)

    def propose(self, number: int, event: dict[str, Any] | None = None, **more: Any) -> Job:
        """Push a branch that wants an identity, or something else, and plan its pull request."""
        self.repository.git("switch", "--quiet", "--force-create", "change", "main")
        wanted = {"identities": {"id-a": {"location": "westeurope", "tags": {"team": "mail"}}}}
        self.lab.spec(**(more or wanted))
        sha = self.repository.commit("Want an identity")
        self.repository.git("push", "--quiet", "--force", "origin", "change")
        head = {"sha": sha, "repo": {"full_name": "o/r"}}
        pull = {"number": number, "head": head, **(event or {})}
        environments = json.dumps(["prod"])
        jobs = self.machine.call(
            "plan",
            ("pull_request", {"pull_request": pull}),
            sha,
            environments=environments,
            client_id="a-reader",
            tenant_id="a-tenant",
        )
        return jobs["plan"]

    def merge(self, number: int) -> dict[str, Job]:
        """Merge the branch, and let main be applied."""
        self.repository.git("switch", "--quiet", "main")
        self.repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "change")
        self.repository.git("push", "--quiet", "origin", "main")
        self.hub.merge(number)
        sha = self.hub.tips["main"] = self.repository.git("rev-parse", "main")
        inputs = {"environment": "prod", "approval": "production", **READER, **WRITER}
        return self.machine.call("apply", ("push", {}), sha, **inputs)

    def drift(self) -> Job:
        """Look for drift, as a schedule does."""
        sha = self.repository.git("rev-parse", "main")
        ids = {"client_id": "a-reader", "tenant_id": "a-tenant"}
        jobs = self.machine.call("drift", ("schedule", {}), sha, environment="prod", **ids)
        assert jobs["drift"].result == "success", jobs["drift"].log
        return jobs["drift"]


@pytest.fixture
def team(
    lab: Lab,
    hub: FakeGitHub,
    service: Service,
    dns: DnsServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Team:
    """A team with an empty stack, and an environment that asks for an approval."""
    elsewhere = tmp_path_factory.mktemp("github")
    lab.project(specs=["specs"], environments=["environments"])
    (lab.folder / "environments").mkdir()
    (lab.folder / "environments" / "prod.yaml").write_text(
        "apiVersion: reconciler/v1\nkind: Environment\nmetadata: {name: prod}\n"
        "spec: {stacks: [../specs/*.yaml]}\n"
    )
    repository = Repository.make(lab.folder, elsewhere / "origin.git")
    approved: list[tuple[str, str]] = []
    machine = Machine(
        repository.origin,
        elsewhere,
        hub,
        service,
        {"RECONCILER_TARGET": lab.arm.url, "RECONCILER_DNS": dns.address},
        lambda environment, shown: approved.append((environment, shown)),
    )
    return Team(lab, hub, repository, machine, approved)


def test_a_plan_is_commented_merged_approved_and_applied_and_drift_has_an_issue_until_it_is_gone(
    team: Team,
) -> None:
    hub, arm = team.hub, team.lab.arm
    number = hub.pull()

    planned = team.propose(number)
    assert planned.result == "success", planned.log
    (comment,) = hub.said(number)
    assert "Plan of prod: 1 to create" in comment
    assert comment.endswith(planned.summary)
    assert "::notice title=plan::" in planned.log
    assert (planned.temp / "azure-token").read_text().strip() == WORKFLOW_TOKEN
    assert (planned.temp / "azure-token").stat().st_mode & 0o777 == 0o600
    assert not [one for one in (TOKEN, REQUEST_TOKEN, WORKFLOW_TOKEN) if one in planned.log]
    outputs = planned.steps["plan"]["outputs"]
    assert (outputs["changes"], outputs["delete"], outputs["exit-code"]) == ("true", "0", "2")
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", outputs["digest"])
    kept = {path.name for path in team.machine.artifacts["plan-prod"].iterdir()}
    assert kept == {"plan.json", "plan.md", "plan.html", "plan.sealed.json"}
    assert arm.get(identity("id-a")) is None

    other = hub.pull()
    hub.say(other, comment)
    merged = team.merge(number)
    assert [job.result for job in merged.values()] == ["success"] * 3
    assert team.approved == [("production", merged["plan"].summary)]
    assert "Plan of prod: 1 to create" in merged["plan"].summary
    assert "Converged: a new plan is empty." in merged["apply"].log
    assert arm.get(identity("id-a"))["tags"]["team"] == "mail"
    (stale,) = hub.said(other)
    assert "**Stale:** `main` has commits" in stale

    arm.patch(identity("id-a"), {"tags": {"team": "voice"}})
    team.drift()
    assert hub.drift() == []
    seen = team.drift()
    assert seen.steps["drift"]["outputs"]["changes"] == "true"
    (issue,) = hub.drift()
    assert (issue.title, "tags.team" in issue.body) == ("Drift in stack test (prod)", True)

    arm.patch(identity("id-a"), {"tags": {"team": "mail"}})
    team.drift()
    assert hub.drift() == []
    assert hub.drift(is_open=False) == [issue]
    team.repository.git("fetch", "--quiet")
    runs = team.repository.git("show", "origin/reconciler-history:drift.jsonl").splitlines()
    assert len(runs) == 3


def test_a_plan_that_is_refused_fails_the_job_and_is_commented_and_kept(team: Team) -> None:
    number = team.hub.pull()
    team.lab.arm.put(identity("id-old"), {"location": "westeurope"})
    (team.lab.folder / "specs").mkdir()
    old = team.lab.spec(identities={"id-old": None}, name="old")
    planned = team.propose(number)
    assert old.exists()
    assert planned.result == "failure"
    (comment,) = team.hub.said(number)
    assert "**Refused: a safety rule stands in the way" in comment
    assert (team.machine.artifacts["plan-prod"] / "plan.html").exists()


def test_a_plan_that_only_waits_for_dns_fails_no_job_and_has_nothing_to_approve(
    team: Team, dns: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILER_DNS", dns.address)
    wanted = {"shop.test": {"management": "CustomerManaged", "verify": ["Domain"]}}
    mail = {"mail-a": {"dataLocation": "Europe", "domains": wanted}}
    team.lab.spec(emailServices=mail)
    assert team.lab.apply("--env", "prod").code == 6
    number = team.hub.pull()
    planned = team.propose(number, emailServices=mail)
    assert planned.result == "success", planned.log
    outputs = planned.steps["plan"]["outputs"]
    assert (outputs["exit-code"], outputs["changes"]) == ("6", "false")
    (comment,) = team.hub.said(number)
    assert "Waiting for DNS or Azure" in comment
    merged = team.merge(number)
    assert {name: job.result for name, job in merged.items()}["apply"] == "skipped"
    assert team.approved == []


def test_nothing_is_planned_for_a_fork_and_nothing_written_to_its_pull_request(team: Team) -> None:
    number = team.hub.pull()
    fork = {"head": {"sha": "abc", "repo": {"full_name": "eve/r"}}}
    assert team.propose(number, fork).result == "skipped"
    assert team.hub.writes == []
    assert team.lab.arm.requests() == []


def test_specs_that_are_wrong_fail_the_job_before_a_plan_and_leave_no_comment(team: Team) -> None:
    number = team.hub.pull()
    (team.lab.folder / "specs").mkdir()
    (team.lab.folder / "specs" / "wrong.yaml").write_text("kind: Stack\n$(touch owned)\n")
    planned = team.propose(number)
    assert planned.result == "failure"
    assert "::error file=specs/wrong.yaml,line=2,col=1," in planned.log
    assert team.hub.writes == []
    assert not list(Path(team.machine.folder).rglob("owned"))


def documented(page: str) -> Any:
    """Return the workflow that a page of the documents shows."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    (found,) = re.findall(r"```yaml\n(name: \w+\non:.*?)```", text, re.DOTALL)
    return read_text(found)


def test_shards_on_many_machines_make_one_plan(team: Team) -> None:
    for name in ("mail", "voice"):
        team.lab.spec(name=name, identities={f"id-{name}": {"location": "westeurope"}})
    sha = team.repository.commit("Describe two stacks")
    team.repository.git("push", "--quiet", "origin", "main")
    workflow = documented("how-to/many-machines.md")
    workflow["jobs"]["shard"]["strategy"]["matrix"]["shard"] = [0, 1]
    jobs = team.machine.run(workflow, ("pull_request", {}), sha)
    assert [job.result for job in jobs.values()] == ["success"] * 2
    assert jobs["plan"].summary.startswith("## Plan: 2 to create")


def test_the_action_checks_mail_domains_in_a_workflow_of_ones_own(team: Team) -> None:
    team.lab.spec(emailServices={"mail": {"dataLocation": "Europe", "domains": DOMAINS}})
    sha = team.repository.commit("Describe a domain")
    team.repository.git("push", "--quiet", "origin", "main")
    jobs = team.machine.run(documented("dns.md"), ("schedule", {}), sha)
    assert jobs["dns"].result == "failure"
    assert "::warning file=specs/test.yaml" in jobs["dns"].log
    assert "shop.test" in jobs["dns"].summary
