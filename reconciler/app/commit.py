"""The commit that files are at, as git tells it; nothing where there is no git or no repository."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 10.0
"""How long git may take."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Where a repository stands."""

    id: str
    dirty: bool
    """Whether one of the files is not as the commit has it."""


def commit_of(root: Path, files: Sequence[Path]) -> Commit | None:
    """Return the commit of the repository that ``root`` is in, None if nobody can tell.

    Args:
        root: a folder.
        files: those that count for whether it is dirty.
    """
    head = _git(root, "rev-parse", "--verify", "HEAD")
    if head is None:
        return None
    names = [os.path.abspath(file) for file in files]
    changed = _git(root, "status", "--porcelain", "--untracked-files=all", "--", *names)
    return Commit(head.strip(), dirty=changed is None or bool(changed.strip()))


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git says, None if it says nothing useful."""
    command = ["git", "--no-optional-locks", "--literal-pathspecs", "-C", str(root), *arguments]
    try:
        ran = subprocess.run(  # noqa: S603  (no shell; the arguments are ours)
            command, capture_output=True, check=False, encoding="utf-8", timeout=SECONDS
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return ran.stdout if ran.returncode == 0 else None
