"""The files for pipelines: their schemas, their pins, and the step of the action, carried out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Cli, Lab, identity
from tests.web.fake_github import FakeGitHub
from tests.web.services import Reply, Service

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = ROOT / "action" / "action.yml"
GITLAB = ROOT / "ci" / "gitlab" / "reconciler.gitlab-ci.yml"
AZURE = ROOT / "ci" / "azure" / "plan.yml"
SCRIPTS = sorted((ROOT / "ci").glob("*.sh"))
SECRETS = ("a-token-of-the-tests", "a-request-token", "the.workflow.token")
IDENTITY = {"id-a": {"location": "westeurope", "tags": {"env": "prod"}}}


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every step of every workflow and of the action, with the name of its file."""
    for path in WORKFLOWS:
        for job in read(path)["jobs"].values():
            yield from ((path.name, step) for step in job["steps"])
    yield from ((ACTION.name, step) for step in read(ACTION)["runs"]["steps"])


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.github-actions", [ACTION]),
        ("vendor.gitlab-ci", [GITLAB]),
    ],
    ids=["workflows", "action", "gitlab"],
)
def test_the_files_are_what_their_schemas_say(schema: str, files: list[Path]) -> None:
    command = [str(Path(sys.executable).with_name("check-jsonschema")), "--builtin-schema", schema]
    if schema.endswith("gitlab-ci"):
        command += ["--data-transform", "gitlab-ci"]
    ran = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_action_of_others_is_pinned_to_a_whole_commit_with_its_version() -> None:
    for path in [*WORKFLOWS, ACTION]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "uses:" in line and "uses: $/action" not in line:
                assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_no_expression_is_pasted_into_a_script() -> None:
    scripts = [(name, step["run"]) for name, step in steps() if "run" in step]
    assert len(scripts) == 2
    assert [name for name, script in scripts if "${{" in script] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_grants_nothing_by_default_and_every_job_ends(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"]
        assert "write-all" not in json.dumps(job["permissions"])


def test_only_what_waits_for_an_approval_may_write_to_azure() -> None:
    jobs = read(ROOT / ".github" / "workflows" / "apply.yml")["jobs"]
    writers = [name for name, job in jobs.items() if "writer-id" in json.dumps(job)]
    assert writers == ["apply"]
    assert jobs["apply"]["environment"] == "${{ inputs.environment }}"
    assert jobs["apply"]["needs"] == "plan"


def test_the_inputs_and_outputs_of_the_action_are_those_that_its_step_uses() -> None:
    action = read(ACTION)
    run = action["runs"]["steps"][1]
    used = set(re.findall(r"inputs\.([\w-]+)", json.dumps(action["runs"])))
    assert used == set(action["inputs"])
    script = (ROOT / "ci" / "action.sh").read_text(encoding="utf-8")
    variables = {name for name in run["env"] if name.startswith("INPUT_")}
    assert variables == set(re.findall(r"INPUT_[A-Z]+", script))


@pytest.mark.parametrize("path", [*SCRIPTS, AZURE], ids=lambda path: path.name)
def test_scripts_are_what_bash_can_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path == AZURE:
        text = read(path)["steps"][2]["inputs"]["inlineScript"]
    ran = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_hooks_of_pre_commit_are_commands_that_exist(cli: Cli) -> None:
    for hook in read(ROOT / ".pre-commit-hooks.yaml"):
        program, command, *options = hook["entry"].split()
        assert program == "reconciler"
        assert cli(command, *options, "--help").code == 0
        assert {"id", "name", "entry", "language"} <= set(hook)


@dataclass
class Runner:
    """A machine of GitHub's that has checked out the specs of a lab."""

    lab: Lab
    hub: FakeGitHub
    environ: dict[str, str]
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    log: str = ""

    def step(self, command: str, *, code: int = 0, **inputs: str) -> None:
        """Carry out the step of the action, as GitHub would."""
        temp = self.lab.folder / "runner"
        temp.mkdir(exist_ok=True)
        files = {name: temp / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.write_text("")
        named = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
        environ = {
            **self.environ,
            **{name: str(path) for name, path in files.items()},
            "RUNNER_TEMP": str(temp),
            "INPUT_COMMAND": command,
            "INPUT_TARGET": self.lab.arm.url,
            **named,
        }
        ran = subprocess.run(
            ["bash", "-c", f'. "{ROOT}/ci/setup.sh" "$VENV" && bash "{ROOT}/ci/action.sh"'],
            cwd=self.lab.folder,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        self.log = ran.stdout + ran.stderr
        assert ran.returncode == code, self.log
        lines = files["GITHUB_OUTPUT"].read_text().splitlines()
        self.outputs = dict(line.split("=", 1) for line in lines)
        self.summary = files["GITHUB_STEP_SUMMARY"].read_text()


@pytest.fixture
def runner(lab: Lab, hub: FakeGitHub) -> Runner:
    """A runner with the tools of this test run, so that it installs nothing."""
    venv = lab.folder / "venv"
    (venv / "bin").mkdir(parents=True)
    event = lab.folder / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": hub.pull(), "head": {"sha": "abc"}}}))
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(lab.folder),
        "VENV": str(venv),
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_TOKEN": "a-token-of-the-tests",
        "GITHUB_API_URL": hub.url,
        "GITHUB_EVENT_PATH": str(event),
    }
    real = f'#!/bin/sh\nexec {sys.executable} "$@"\n'
    (venv / "bin" / "python").write_text(real)
    (venv / "bin" / "python").chmod(0o755)
    return Runner(lab, hub, environ)


def test_the_action_signs_in_plans_comments_applies_what_was_sealed_and_tells_of_drift(
    runner: Runner, service: Service
) -> None:
    runner.lab.spec(identities=IDENTITY)
    github = service.answer
    service.answer = lambda method, path, body: (
        Reply(200, {"value": "the.workflow.token"})
        if path == "/token?api-version=1&audience=api://AzureADTokenExchange"
        else github(method, path, body)
    )
    runner.environ |= {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{service.url}/token?api-version=1",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "a-request-token",
        "AZURE_CLIENT_ID": "a-client",
    }
    runner.step("plan", comment="true")
    file = runner.lab.folder / "runner" / "azure-token"
    assert (file.read_text().strip(), file.stat().st_mode & 0o777) == ("the.workflow.token", 0o600)
    assert not [secret for secret in SECRETS if secret in runner.log]
    assert runner.outputs["changes"] == "true"
    assert (runner.outputs["create"], runner.outputs["delete"]) == ("1", "0")
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", runner.outputs["digest"])
    assert runner.summary.startswith("## Plan: 1 to create")
    assert "::notice title=plan::" in runner.log
    (comment,) = runner.hub.said(1)
    assert comment.endswith(runner.summary)
    sealed = Path(runner.outputs["reports"]) / "plan.sealed.json"
    runner.step("apply", args=f"{sealed}\n")
    assert "Converged" in runner.log
    runner.lab.arm.send("PATCH", identity("id-a"), {"tags": {"env": "dev"}})
    drift = runner.lab.run("drift", "--target", runner.lab.arm.url, "--history", "drift.jsonl")
    assert drift.code == 2
    runner.step("drift", args="--history\ndrift.jsonl", issues="true")
    assert (runner.outputs["changes"], runner.outputs["low"]) == ("true", "1")
    assert len(runner.hub.drift_issues()) == 1


def test_the_action_fails_where_the_command_does_and_evaluates_nothing(runner: Runner) -> None:
    runner.lab.spec(identities=IDENTITY)
    runner.step("validate", code=3, args="$(touch owned)\n; touch owned\n`touch owned`")
    assert runner.outputs["exit-code"] == "3"
    assert not (runner.lab.folder / "owned").exists()
    runner.step("destroy", code=64)


def test_the_image_holds_only_what_the_lock_file_pins() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    installs = [part for line in lines for part in line.split("&&") if "pip install" in part]
    assert len(installs) == 3
    assert [part for part in installs if not re.search("--require-hashes|--no-deps", part)] == []
