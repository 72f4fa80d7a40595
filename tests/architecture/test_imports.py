"""Who may import whom: the contracts in pyproject.toml hold, and each of them bites."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS: list[str] = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
]

VIOLATIONS: dict[str, tuple[str, dict[str, str]]] = {
    "the engine reaches up to the specs": (
        "Packages import only what lies below them",
        {"engine/deliberate.py": "import reconciler.documents.wording"},
    ),
    "the specs reach sideways into the renderers": (
        "Packages import only what lies below them",
        {"documents/deliberate.py": "import reconciler.render.formats.words"},
    ),
    "a new package has no place among the layers": (
        "Packages import only what lies below them",
        {"stray/__init__.py": '"""Nowhere."""'},
    ),
    "the emulator looks into the model": (
        "The emulator is a witness: it shares no code with what it watches",
        {"emulator/wire/deliberate.py": "import reconciler.model.ids"},
    ),
    "DNS zones of the emulator know its managed identities": (
        "Inside the emulator, from its sockets down to the wire",
        {"emulator/network/deliberate.py": "from reconciler.emulator import managed_identity"},
    ),
    "the table of kinds reads the environment": (
        "The core is pure: no I/O, no clock, no randomness, no Azure",
        {"kinds/deliberate.py": "import os"},
    ),
    "the core looks at the clock inside a function": (
        "The core is pure: no I/O, no clock, no randomness, no Azure",
        {"core/deliberate.py": "def now():\n    import time\n    return time.time()"},
    ),
    "a renderer decides": (
        "Renderers print and do not decide",
        {"render/deliberate.py": "import reconciler.core.changes.diff"},
    ),
    "a command opens a second door to Azure": (
        "One door to Azure",
        {"cli/deliberate.py": "import azure.core"},
    ),
    "the web beside Azure talks to Azure": (
        "The web beside Azure never gets a token of Azure's",
        {"web/deliberate.py": "import azure.core"},
    ),
    "a command opens a second door to deepdiff": (
        "One door to deepdiff",
        {"app/deliberate.py": "from deepdiff import DeepDiff"},
    ),
    "a command judges documents without the other judge": (
        "One door to the validator that looks first",
        {"app/deliberate.py": "import jsonschema_rs"},
    ),
    "a command talks to Dask by itself": (
        "One door to Dask",
        {"cli/deliberate.py": "def ask():\n    import distributed\n    return distributed"},
    ),
    "the emulator opens a second door to DNS": (
        "One door to DNS",
        {"emulator/wire/deliberate.py": "import dns.message"},
    ),
    "the engine makes spans by itself": (
        "One door to OpenTelemetry, which is only there if it was asked for",
        {"engine/deliberate.py": "from opentelemetry import trace"},
    ),
    "a command listens by itself": (
        "One door that listens",
        {"cli/deliberate.py": "import socketserver"},
    ),
    "two modules need each other": (
        "No cycles among siblings",
        {
            "model/deliberate_a.py": "import reconciler.model.deliberate_b",
            "model/deliberate_b.py": "import reconciler.model.deliberate_a",
        },
    ),
}


def broken_contracts(folder: Path) -> set[str]:
    """Run import-linter over a checkout and return the contracts that it finds broken."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    found = set(re.findall(r"^(.+) BROKEN(?: \(.+\))?$", ran.stdout, re.MULTILINE))
    assert (ran.returncode == 0) == (not found), ran.stdout + ran.stderr
    assert len(re.findall(r" (?:KEPT|BROKEN)", ran.stdout)) == len(CONTRACTS), ran.stdout
    return found


@pytest.fixture(scope="module")
def clean_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and its contracts, which every test leaves as it was."""
    folder = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "reconciler", folder / "reconciler", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_holds(clean_copy: Path) -> None:
    assert broken_contracts(clean_copy) == set()


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_contract_catches_what_it_forbids_and_nothing_else_breaks(
    name: str, clean_copy: Path
) -> None:
    contract, modules = VIOLATIONS[name]
    written = [clean_copy / "reconciler" / place for place in modules]
    try:
        for path, text in zip(written, modules.values(), strict=True):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        assert broken_contracts(clean_copy) == {contract}
    finally:
        for path in written:
            path.unlink()
        shutil.rmtree(clean_copy / "reconciler" / "stray", ignore_errors=True)


def test_every_contract_is_among_those_that_are_shown_to_bite() -> None:
    assert {contract for contract, _ in VIOLATIONS.values()} == set(CONTRACTS)
