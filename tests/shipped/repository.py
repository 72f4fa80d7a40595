"""Somebody's repository of specs: a folder with a remote, in real git."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


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
