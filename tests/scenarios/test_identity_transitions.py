"""Every way from one set of identities to another: one apply, one PATCH, an empty plan."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.conftest import LOOSE, Lab, identity, service

NONE: Any = {"type": "None"}
SYSTEM: Any = {"systemAssigned": True, "userAssigned": []}
A: Any = {"systemAssigned": False, "userAssigned": ["ref:identities/id-a"]}
B: Any = {"type": "UserAssigned", "userAssignedIdentities": {"ref:identities/id-b": {}}}
BOTH: Any = {
    "type": "SystemAssigned,UserAssigned",
    "userAssignedIdentities": {"ref:identities/id-a": {}},
}
A_AND_B: Any = {"userAssigned": ["ref:identities/id-b", "ref:identities/id-a"]}

LIVE = {
    "none": (False, set()),
    "system": (True, set()),
    "a": (False, {"id-a"}),
    "b": (False, {"id-b"}),
    "both": (True, {"id-a"}),
}
FORMS = {"none": NONE, "system": SYSTEM, "a": A, "b": B, "both": BOTH}


def _spec(lab: Lab, block: Any) -> None:
    lab.spec(
        identities={"id-a": {"location": "westeurope"}, "id-b": {"location": "westeurope"}},
        communicationServices={"acs-x": {"dataLocation": "Europe", "identity": block}},
    )


def _live(lab: Lab) -> tuple[bool, set[str]]:
    block = lab.arm.get(service("acs-x")).get("identity") or {"type": "None"}
    kinds = {kind.strip() for kind in block["type"].split(",")}
    users = {key.rpartition("/")[2] for key in block.get("userAssignedIdentities") or {}}
    return "SystemAssigned" in kinds, users


def test_the_walk_of_the_article_needs_one_patch_a_step(lab: Lab) -> None:
    _spec(lab, NONE)
    lab.settle()
    for before, after in pairwise(["none", "system", "both", "a", "b", "none"]):
        _spec(lab, FORMS[after])
        ran = lab.apply()
        assert ran.code == 0, f"{before} to {after}: {ran.out}"
        assert [(m, n) for m, n, _ in lab.arm.writes()] == [("PATCH", "acs-x")], (before, after)
        assert _live(lab) == LIVE[after]
        assert lab.plan().code == 0
        lab.arm.forget()


@pytest.mark.parametrize("before", FORMS)
@pytest.mark.parametrize("after", FORMS)
def test_every_transition_converges_with_one_patch(lab: Lab, before: str, after: str) -> None:
    _spec(lab, FORMS[before])
    lab.settle()
    assert _live(lab) == LIVE[before]
    _spec(lab, FORMS[after])
    assert lab.apply().code == 0
    expected = [] if before == after else [("PATCH", "acs-x")]
    assert [(m, n) for m, n, _ in lab.arm.writes()] == expected
    assert _live(lab) == LIVE[after]
    assert lab.plan().code == 0


@pytest.mark.parametrize("form", FORMS)
def test_identity_is_set_on_creation_after_its_identities_are_made(lab: Lab, form: str) -> None:
    _spec(lab, FORMS[form])
    lab.settle()
    assert _live(lab) == LIVE[form]


def test_the_patch_names_every_wanted_id_and_nulls_every_unwanted_one(lab: Lab) -> None:
    _spec(lab, BOTH)
    lab.settle()
    _spec(lab, B)
    lab.apply()
    assert lab.arm.writes() == [
        (
            "PATCH",
            "acs-x",
            {
                "identity": {
                    "type": "UserAssigned",
                    "userAssignedIdentities": {identity("id-a"): None, identity("id-b"): {}},
                }
            },
        )
    ]


def test_what_one_half_does_not_say_is_left_alone(lab: Lab) -> None:
    _spec(lab, BOTH)
    lab.settle()
    principal = lab.arm.get(service("acs-x"))["identity"]["principalId"]
    _spec(lab, A_AND_B)
    lab.settle()
    assert _live(lab) == (True, {"id-a", "id-b"})
    assert lab.arm.get(service("acs-x"))["identity"]["principalId"] == principal


def test_an_absent_identity_is_never_touched_and_null_removes_it(lab: Lab) -> None:
    _spec(lab, BOTH)
    lab.settle()
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe"}})
    assert lab.plan().code == 0
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe", "identity": None}})
    assert lab.apply().code == 0
    assert lab.arm.writes() == [("PATCH", "acs-x", {"identity": {"type": "None"}})]


def test_turning_the_system_identity_off_warns_about_its_role_assignments(lab: Lab) -> None:
    _spec(lab, SYSTEM)
    lab.settle()
    _spec(lab, NONE)
    assert "role assignments are orphaned" in lab.plan().out


def test_the_system_identity_dies_with_its_resource_and_a_user_assigned_one_survives(
    lab: Lab,
) -> None:
    _spec(lab, BOTH)
    lab.settle()
    user = lab.arm.get(identity("id-a"))["properties"]["principalId"]
    lab.spec(LOOSE, communicationServices={"acs-x": None})
    assert lab.apply().code == 0
    assert lab.arm.get(service("acs-x")) is None
    assert lab.arm.get(identity("id-a"))["properties"]["principalId"] == user


def test_an_identity_is_detached_before_it_is_deleted(lab: Lab) -> None:
    _spec(lab, BOTH)
    lab.settle()
    lab.spec(
        LOOSE,
        identities={"id-a": None, "id-b": {"location": "westeurope"}},
        communicationServices={"acs-x": {"dataLocation": "Europe", "identity": B}},
    )
    assert lab.apply().code == 0
    assert [(m, n) for m, n, _ in lab.arm.writes()] == [("PATCH", "acs-x"), ("DELETE", "id-a")]
    assert lab.plan().code == 0


def test_an_identity_that_stays_attached_is_not_deleted(lab: Lab) -> None:
    _spec(lab, BOTH)
    lab.settle()
    stays = {"acs-x": {"dataLocation": "Europe"}}
    lab.spec(LOOSE, identities={"id-a": None}, communicationServices=stays)
    ran = lab.apply()
    assert ran.code == 4
    assert "`acs-x` still uses it" in ran.out
    assert lab.arm.writes() == []
