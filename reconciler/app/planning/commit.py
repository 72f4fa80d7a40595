"""When a sealed file is made, and from which commit, as git tells it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reconciler.engine.clock import spelt
from reconciler.model.errors import UsageError
from reconciler.model.value import Json

EPOCH = "SOURCE_DATE_EPOCH"
"""Fixes the time: https://reproducible-builds.org/specs/source-date-epoch/"""

SECONDS = 10.0
"""How long git may take."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Where a repository stands."""

    id: str
    dirty: bool
    """Whether one of the files is not as the commit has it."""


def made_at(
    root: Path, files: Sequence[Path], holds_for: timedelta | None = None
) -> dict[str, Json]:
    """Return what varies between equal files: when they were made, and from which commit.

    Args:
        root: the project's folder.
        files: what was read.
        holds_for: how long the file holds; None for no end.

    Raises:
        UsageError: the time is fixed to something that is no time.

    """
    fixed = os.environ.get(EPOCH, "")
    if fixed and not re.fullmatch(r"[0-9]{1,11}", fixed):
        problem = f"{EPOCH} is `{fixed}`, which is no time"
        raise UsageError(problem, "write seconds since 1970, or unset it")
    now = datetime.fromtimestamp(int(fixed), UTC) if fixed else datetime.now(UTC)
    commit = commit_of(root, files)
    end: dict[str, Json] = {"expires": spelt(now + holds_for)} if holds_for is not None else {}
    return end | {
        "at": spelt(now),
        "commit": {"id": commit.id, "dirty": commit.dirty} if commit is not None else None,
    }


def commit_of(root: Path, files: Sequence[Path]) -> Commit | None:
    """Return the commit of the repository that ``root`` is in, None if nobody can tell.

    Args:
        root: a folder.
        files: those that count for whether it is dirty.
    """
    head = git(root, "rev-parse", "--verify", "HEAD")
    if head is None:
        return None
    names = [os.path.abspath(file) for file in files]
    changed = git(root, "status", "--porcelain", "--untracked-files=all", "--", *names)
    return Commit(head.strip(), dirty=changed is None or bool(changed.strip()))


def git(root: Path, *arguments: str) -> str | None:
    """Return what git says in a folder, None if it says nothing useful."""
    command = ["git", "--no-optional-locks", "--literal-pathspecs", "-C", str(root), *arguments]
    try:
        ran = subprocess.run(  # noqa: S603  (no shell; the arguments are ours)
            command, capture_output=True, check=False, encoding="utf-8", timeout=SECONDS
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return ran.stdout if ran.returncode == 0 else None
