"""A machine that carries out our workflows as GitHub does: each step of each job, with bash.

What is not ours has a stand-in: checkout is ``git clone``, artifacts are folders, Python is that of
the tests. A job gets the permissions that it asks for, and no others: what its token may not do is
forbidden by the fake GitHub.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from tests.shipped.expressions import fill
from tests.web.fake_github import FakeGitHub
from tests.web.services import Reply, Service

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-of-the-tests"
REQUEST_TOKEN = "a-request-token"
WORKFLOW_TOKEN = "the.workflow.token"
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
        self.artifacts.clear()
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        github = {
            "event_name": event[0],
            "event": event[1],
            "repository": "o/r",
            "ref": "refs/heads/main",
            "sha": sha,
            "token": TOKEN,
        }
        known = {"github": github, "inputs": _inputs(document["on"]["workflow_call"], given)}
        done: dict[str, Job] = {}
        for name, job in document["jobs"].items():  # as ordered in the file: needs come first
            needs = {one: vars(done[one]) for one in _listed(job.get("needs"))}
            contexts = {**known, "needs": needs, "fromJSON": json.loads}
            if any(done[one].result != "success" for one in needs) or not _wanted(job, contexts):
                done[name] = Job("skipped")
                continue
            for matrix in _combinations(job, contexts):
                if "environment" in job:
                    shown = "".join(one.summary for one in done.values())
                    self.approve(fill(job["environment"], contexts), shown)
                done[name] = self._run(job, {**contexts, "matrix": matrix})
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
        _python(state.temp / "acs-reconciler" / "bin")
        workspace = home / "work"
        workspace.mkdir()
        self.granted = job["permissions"]
        github = contexts["github"]
        (home / "event.json").write_text(json.dumps(github["event"]))
        environ = self.environ | {
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
            environ["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{self.service.url}/token?api-version=1"
            environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = REQUEST_TOKEN
        contexts = {**contexts, "runner": {"temp": str(state.temp)}}
        self._steps(job["steps"], state, contexts, environ)
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
        """Carry out steps; return what they put out, by their ids."""
        outputs: dict[str, Any] = {}
        for step in steps:
            ok = job.result == "success"
            now = {**contexts, "steps": outputs, "cancelled": lambda: False}
            if not (_wanted(step, now) if "if" in step else ok):
                continue
            filled = fill({**step, "if": ""}, now)
            own = {name: str(value) for name, value in filled.get("env", {}).items()}
            result = self._step(filled, job, contexts, {**environ, **own})
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
        if not uses.startswith("$/"):
            OTHERS[uses](self, Path(environ["GITHUB_WORKSPACE"]), inputs, contexts)
            return {}
        folder = ROOT / uses.removeprefix("$/")
        action = read(folder / "action.yml")
        known = {"github": contexts["github"], "inputs": {}}
        known["inputs"] = fill(_inputs(action, inputs), known)
        place = {**environ, "GITHUB_ACTION_PATH": str(folder)}
        steps = self._steps(action["runs"]["steps"], job, known, place)
        values = {name: output["value"] for name, output in action["outputs"].items()}
        return dict(fill(values, {**known, "steps": steps}))

    def _script(self, step: dict[str, Any], job: Job, environ: dict[str, str]) -> dict[str, Any]:
        """Run a script as GitHub does: bash, which ends at the first command that fails."""
        files = {name: job.temp / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.write_text("")
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=Path(environ["GITHUB_WORKSPACE"], step.get("working-directory", ".")),
            env=environ | {name: str(path) for name, path in files.items()},
            capture_output=True,
            text=True,
            check=False,
        )
        job.log += ran.stdout + ran.stderr
        job.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        if ran.returncode:
            job.result = "failure"
        lines = files["GITHUB_OUTPUT"].read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


def _python(folder: Path) -> None:
    """Make the Python of the tests the one that the action finds installed."""
    folder.mkdir(parents=True)
    (folder / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (folder / "python").chmod(0o755)


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


def _checkout(
    machine: Machine, workspace: Path, inputs: dict[str, Any], contexts: dict[str, Any]
) -> None:
    target = workspace / inputs.get("path", ".")
    ref = inputs.get("ref") or contexts["github"]["sha"]
    for command in (["clone", machine.origin, target], ["-C", target, "checkout", ref]):
        subprocess.run(["git", *map(str, command)], capture_output=True, check=True)


def _upload(
    machine: Machine, workspace: Path, inputs: dict[str, Any], contexts: dict[str, Any]
) -> None:
    del contexts
    source = workspace / inputs["path"]
    found = source.is_dir() and any(source.iterdir())
    assert found or inputs["if-no-files-found"] == "ignore"
    if found:
        machine.artifacts[inputs["name"]] = source


def _download(
    machine: Machine, workspace: Path, inputs: dict[str, Any], contexts: dict[str, Any]
) -> None:
    del contexts
    shutil.copytree(machine.artifacts[inputs["name"]], workspace / inputs["path"])


def _setup_python(
    machine: Machine, workspace: Path, inputs: dict[str, Any], contexts: dict[str, Any]
) -> None:
    del machine, workspace, contexts
    assert inputs["python-version"]


OTHERS: dict[str, Callable[[Machine, Path, dict[str, Any], dict[str, Any]], None]] = {
    "actions/checkout": _checkout,
    "actions/upload-artifact": _upload,
    "actions/download-artifact": _download,
    "actions/setup-python": _setup_python,
}
"""Stand-ins for the actions of others."""


@dataclass
class Repository:
    """Somebody's repository of specs, with a branch for the history of drift."""

    folder: Path
    origin: Path

    @classmethod
    def make(cls, folder: Path, origin: Path) -> Repository:
        """Make a repository of a folder that holds nothing yet, and its origin."""
        made = cls(folder, origin)
        subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", str(origin)], check=True)
        made.git("init", "--quiet", "--initial-branch", "main")
        made.git("remote", "add", "origin", str(origin))
        made.commit("Begin")
        made.git("push", "--quiet", "origin", "main", "main:reconciler-history")
        return made

    def git(self, *arguments: str) -> str:
        """Run git, which must work; return what it says."""
        who = {"GIT_AUTHOR_NAME": "ann", "GIT_AUTHOR_EMAIL": "ann@o.test"}
        who |= {"GIT_COMMITTER_NAME": "ann", "GIT_COMMITTER_EMAIL": "ann@o.test"}
        ran = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            env={**os.environ, **who},
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout.strip()

    def commit(self, subject: str) -> str:
        """Commit everything; return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)
        return self.git("rev-parse", "HEAD")
