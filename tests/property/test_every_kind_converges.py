"""Any stack of any kinds, over what any other stack and others have left: one apply is enough."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
import yaml
from hypothesis import assume, event, given, note, settings
from hypothesis import strategies as st

from reconciler.kinds.role_assignment import NAMES
from tests.conftest import GROUP, SUBSCRIPTION, Lab
from tests.property.everything import (
    DELETABLE,
    GUARDS,
    MEDDLING,
    everything,
    provide_addresses,
)


@given(
    first=everything(),
    meddling=st.lists(st.sampled_from(MEDDLING), max_size=4),
    second=everything(),
)
@settings(max_examples=60)
def test_any_stack_converges_over_what_any_other_has_left(
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    first: dict[str, Any],
    meddling: list[tuple[str, str, Any]],
    second: dict[str, Any],
) -> None:
    lab.arm.reset()
    lab.arm.group()
    shutil.rmtree(lab.folder / "specs", ignore_errors=True)
    lab.project(guards=GUARDS)
    provide_addresses(lab, monkeypatch)
    for stack, done_before in ((first, []), (second, meddling)):
        for method, path, body in done_before:
            lab.arm.send(method, path, body)
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
        "export", "--subscription", SUBSCRIPTION, "--target", lab.arm.url, "--out", "specs"
    )
    note(ran.out + ran.err)
    assert ran.code == 0, ran.err
    assert lab.arm.writes() == []
    files = sorted((lab.folder / "specs").glob("*.yaml"))
    if files:  # nothing is a stack without a resource in a group
        assert lab.plan().code == 0
        (text,) = (path.read_text(encoding="utf-8") for path in files)
        exported = yaml.safe_load(text)["spec"].get("roleAssignments", {})
        assert roles(exported) == roles(stack["roleAssignments"]), text


def roles(entries: dict[str, Any]) -> set[str]:
    """Return the role assignments that an export of their stack is to hold, in one form."""
    found = set()
    for entry in entries.values():
        principal, scope = entry["principal"], entry["scope"]
        if isinstance(principal, str) or scope != f"/subscriptions/{SUBSCRIPTION}":
            role = NAMES.get(entry["role"], entry["role"])
            found.add(f"{role} {principal} {'resourceGroup' if scope == GROUP else scope}")
    return found
