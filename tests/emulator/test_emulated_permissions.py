"""permissions of Microsoft.Authorization: what the caller may do at a scope."""

from __future__ import annotations

from typing import Any

import pytest

S = "/subscriptions/11111111-2222-3333-4444-555555555555"
RG = f"{S}/resourceGroups/Rg1"
ALL = {"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}


def permissions(arm: Any, scope: str, method: str = "GET", tail: str = "") -> Any:
    """Ask what the caller may do."""
    path = f"{scope}/providers/Microsoft.Authorization/permissions{tail}?api-version=2022-04-01"
    return arm.send(method, path)


def declare(arm: Any, content: Any) -> Any:
    """Set what the caller may do."""
    return arm.send("PUT", "/emulator/permissions", content, headers={})


@pytest.mark.parametrize("scope", [S, RG])
def test_the_caller_may_do_everything_unless_told_otherwise(arm: Any, scope: str) -> None:
    answer = permissions(arm, scope)

    assert (answer.status, answer.content) == (200, {"value": [ALL]})


def test_what_is_declared_holds_at_its_scope_and_below_and_adds_up(arm: Any) -> None:
    identity = arm.create_identity()
    declare(arm, {"scope": S, "permissions": [{"actions": ["*/read"]}]})
    declare(
        arm, {"scope": RG.lower(), "permissions": [{"actions": ["a/*"], "notActions": ["a/b"]}]}
    )

    def actions(scope: str) -> list[list[str]]:
        return [entry["actions"] for entry in permissions(arm, scope).content["value"]]

    assert actions(S) == [["*/read"]]
    assert actions(RG) == actions(identity) == [["*/read"], ["a/*"]]
    assert permissions(arm, RG).content["value"][1]["notActions"] == ["a/b"]
    other = "/subscriptions/99999999-2222-3333-4444-555555555555"
    assert permissions(arm, other).content == {"value": [ALL]}
    arm.send("POST", "/emulator/reset", headers={})
    assert actions(S) == [["*"]]


def test_nothing_may_be_allowed(arm: Any) -> None:
    declare(arm, {"scope": S, "permissions": []})

    assert permissions(arm, RG).content == {"value": []}


def test_a_scope_must_exist_and_only_reads_are_answered(arm: Any) -> None:
    assert permissions(arm, f"{S}/resourceGroups/nowhere").code == "ResourceGroupNotFound"
    assert permissions(arm, S, "PUT").code == "EmulatorNotImplemented"
    assert permissions(arm, S, "GET", "/name").code == "EmulatorNotImplemented"


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"scope": S},
        {"scope": "here", "permissions": []},
        {"scope": S, "permissions": {}},
        {"scope": S, "permissions": ["*"]},
        {"scope": S, "permissions": [{"actions": "*"}]},
        {"scope": S, "permissions": [{"actions": [1]}]},
        {"scope": S, "permissions": [{"deny": ["*"]}]},
    ],
)
def test_what_makes_no_sense_is_not_declared(arm: Any, content: Any) -> None:
    assert declare(arm, content).code == "EmulatorInvalidControlRequest"
    assert permissions(arm, S).content == {"value": [ALL]}
