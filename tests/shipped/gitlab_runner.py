"""A machine that carries out our jobs as GitLab does: those whose rules hold, as one script."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.shipped.github_runner import ROOT, python_in, read
from tests.shipped.repository import Repository

FILE = ROOT / "ci" / "gitlab" / "reconciler.gitlab-ci.yml"


@dataclass
class Done:
    """A job that has run."""

    code: int
    log: str


@dataclass
class Runner:
    """GitLab's side of a project."""

    work: Path
    folder: Path
    variables: Mapping[str, str]
    """What the project sets, and the pipeline of each run."""
    jobs: dict[str, Any] = field(default_factory=lambda: read(FILE))
    count: int = 0

    def pipeline(self, **variables: str) -> dict[str, Done]:
        """Run the jobs of a pipeline; return how they ended, by name."""
        known = {**self.variables, **variables}
        return {
            name: self._run({**self.jobs[".reconciler"], **job}, known)
            for name, job in self.jobs.items()
            if not name.startswith(".") and any(_holds(rule["if"], known) for rule in job["rules"])
        }

    def _run(self, job: dict[str, Any], known: Mapping[str, str]) -> Done:
        self.count += 1
        home = self.folder / f"job-{self.count}"
        python_in(home / "acs-reconciler" / "bin")
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TMPDIR": str(home),
            **job["variables"],
            "RECONCILER_HOME": str(home / "reviewed"),
            **known,
        }
        if "id_tokens" in job:
            environ["AZURE_ID_TOKEN"] = "the.job.token"
        ran = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", "\n".join(job["before_script"] + job["script"])],
            cwd=self.work,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (home / "reviewed.token").stat().st_mode & 0o777 == 0o600
        return Done(ran.returncode, ran.stdout + ran.stderr)


def reviewed(folder: Path) -> tuple[str, str]:
    """Return a repository that leads to this working copy, and its commit."""
    (folder / "ours").mkdir(parents=True)
    for name in ("ci", "reconciler", "schemas"):
        (folder / "ours" / name).symlink_to(ROOT / name)
    made = Repository.make(folder / "ours", folder / "ours.git")
    return str(made.origin), made.git("rev-parse", "HEAD")


def _holds(rule: str, known: Mapping[str, str]) -> bool:
    """Whether a rule of ours holds: comparisons of variables, all of which must."""
    for part in rule.split(" && "):
        found = re.fullmatch(r'\$(\w+)(?: == (?:"(\w+)"|\$(\w+)))?', part)
        assert found, part
        value, text, other = known.get(found[1], ""), found[2], found[3]
        wanted = text or (known.get(other, "") if other else value)
        if not value or value != wanted:
            return False
    return True
