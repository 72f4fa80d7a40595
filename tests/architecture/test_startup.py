"""Commands import only what they need: start-up is paid on every run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = frozenset(
    {"azure", "cryptography", "deepdiff", "distributed", "dns", "jsonschema"}
    | {"msal", "opentelemetry", "referencing", "requests", "rich"}
)
PROGRAM = """
import sys
bare = set(sys.modules)
from reconciler.cli.main import run
code = run(sys.argv[1:])
modules = sorted(set(sys.modules) - bare)
import json
json.dump([code, modules], sys.stderr)
"""


def loaded(*arguments: str) -> tuple[int, list[str]]:
    """Run a command in a fresh interpreter; return its exit code and the modules it imported."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    code, modules = json.loads(ran.stderr.splitlines()[-1])  # above it, progress if it is slow
    return code, modules


def one_stack(folder: Path) -> Path:
    """Write a project of one small stack into a folder, and return the folder."""
    spec = folder / "specs" / "one.yaml"
    spec.parent.mkdir()
    spec.write_text(
        "apiVersion: reconciler/v1\nkind: Stack\nmetadata: {name: one}\nspec:\n"
        "  subscription: 11111111-2222-3333-4444-555555555555\n"
        "  resourceGroup: {existing: rg-one}\n",
        encoding="utf-8",
    )
    return folder


@pytest.mark.parametrize(
    ("command", "most"),
    [
        ("--help", 84),
        ("--version", 74),
        ("plan --help", 118),
        ("apply --help", 118),
        ("validate --help", 107),
        ("explain CommunicationService", 126),
        ("validate specs", 220),
        ("lint --help", 109),
        ("policy list", 221),
        ("lint specs", 225),
        ("graph specs", 223),
        ("doctor --help", 98),
        ("fmt --help", 107),
        ("accept --help", 107),
        ("drift --help", 120),
        ("fmt --check", 199),
        ("schema stack", 114),
        ("addresses hash --help", 93),
        ("rbac generate specs", 245),
    ],
)
def test_a_command_that_does_not_talk_to_azure_imports_little_and_nothing_heavy(
    command: str, most: int
) -> None:
    code, modules = loaded(*command.split())
    assert code == 0
    assert {module.partition(".")[0] for module in modules} & HEAVY == set()
    assert len(modules) <= most


def test_to_validate_one_valid_file_takes_little_and_nothing_heavy(tmp_path: Path) -> None:
    code, modules = loaded("-C", str(one_stack(tmp_path)), "validate")
    assert code == 0
    assert {module.partition(".")[0] for module in modules} & HEAVY == set()
    assert len(modules) <= 212


def test_only_a_project_with_policies_of_its_own_takes_the_validator_that_speaks() -> None:
    folder = "examples/environments"
    code, modules = loaded("validate", f"{folder}/stacks", "--project", f"{folder}/reconciler.yaml")
    assert code == 0
    assert {module.partition(".")[0] for module in modules} & HEAVY == {"jsonschema", "referencing"}
    assert len(modules) <= 296


def test_a_project_without_policies_pays_for_none(tmp_path: Path) -> None:
    one_stack(tmp_path)
    (tmp_path / "reconciler.yaml").write_text(
        "apiVersion: reconciler/v1\nkind: Project\nspec: {}\n", encoding="utf-8"
    )
    code, modules = loaded("-C", str(tmp_path), "validate")
    assert code == 0
    mine = [m for m in modules if "polic" in m or m.endswith((".judge", ".facts"))]
    assert mine == ["reconciler.core.policy"]  # the limits of a run


def test_an_empty_plan_imports_neither_azure_identity_nor_deepdiff(tmp_path: Path) -> None:
    spec = tmp_path / "empty.yaml"
    spec.write_text(
        "apiVersion: reconciler/v1\nkind: Stack\nmetadata: {name: empty}\nspec:\n"
        "  subscription: 11111111-2222-3333-4444-555555555555\n"
        "  resourceGroup: {existing: rg-empty}\n",
        encoding="utf-8",
    )
    code, modules = loaded("-C", str(tmp_path), "plan", "--target", "emulator", "empty.yaml")
    assert code == 0
    assert "azure.core" in modules
    optional = {"azure.identity", "deepdiff", "msal", "rich", "distributed", "opentelemetry"}
    assert optional & set(modules) == set()
