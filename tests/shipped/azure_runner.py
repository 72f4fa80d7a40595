"""A machine that carries out our templates as Azure Pipelines does, with stand-ins for its tasks.

What is said after ``##vso[`` is obeyed; ours may only upload a summary. The token of the job is a
secret: a step has it only if it maps it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.shipped.github_runner import ROOT, python_in, read


@dataclass
class Done:
    """A job that has run."""

    ok: bool = True
    log: str = ""
    summary: str = ""
    artifacts: dict[str, set[str]] = field(default_factory=dict)
    """The names of the files, by artifact."""
    tests: str = ""


@dataclass
class Agent:
    """An agent with a repository of specs."""

    specs: Path
    folder: Path
    environ: Mapping[str, str]
    """Of the machine."""
    variables: Mapping[str, str]
    """Of the pipeline, such as ``Build.Reason``."""
    token: str
    cache: Path | None = None
    count: int = 0

    def run(self, template: str, **parameters: Any) -> Done:
        """Run the steps of a template."""
        self.count += 1
        home = self.folder / f"agent-{self.count}"
        folders = {"Build.ArtifactStagingDirectory": "a", "Agent.TempDirectory": "temp"}
        folders |= {"Build.SourcesDirectory": "s", "Pipeline.Workspace": "."}
        for name in folders.values():
            (home / name).mkdir(parents=True, exist_ok=True)
        python_in(home / "temp" / "acs-reconciler" / "bin")
        places = {name: str((home / folder).resolve()) for name, folder in folders.items()}
        variables = {**self.variables, **places, "Build.BuildId": str(self.count)}
        done = Done()
        for step in filled(template, parameters):
            if _wanted(step.get("condition", "succeeded()"), variables, ok=done.ok):
                mapped = _with_variables(step, {**variables, "System.AccessToken": self.token})
                self._step(mapped, home, variables, done)
        return done

    def _step(self, step: Any, home: Path, variables: Mapping[str, str], done: Done) -> None:
        if which := step.get("checkout"):
            place = home / step["path"]
            shutil.rmtree(place, ignore_errors=True)
            place.symlink_to(self.specs if which == "self" else ROOT)
        elif "publish" in step:
            done.artifacts[step["artifact"]] = {p.name for p in Path(step["publish"]).iterdir()}
        elif step.get("task") == "PublishTestResults@2":
            done.tests = ElementTree.parse(step["inputs"]["testResultsFiles"]).getroot().tag
        elif step.get("task") == "Cache@2":
            self._restore(step["inputs"])
        else:
            self._script(step, home, variables, done)

    def _restore(self, inputs: Mapping[str, str]) -> None:
        """Keep the folder of a cache from run to run."""
        assert inputs["key"].startswith(inputs["restoreKeys"])
        before, self.cache = self.cache, Path(inputs["path"])
        if before is not None:
            shutil.copytree(before, self.cache)

    def _script(self, step: Any, home: Path, variables: Mapping[str, str], done: Done) -> None:
        environ = {
            **self.environ,
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            **{name.upper().replace(".", "_"): value for name, value in variables.items()},
            **{name: str(value) for name, value in step.get("env", {}).items()},
        }
        if step.get("task") == "AzureCLI@2":
            assert step["inputs"]["azureSubscription"] == "reader"
            environ |= {"servicePrincipalId": "a-client", "tenantId": "a-tenant"}
            environ["idToken"] = "the.connection.token"
            script = step["inputs"]["inlineScript"]
        else:
            script = step["bash"]
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-c", script],
            cwd=home / "s",
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        done.ok = done.ok and ran.returncode == 0
        done.log += ran.stdout + ran.stderr
        for command, value in re.findall(r"##vso\[([^\]]*)\](.*)", ran.stdout):
            assert command == "task.uploadsummary"
            done.summary += Path(value).read_text(encoding="utf-8")


def filled(template: str, parameters: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the steps of a template with its parameters, none unknown and none missing."""
    document = read(ROOT / "ci" / "azure" / f"{template}.yml")
    declared = {one["name"]: one.get("default") for one in document["parameters"]}
    known = {**declared, **parameters}
    assert known.keys() == declared.keys()
    assert None not in known.values()
    yield from _filled(document["steps"], known)


def _filled(steps: list[Any], parameters: Mapping[str, Any]) -> Iterator[Any]:
    """Yield steps, with those under an ``if`` that holds."""
    for step in steps:
        (first, *_) = step
        if found := re.fullmatch(r"\$\{\{ if parameters\.(\w+) \}\}", first):
            holds = str(parameters[found[1]]).lower() == "true"
            yield from _filled(step[first] if holds else [], parameters)
        else:
            yield _replaced(step, r"\$\{\{ parameters\.(\w+) \}\}", parameters)


def _with_variables(step: Any, variables: Mapping[str, str]) -> Any:
    """Return a step with its variables; a script is to have none, for they are pasted into it."""
    script = step.get("bash") or step.get("inputs", {}).get("inlineScript", "")
    assert "$(" not in script
    return _replaced(step, r"\$\(([\w.]+)\)", variables)


def _replaced(value: Any, pattern: str, known: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(one, pattern, known) for key, one in value.items()}
    if isinstance(value, str):
        return re.sub(pattern, lambda found: str(known[found[1]]), value)
    return value


def _wanted(condition: str, variables: Mapping[str, str], *, ok: bool) -> bool:
    """Whether a condition of ours holds: a status and comparisons, all of which must."""
    pairs = re.findall(r"eq\(variables\['([\w.]+)'\], '(\w+)'\)", condition)
    rest = re.sub(r"eq\(variables\['[\w.]+'\], '\w+'\)", "", condition)
    assert re.fullmatch(r"(and\()?succeeded(OrFailed)?\(\)[, ]*\)?", rest), rest
    status = ok or "succeededOrFailed" in rest
    return status and all(variables.get(name) == value for name, value in pairs)
