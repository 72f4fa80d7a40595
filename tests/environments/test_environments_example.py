"""The example in ``examples/environments`` is valid, plans, and shows what it says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import Lab

EXAMPLE = Path(__file__).parents[2] / "examples" / "environments"
FILES = sorted(EXAMPLE.rglob("*.yaml"))
SCHEMAS = {"stacks": "stack", "environments": "environment", "policies": "policy"}
IDS = {
    "dev": "9d3e6a40-1c7b-4e55-8f2a-7b1d0e4c5f02",
    "prod": "5b7f0c1e-8a52-4f1c-9a0b-3f6d2c9e1a01",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_begins_with_a_modeline_that_leads_to_its_schema(path: Path) -> None:
    found = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text("utf-8"))
    assert found
    folder = path.parent.name if path.parent != EXAMPLE else ""
    name = "project" if path.name == "reconciler.yaml" else SCHEMAS[folder]
    schema = Path(__file__).parents[2] / "schemas" / f"{name}.schema.json"
    assert (path.parent / found[1]).resolve() == schema


def test_it_validates_without_a_warning(lab: Lab) -> None:
    shutil.copytree(EXAMPLE, lab.folder, dirs_exist_ok=True)
    assert lab.run("validate").out == "Valid: 3 files, 2 environments, 7 resources.\n"


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_it_plans_applies_and_settles(lab: Lab, name: str) -> None:
    shutil.copytree(EXAMPLE, lab.folder, dirs_exist_ok=True)
    lab.arm.group(f"/subscriptions/{IDS[name]}/resourceGroups/rg-notify-{name}")
    changes = lab.changes("-e", name)
    sandbox = {"notifications/communicationServices/acs-sandbox"} if name == "dev" else set()
    assert set(changes) == sandbox | {
        f"notifications/communicationServices/acs-notify-{name}",
        f"notifications/identities/id-sender-{name}",
    }
    assert lab.apply("-e", name).code == 0
    assert lab.plan("-e", name).code == 0
