"""Bad input of any kind: located findings, exit 3, no traceback, and nothing taken for empty."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import Lab

MALFORMED = sorted((Path(__file__).parents[1] / "documents" / "malformed").glob("*.yaml"))


@pytest.mark.parametrize("path", MALFORMED, ids=lambda path: path.stem)
def test_a_malformed_spec_exits_3_with_a_place_and_touches_nothing(lab: Lab, path: Path) -> None:
    (lab.folder / "specs").mkdir()
    (lab.folder / "specs" / "bad.yaml").write_bytes(path.read_bytes())
    checked = lab.run("validate", "-o", "concise")
    assert checked.code == 3
    lines = checked.out.strip().splitlines()
    assert all(re.match(r"specs/bad\.yaml:\d+:\d+: ACS\d{3} ", line) for line in lines), lines
    assert all("mend: " in line for line in lines)
    applied = lab.apply("--prune")
    assert applied.code == 3
    assert "Traceback" not in applied.err
    assert lab.arm.requests() == []


def test_there_are_enough_of_them() -> None:
    assert len(MALFORMED) >= 50
