"""A machine that carries out our workflows as GitHub does: each step of each job, with bash.

What is not ours has a stand-in. A job gets the permissions that it asks for, and no others: what
its token may not do is forbidden by the fake GitHub.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from tests.shipped.expressions import fill
from tests.shipped.stand_ins import STAND_INS, Place
from tests.web.fake_github import FakeGitHub
from tests.web.services import Reply, Service

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-of-the-tests"
REQUEST_TOKEN = "a-request-token"
WORKFLOW_TOKEN = "the.workflow.token"
FILES = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH", "GITHUB_ENV")
SIGN_IN = "/token?api-version=1&audience=api://AzureADTokenExchange"


def read(path: Path) -> Any:
    """Return what a file of YAML holds."""
    return read_text(path.read_text(encoding="utf-8"))


def read_text(text: str) -> Any:
    """Return what a text of YAML holds; the key ``on`` is no boolean, as it is to YAML 1.1."""
    return yaml.safe_load(text.replace("\non:", '\n"on":'))


@dataclass
class Job:
    """A job that has run, or was skipped."""

    result: str = "success"
    log: str = ""
    summary: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    """What its steps find, and what they leave to later ones."""
    steps: dict[str, Any] = field(default_factory=dict)
    temp: Path = Path()


@dataclass
class Machine:
    """GitHub's side of a repository: its runners, its artifacts, and who approves."""

    origin: Path
    folder: Path
    hub: FakeGitHub
    service: Service
    environ: dict[str, str]
    approve: Callable[[str, str], None]
    """Is told the environment and the summaries so far, before a job of an environment starts."""
    artifacts: dict[str, Path] = field(default_factory=dict)
    granted: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        """Guard the fake GitHub, and let it hand out tokens for Azure."""
        answer = self.service.answer

        def guarded(method: str, path: str, body: Any) -> Reply:
            if path == SIGN_IN:
                return Reply(200, {"value": WORKFLOW_TOKEN})
            scope, needs = self._scope(path), "read" if method == "GET" else "write"
            if self.granted.get(scope) not in (needs, "write"):
                message = f"{scope}: {needs} is not granted"
                return Reply(403, {"message": message})
            return answer(method, path, body)

        self.service.answer = guarded

    def call(
        self, workflow: str, event: tuple[str, dict[str, Any]], sha: str, **inputs: str
    ) -> dict[str, Job]:
        """Run a reusable workflow of this repository; return its jobs by name.

        Args:
            workflow: the name of its file, without suffix.
            event: name and content of what has happened in the repository of the caller.
            sha: the commit of the caller.
            inputs: with the names of the workflow, ``_`` for ``-``.

        """
        document = read(ROOT / ".github" / "workflows" / f"{workflow}.yml")
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        return self.run(document, event, sha, _inputs(document["on"]["workflow_call"], given))

    def run(
        self,
        document: dict[str, Any],
        event: tuple[str, dict[str, Any]],
        sha: str,
        inputs: dict[str, Any] | None = None,
    ) -> dict[str, Job]:
        """Run a workflow; see `call`."""
        self.artifacts.clear()
        github = {
            "event_name": event[0],
            "event": event[1],
            "repository": "o/r",
            "ref": "refs/heads/main",
            "sha": sha,
            "token": TOKEN,
        }
        known = {"github": github, "inputs": inputs or {}}
        done: dict[str, Job] = {}
        for name, job in document["jobs"].items():  # as ordered in the file: needs come first
            needs = {one: vars(done[one]) for one in _listed(job.get("needs"))}
            contexts = {**known, "needs": needs, "fromJSON": json.loads}
            if any(done[one].result != "success" for one in needs) or not _wanted(job, contexts):
                done[name] = Job("skipped")
                continue
            combinations = _combinations(job, contexts)
            for number, matrix in enumerate(combinations):
                if "environment" in job:
                    shown = "".join(one.summary for one in done.values())
                    self.approve(fill(job["environment"], contexts), shown)
                strategy = {"job-index": number, "job-total": len(combinations)}
                own = {**contexts, "matrix": matrix, "strategy": strategy}
                ran = self._run(job, own)
                if name in done and done[name].result != "success":
                    ran.result = done[name].result  # of a matrix, all must succeed
                done[name] = ran
        return done

    def _scope(self, path: str) -> str:
        """Return the permission that a path of the API is about."""
        if "/branches/" in path or "/compare/" in path:
            return "contents"
        if "/pulls" in path:
            return "pull-requests"
        if comment := re.search(r"/comments/(\d+)", path):
            number = self.hub.comments[int(comment[1])].on
        else:
            found = re.search(r"/issues/(\d+)", path)
            number = int(found[1]) if found else 0
        return "pull-requests" if number in self.hub.pulls else "issues"

    def _run(self, job: dict[str, Any], contexts: dict[str, Any]) -> Job:
        """Run one job on a machine of its own."""
        self.count += 1
        home = self.folder / f"machine-{self.count}"
        state = Job(temp=home / "temp")
        python_in(state.temp / "acs-reconciler" / "bin")
        workspace = home / "work"
        workspace.mkdir()
        self.granted = job["permissions"]
        github = contexts["github"]
        (home / "event.json").write_text(json.dumps(github["event"]))
        state.environ = self.environ | {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "RUNNER_TEMP": str(state.temp),
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.service.url,
            "GITHUB_EVENT_NAME": github["event_name"],
            "GITHUB_EVENT_PATH": str(home / "event.json"),
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_SERVER_URL": "https://git.test",
            "GITHUB_SHA": github["sha"],
            "GITHUB_RUN_ID": str(self.count),
        }
        if self.granted.get("id-token") == "write":
            state.environ["ACTIONS_ID_TOKEN_REQUEST_URL"] = (
                f"{self.service.url}/token?api-version=1"
            )
            state.environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = REQUEST_TOKEN
        contexts = {**contexts, "runner": {"temp": str(state.temp)}}
        state.environ |= _texts(fill(job.get("env", {}), contexts))
        self._steps(job["steps"], state, contexts, {})
        self.granted = {}
        state.outputs = fill(job.get("outputs", {}), {**contexts, "steps": state.steps})
        return state

    def _steps(
        self,
        steps: list[dict[str, Any]],
        job: Job,
        contexts: dict[str, Any],
        environ: dict[str, str],
    ) -> dict[str, Any]:
        """Carry out steps; return what they put out, by their ids.

        Args:
            steps: of a job, or of an action that one of its steps uses.
            job: the job.
            contexts: for expressions.
            environ: what the step that uses the action adds to that of the job.

        """
        outputs: dict[str, Any] = {}
        for step in steps:
            ok = job.result == "success"
            now = {**contexts, "steps": outputs, "cancelled": lambda: False}
            if not (_wanted(step, now) if "if" in step else ok):
                continue
            filled = fill({**step, "if": ""}, now)
            own = environ | _texts(filled.get("env", {}))
            result = self._step(filled, job, contexts, own)
            outputs[step.get("id", "")] = {"outputs": result}
        job.steps |= outputs
        return outputs

    def _step(
        self, step: dict[str, Any], job: Job, contexts: dict[str, Any], environ: dict[str, str]
    ) -> dict[str, Any]:
        """Carry out one step; return its outputs."""
        if "run" in step:
            return self._script(step, job, environ)
        uses, inputs = step["uses"].partition("@")[0], step.get("with", {})
        if uses in STAND_INS:
            workspace, sha = Path(job.environ["GITHUB_WORKSPACE"]), contexts["github"]["sha"]
            place = Place(workspace, self.origin, sha, self.folder, self.artifacts)
            STAND_INS[uses](place, inputs)
            return {}
        folder = ROOT / uses.removeprefix("OWNER/acs-reconciler").removeprefix("$/")
        action = read(folder / "action.yml")
        known = {"github": contexts["github"], "inputs": {}}
        known["inputs"] = fill(_inputs(action, inputs), known)
        own = {**environ, "GITHUB_ACTION_PATH": str(folder)}
        steps = self._steps(action["runs"]["steps"], job, known, own)
        values = {name: output["value"] for name, output in action["outputs"].items()}
        return dict(fill(values, {**known, "steps": steps}))

    def _script(self, step: dict[str, Any], job: Job, environ: dict[str, str]) -> dict[str, Any]:
        """Run a script as GitHub does: bash, which ends at the first command that fails."""
        files = {name: job.temp / name.lower() for name in FILES}
        for path in files.values():
            path.write_text("")
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=Path(job.environ["GITHUB_WORKSPACE"], step.get("working-directory", ".")),
            env=job.environ | environ | {name: str(path) for name, path in files.items()},
            capture_output=True,
            text=True,
            check=False,
        )
        job.log += ran.stdout + ran.stderr
        job.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        if ran.returncode:
            job.result = "failure"
        for folder in files["GITHUB_PATH"].read_text().splitlines():
            job.environ["PATH"] = f"{folder}:{job.environ['PATH']}"
        job.environ |= _pairs(files["GITHUB_ENV"])
        return _pairs(files["GITHUB_OUTPUT"])


def _pairs(path: Path) -> dict[str, str]:
    """Return what a step has appended to a file: a name and a value on each line."""
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def python_in(folder: Path) -> None:
    """Make the Python of the tests the one that the action finds installed."""
    folder.mkdir(parents=True)
    (folder / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (folder / "python").chmod(0o755)


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def _inputs(declared: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
    """Return the inputs of a workflow or an action: none unknown, none that is required missing."""
    known = declared["inputs"]
    assert given.keys() <= known.keys(), given.keys() - known.keys()
    missing = [name for name, one in known.items() if one.get("required") and name not in given]
    assert missing == []
    return {name: given.get(name, one.get("default", "")) for name, one in known.items()}


def _wanted(thing: dict[str, Any], contexts: dict[str, Any]) -> bool:
    condition = str(thing.get("if", "true"))
    wrapped = condition if condition.startswith("${{") else f"${{{{ {condition} }}}}"
    return bool(fill(wrapped, contexts))


def _listed(needs: Any) -> list[str]:
    return [needs] if isinstance(needs, str) else needs or []


def _combinations(job: dict[str, Any], contexts: dict[str, Any]) -> list[dict[str, Any]]:
    axes = fill(job.get("strategy", {}).get("matrix", {}), contexts)
    return [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
