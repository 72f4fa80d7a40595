"""What is shipped: the package, its types and its schemas, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from reconciler import __version__

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without network and without isolation."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def contents(wheel: Path) -> dict[str, bytes]:
    """Every file of the wheel by name."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_the_schemas_byte_for_byte(contents: dict[str, bytes]) -> None:
    prefix = "reconciler/_schemas/"
    shipped = {n.removeprefix(prefix): c for n, c in contents.items() if n.startswith(prefix)}
    assert shipped == {p.name: p.read_bytes() for p in SCHEMAS.iterdir()}


def test_the_wheel_holds_every_module_and_the_mark_of_a_typed_package(
    contents: dict[str, bytes],
) -> None:
    package = ROOT / "reconciler"
    modules = {f"reconciler/{p.relative_to(package)}" for p in package.rglob("*.py")}
    own = {n for n in contents if n.startswith("reconciler/") and n.endswith(".py")}
    assert own == modules
    assert "reconciler/py.typed" in contents


def test_the_wheel_holds_no_tests_no_specs_and_no_cache(contents: dict[str, bytes]) -> None:
    folders = {name.partition("/")[0] for name in contents}
    assert folders == {"reconciler", f"acs_reconciler-{__version__}.dist-info"}
    assert [n for n in contents if "__pycache__" in n or n.endswith((".pyc", ".sqlite"))] == []


def test_the_metadata_says_what_pyproject_says(contents: dict[str, bytes]) -> None:
    text = contents[f"acs_reconciler-{__version__}.dist-info/METADATA"].decode("utf-8")
    metadata = Parser().parsestr(text)
    assert (metadata["Name"], metadata["Version"]) == ("acs-reconciler", __version__)
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    scripts = contents[f"acs_reconciler-{__version__}.dist-info/entry_points.txt"].decode("utf-8")
    assert "reconciler = reconciler.__main__:main" in scripts


def test_the_installed_wheel_validates_specs_far_from_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    site, work = tmp_path / "site", tmp_path / "work"
    work.mkdir()
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    pip += ["--no-compile", "--target", str(site), str(wheel)]
    subprocess.run(pip, cwd=work, capture_output=True, check=True)
    (work / "bad.yaml").write_text("apiVersion: reconciler/v1\nkind: Stakc\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(site)}
    code = "import reconciler, sys; sys.stderr.write(reconciler.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", code], cwd=work, env=environment, capture_output=True, check=True
    )
    assert Path(where.stderr.decode()).is_relative_to(site)

    def validate(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "reconciler", "validate", *arguments],
            cwd=work,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    specs = [str(ROOT / "specs"), "--project", str(ROOT / "reconciler.yaml")]
    good = validate(*specs)
    assert good.returncode == 0, good.stdout + good.stderr
    assert good.stdout.startswith("Valid: ")
    bad = validate("bad.yaml")
    assert bad.returncode == 3
    assert "write `Stack`" in bad.stdout, bad.stdout
