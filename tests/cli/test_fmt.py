"""``fmt`` and ``schema`` as a user meets them."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from reconciler.documents import schemas
from tests.conftest import Cli

ROOT = Path(__file__).parents[2]
HEAD = "apiVersion: reconciler/v1\nkind: Stack\n"
MESSY = (
    "\ufeff# about the file\r\n# yaml-language-server: $schema=https://example.test/stack.json\r\n"
    "kind: Stack # ours\r\n"
    "apiVersion:   reconciler/v1\r\n"
    "spec:\r\n"
    "    identities:\r\n"
    "      # second by name\r\n"
    "      id-b: {location:  x}   # as written\r\n"
    "      id-a:\r\n"
    "          tags: {}\r\n"
    "          location: >-\r\n"
    "               west\r\n"
    "               europe\r\n"
    "\r\n\r\n"
    "      # a group of its own\r\n"
    "\r\n"
    "      id-0:\r\n"
    "        # of id-0\r\n"
    "    subscription: s # alias\r\n"
    "metadata:\r\n"
    "    labels:\r\n"
    "      z: 1\r\n"
    "      a: 2\r\n"
    "    name: n"
)
TIDY = """\
# yaml-language-server: $schema=https://example.test/stack.json
# about the file
apiVersion: reconciler/v1
kind: Stack # ours
metadata:
  name: n
  labels:
    z: 1
    a: 2
spec:
  subscription: s # alias
  identities:
    id-a:
      location: >-
        west
        europe
      tags: {}
    # second by name
    id-b: {location:  x}   # as written

    # a group of its own

    id-0:
      # of id-0
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def test_everything_about_a_messy_file_becomes_canonical(cli: Cli, workdir: Path) -> None:
    path = write(workdir / "specs" / "messy.yaml", MESSY)
    ran = cli("fmt")
    assert (ran.code, ran.out) == (0, "formatted specs/messy.yaml\n")
    assert path.read_bytes().decode() == TIDY
    assert cli("fmt").out == ""
    assert path.read_bytes().decode() == TIDY


def test_check_names_the_files_and_writes_nothing(cli: Cli, workdir: Path) -> None:
    path = write(workdir / "specs" / "messy.yaml", MESSY)
    write(workdir / "specs" / "tidy.yaml", TIDY)
    ran = cli("fmt", "--check")
    assert (ran.code, ran.out) == (2, "would format specs/messy.yaml\n")
    assert path.read_bytes().decode() == MESSY
    assert cli("fmt", "--check", "specs/tidy.yaml").code == 0


def test_diff_shows_what_is_missing_or_unusual_about_the_ends_of_lines(
    cli: Cli, workdir: Path
) -> None:
    text = f"\ufeff{HEAD}metadata: {{name: n}}\r\nspec:\n  tags: {{}}"
    path = write(workdir / "specs" / "x.yaml", text)
    ran = cli("fmt", "--check", "--diff")
    assert ran.code == 2
    assert ran.out == (
        "--- a/specs/x.yaml\n+++ b/specs/x.yaml\n@@ -1,5 +1,5 @@\n"
        "-<BOM>apiVersion: reconciler/v1\n+apiVersion: reconciler/v1\n kind: Stack\n"
        "-metadata: {name: n}^M\n+metadata: {name: n}\n spec:\n"
        "-  tags: {}\n\\ No newline at end of file\n+  tags: {}\n"
    )
    assert path.read_bytes().decode() == text


def test_a_file_that_is_no_yaml_is_reported_and_the_others_are_formatted(
    cli: Cli, workdir: Path
) -> None:
    broken = write(workdir / "specs" / "a.yaml", "kind: [\n")
    other = write(workdir / "specs" / "b.yaml", "services: {}\n")
    messy = write(workdir / "specs" / "c.yaml", MESSY)
    ran = cli("fmt")
    assert ran.code == 3
    assert "specs/a.yaml:1:" in ran.err
    assert "specs/b.yaml:1:1" in ran.err
    assert "the document has no `kind`" in ran.err
    assert broken.read_text() == "kind: [\n"
    assert other.read_text() == "services: {}\n"
    assert messy.read_bytes().decode() == TIDY


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("? kind\n: Stack\napiVersion: reconciler/v1\n", ":1:1", "a line that starts with `?`"),
        ("{kind: Stack, apiVersion: reconciler/v1}\n", ":1:1", "between brackets"),
        (f"{HEAD}spec: |\n  kept", ":1:1", "would change what the file says"),
        (f"%YAML 1.1\n---\n{HEAD}", ":1:1", "a line that starts with `%YAML`"),
        (f"--- # start\n{HEAD}", ":1:1", "a line that starts with `---`"),
    ],
)
def test_what_has_no_layout_is_left_alone_and_located(
    cli: Cli, workdir: Path, text: str, place: str, what: str
) -> None:
    path = write(workdir / "specs" / "odd.yaml", text)
    ran = cli("fmt")
    assert ran.code == 3
    assert "ACS073" in ran.err
    assert f"specs/odd.yaml{place}" in ran.err
    assert what in ran.err
    assert path.read_bytes().decode() == text


def test_what_aliases_repeat_is_not_moved(cli: Cli, workdir: Path) -> None:
    text = f"{HEAD}spec:\n    tags: &t {{}}\n    identities: {{i: {{tags: *t}}}}\nmetadata: {{}}\n"
    path = write(workdir / "specs" / "x.yaml", text)
    assert cli("fmt").code == 0
    assert path.read_text() == text.replace("    ", "  ")


def test_mode_and_link_are_kept(cli: Cli, workdir: Path) -> None:
    real = write(workdir / "shared" / "messy.yaml", MESSY)
    real.chmod(0o640)
    (workdir / "specs").mkdir()
    link = workdir / "specs" / "link.yaml"
    link.symlink_to(real)
    assert cli("fmt", "specs/link.yaml").code == 0
    assert link.is_symlink()
    assert real.read_bytes().decode() == TIDY
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert os.listdir(real.parent) == ["messy.yaml"]


def test_project_file_and_environments_are_formatted_too(cli: Cli, workdir: Path) -> None:
    project = write(
        workdir / "reconciler.yaml",
        "kind: Project\napiVersion: reconciler/v1\nspec:\n    specs: [stacks]\n",
    )
    write(workdir / "stacks" / "a.yaml", TIDY)
    env = write(
        workdir / "environments" / "dev.yaml",
        "apiVersion: reconciler/v1\nkind: Environment\nmetadata: {name: dev}\nspec:\n"
        "  patches:\n    n:\n      spec:\n        identities:\n          id-b: null\n"
        "          id-a: null\n        subscription: t\n  stacks: [../stacks/*.yaml]\n",
    )
    ran = cli("fmt")
    assert ran.out.split("\n") == [
        "formatted reconciler.yaml", "formatted environments/dev.yaml", ""
    ]  # fmt: skip
    assert project.read_text().startswith("apiVersion: reconciler/v1\nkind: Project\n")
    assert env.read_text().endswith(
        "spec:\n  stacks: [../stacks/*.yaml]\n  patches:\n    n:\n      spec:\n"
        "        subscription: t\n        identities:\n          id-a: null\n"
        "          id-b: null\n"
    )
    project.write_text("kind: Project\napiVersion: reconciler/v1\nspec: {}\n")
    assert cli("fmt", ".").out == "formatted reconciler.yaml\n"


def test_the_schema_line_is_added_and_mended_where_the_project_keeps_schemas(
    cli: Cli, workdir: Path
) -> None:
    assert cli("init").code == 0
    assert cli("fmt", "--check").code == 0
    line = "# yaml-language-server: $schema=../../.reconciler/schemas/stack.schema.json\n"
    text = f"{HEAD}metadata:\n  name: n\n"
    path = write(workdir / "specs" / "prod" / "x.yaml", text)
    assert cli("fmt").code == 0
    assert path.read_text() == line + text
    for stale in (
        "../.reconciler/schemas/stack.schema.json",
        line.split("=")[1].replace("stack.s", "project.s"),
    ):
        path.write_text(f"# yaml-language-server: $schema={stale.strip()}\n{text}")
        assert cli("fmt").code == 0
        assert path.read_text() == line + text
    kept = f"# yaml-language-server: $schema=https://example.test/stack.json\n{text}"
    path.write_text(kept)
    assert cli("fmt").out == ""
    shutil.rmtree(workdir / ".reconciler")
    path.write_text(text)
    assert cli("fmt", "specs/prod").out == ""


def test_a_file_that_cannot_be_written_is_said_so(
    cli: Cli, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(workdir / "specs" / "messy.yaml", MESSY)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    ran = cli("fmt")
    assert ran.code == 1
    assert "specs/messy.yaml cannot be written: no space left on device" in ran.err
    assert path.read_bytes().decode() == MESSY
    assert os.listdir(path.parent) == ["messy.yaml"]


@pytest.mark.parametrize("folder", [".", "examples"])
def test_the_files_of_this_repository_are_formatted(
    cli: Cli, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    ran = cli("fmt", "--check", *(["examples"] if folder == "examples" else []))
    assert (ran.code, ran.out) == (0, ""), ran.out + ran.err


def test_schemas_are_listed_printed_and_written(cli: Cli, workdir: Path) -> None:
    listed = [line.split()[0] for line in cli("schema").out.splitlines()]
    assert listed == list(schemas.names())
    assert json.loads(cli("schema", "stack").out) == schemas.load_schema("stack")
    assert cli("schema", "stack.schema.json").out == cli("schema", "stack").out
    ran = cli("schema", "stakc")
    assert ran.code == 64
    assert "did you mean `stack`?" in ran.err
    assert cli("schema", "stack", "--out", "x").code == 64
    out = workdir / "a" / "b"
    assert cli("schema", "--out", "a/b").out.count("wrote") == len(listed)
    for path in out.iterdir():
        named = [
            line.split('"')[3].partition("#")[0]
            for line in path.read_text().splitlines()
            if '"$ref"' in line
        ]
        assert all((out / name).is_file() for name in named if name)
    (out / "stack.schema.json").write_text("{}")
    again = cli("schema", "--out", "a/b").out
    assert again.count("wrote") == 1
    assert json.loads((out / "stack.schema.json").read_text()) == schemas.load_schema("stack")
