"""Any stack of any kinds, over what any other stack has left: one apply, and an empty plan."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from hypothesis import assume, event, given, note, settings

from tests.conftest import Lab
from tests.property.everything import DELETABLE, GUARDS, everything, provide_addresses


@given(first=everything(), second=everything())
@settings(max_examples=60)
def test_any_stack_converges_over_what_any_other_has_left(
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    first: dict[str, Any],
    second: dict[str, Any],
) -> None:
    lab.arm.reset()
    lab.arm.group()
    shutil.rmtree(lab.folder / "specs", ignore_errors=True)
    lab.project(guards=GUARDS)
    provide_addresses(lab, monkeypatch)
    for stack in (first, second):
        lab.spec(DELETABLE, "test", **stack)
        assume(lab.run("validate").code == 0)  # one assignment may be described twice
        ran = lab.apply("-q")
        note(ran.out + ran.err)
        event(f"apply exits {ran.code}")
        assert ran.code == 0, ran.out + ran.err
        again = lab.plan()
        assert again.code == 0, again.out
        lab.arm.forget()
        assert lab.apply("-q").code == 0
        assert lab.arm.writes() == []


@given(stack=everything())
@settings(max_examples=25)
def test_an_export_of_anything_is_valid_and_changes_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, stack: dict[str, Any]
) -> None:
    lab.arm.reset()
    lab.arm.group()
    shutil.rmtree(lab.folder / "specs", ignore_errors=True)
    lab.project(guards=GUARDS)
    provide_addresses(lab, monkeypatch)
    lab.spec(DELETABLE, "test", **stack)
    assume(lab.run("validate").code == 0)
    assert lab.apply("-q").code == 0
    lab.arm.forget()
    (lab.folder / "specs" / "test.yaml").unlink()
    ran = lab.run(
        "export", "--subscription", "11111111-2222-3333-4444-555555555555",
        "--target", lab.arm.url, "--out", "specs",
    )  # fmt: skip
    note(ran.out + ran.err)
    assert ran.code == 0, ran.err
    found = sorted((lab.folder / "specs").glob("*.yaml"))
    assert not found or lab.plan().code == 0
    assert lab.arm.writes() == []
