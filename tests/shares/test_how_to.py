"""What the how-to about many machines has a shell do, done."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "many-machines.md"
ENDS_WELL = {0, 2, 4, 6}
"""Exit codes of a shard that leave the verdict to the merged plan."""


def commands() -> list[list[str]]:
    """Return what GitHub's job and Kubernetes' pod run, as these do."""
    blocks = re.findall(r"```yaml\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    github, kubernetes, *_ = (yaml.safe_load(block) for block in blocks[:2])
    (step,) = (s["run"] for s in github["jobs"]["shard"]["steps"] if "run" in s)
    pod: Any = kubernetes["spec"]["template"]["spec"]["containers"][0]
    return [["bash", "-e", "-c", step], [*pod["command"], *pod["args"]]]


@pytest.mark.parametrize("command", commands(), ids=["GitHub", "Kubernetes"])
@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 6, 64])
def test_a_shard_fails_its_job_only_where_nobody_else_can_judge(
    command: list[str], code: int, tmp_path: Path
) -> None:
    program = tmp_path / "reconciler"
    program.write_text(f"#!/bin/sh\nexit {code}\n")
    program.chmod(0o755)
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(command, env=environment, check=False)
    expected_to_fail = code not in ENDS_WELL
    assert (ran.returncode != 0) == expected_to_fail
