"""What stands in for the actions of others: git for checkout, folders for artifacts."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a step is: on which machine, and for which commit of which repository."""

    workspace: Path
    origin: Path
    sha: str
    store: Path
    """Where artifacts are kept."""
    artifacts: dict[str, Path]
    """Those of the run, by name."""


def checkout(place: Place, inputs: Inputs) -> None:
    """Clone the repository, at the commit of the run or at another."""
    target = place.workspace / inputs.get("path", ".")
    ref = inputs.get("ref") or place.sha
    for command in (["clone", place.origin, target], ["-C", target, "checkout", ref]):
        subprocess.run(["git", *map(str, command)], capture_output=True, check=True)


def upload(place: Place, inputs: Inputs) -> None:
    """Keep a folder, or files by a pattern; nothing at all is an error unless it is ignored."""
    source = place.workspace / inputs["path"]
    found = sorted(source.parent.glob(source.name))
    files = [file for path in found for file in ([path] if path.is_file() else path.iterdir())]
    assert files or inputs["if-no-files-found"] == "ignore"
    if files:
        kept = place.artifacts[inputs["name"]] = Path(tempfile.mkdtemp(dir=place.store))
        for file in files:
            shutil.copy2(file, kept)


def download(place: Place, inputs: Inputs) -> None:
    """Bring the artifact of a name, or all that a pattern fits."""
    for name, kept in place.artifacts.items():
        if fnmatch(name, inputs.get("pattern") or inputs["name"]):
            shutil.copytree(kept, place.workspace / inputs.get("path", "."), dirs_exist_ok=True)


def setup_python(_: Place, inputs: Inputs) -> None:
    """Change nothing: Python is that of the tests."""
    assert inputs["python-version"]


STAND_INS: dict[str, Callable[[Place, Inputs], None]] = {
    "actions/checkout": checkout,
    "actions/upload-artifact": upload,
    "actions/download-artifact": download,
    "actions/setup-python": setup_python,
}
