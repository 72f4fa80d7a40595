"""The example in ``examples/addresses`` is valid, plans, and settles."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.addresses.lists import Lists

EXAMPLE = Path(__file__).parents[2] / "examples" / "addresses"
FILES = {"reconciler.yaml": "project", "specs/mail.yaml": "stack"}
GROUP = "/subscriptions/5b7f0c1e-8a52-4f1c-9a0b-3f6d2c9e1a01/resourceGroups/rg-mail"


@pytest.mark.parametrize("name", FILES)
def test_a_file_begins_with_a_modeline_that_leads_to_its_schema(name: str) -> None:
    path = EXAMPLE / name
    found = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text("utf-8"))
    assert found
    schema = Path(__file__).parents[2] / "schemas" / f"{FILES[name]}.schema.json"
    assert (path.parent / found[1]).resolve() == schema


def test_it_validates_plans_applies_and_settles(lists: Lists) -> None:
    lab = lists.lab
    shutil.copytree(EXAMPLE, lab.folder, dirs_exist_ok=True)
    assert lab.run("validate").out == "Valid: 1 file, 7 resources.\n"
    lab.arm.group(GROUP)
    plan = lab.plan()
    assert "3 addresses to add" in plan.out
    assert "example.com" not in plan.out + plan.err
    assert lab.apply().code == 0
    assert lab.plan().code == 0
