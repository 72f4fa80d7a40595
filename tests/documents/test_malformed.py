"""Every broken spec gives the findings that were read and approved, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.documents.validate import check_spec
from reconciler.documents.yaml_reader import LARGEST, read
from reconciler.render.checks.diagnostics import render_text

Golden = Callable[[Path, str], None]

FOLDER = Path(__file__).parent / "malformed"

BINARY = {
    "latin1": "name: caf\xe9\n".encode("latin-1"),
    "utf16": "kind: Stack\n".encode("utf-16"),
    "cut_off_in_a_character": "a: b\nname: €".encode()[:-1],
    "control_characters": b"a: \x07bell\nb: fine\nc: \x1b[31mred\n",
    "nul_bytes": b"kind: \0Stack\n",
    "byte_order_mark_inside": "a: x\ufeffy\n".encode(),
    "too_large": b"#" * (LARGEST + 1),
}


def told(content: bytes, name: str) -> str:
    document, findings = read(content, name)
    assert (document is None) == bool(findings)
    if document is not None:
        findings = check_spec(document)
    text = content[:LARGEST].decode("utf-8", errors="replace").removeprefix("\ufeff")
    return render_text(findings, {name: "" if len(text) > 100_000 else text}, colour=False)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_malformed_spec_is_told_as_approved(path: Path, golden: Golden) -> None:
    text = told(path.read_bytes(), path.name)
    assert text, "this spec is not malformed"
    golden(path.with_suffix(".expected"), text)


@pytest.mark.parametrize("name", sorted(BINARY))
def test_binary_content_is_told_as_approved(name: str, golden: Golden) -> None:
    golden(FOLDER / f"{name}.expected", told(BINARY[name], f"{name}.yaml"))


def test_no_golden_file_is_left_over() -> None:
    specs = {path.stem for path in FOLDER.glob("*.yaml")} | set(BINARY)
    assert {path.stem for path in FOLDER.glob("*.expected")} == specs
