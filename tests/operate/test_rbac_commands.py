"""``rbac generate`` and ``rbac check``, as people and pipelines see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.core.roles.permissions import allows
from reconciler.model.permission import Grant
from tests.conftest import GROUP, SUBSCRIPTION, Golden, Lab

GOLDEN = Path(__file__).parent / "golden"
S = f"/subscriptions/{SUBSCRIPTION}"
STACK: dict[str, Any] = {
    "identities": {"id-a": {"location": "westeurope"}, "id-old": None},
    "communicationServices": {
        "acs-a": {
            "dataLocation": "Europe",
            "identity": {"userAssigned": ["ref:identities/id-a"]},
            "linkedDomains": ["ref:emailServices/mail-a/domains/a.test"],
        }
    },
    "emailServices": {
        "mail-a": {
            "dataLocation": "Europe",
            "domains": {"a.test": {"management": "CustomerManaged"}},
        }
    },
    "roleAssignments": {
        "id-reads": {
            "role": "Reader",
            "principal": "ref:identities/id-a",
            "scope": "ref:communicationServices/acs-a",
        },
        "team-sends": {
            "role": "Communication and Email Service Owner",
            "principal": {"objectId": "00000000-aaaa-bbbb-cccc-000000000001", "type": "Group"},
            "scope": "resourceGroup",
            "remove": True,
        },
    },
}


def grant(lab: Lab, scope: str, *grants: dict[str, Any]) -> None:
    """Set what the caller may do at a scope."""
    status, answer = lab.arm.send(
        "PUT", "/emulator/permissions", {"scope": scope, "permissions": list(grants)}
    )
    assert status == 204, answer


def check(lab: Lab) -> Any:
    """Run the check."""
    return lab.run("rbac", "check", "--target", lab.arm.url)


def test_the_roles_as_text(lab: Lab, golden: Golden) -> None:
    lab.spec(**STACK)
    ran = lab.run("rbac", "generate")
    assert ran.code == 0, ran.err
    golden(GOLDEN / "roles.txt", ran.out)


def test_the_roles_as_json(lab: Lab, golden: Golden) -> None:
    lab.spec(**STACK)
    ran = lab.run("rbac", "generate", "-o", "json", "--name", "acme", "--with-checks")
    assert ran.code == 0, ran.err
    golden(GOLDEN / "roles.json", ran.out)


def test_a_file_is_written_for_each_role_as_azure_cli_takes_it(lab: Lab) -> None:
    lab.spec(**STACK)
    ran = lab.run("rbac", "generate", "--out", "roles")
    assert ran.out.split() == ["roles/plan.json", "roles/apply.json", "roles/apply.condition.txt"]
    apply = json.loads((lab.folder / "roles" / "apply.json").read_text(encoding="utf-8"))
    assert set(apply) == {
        "Name", "IsCustom", "Description", "Actions", "NotActions", "DataActions",
        "NotDataActions", "AssignableScopes",
    }  # fmt: skip
    assert apply["IsCustom"] is True
    condition = (lab.folder / "roles" / "apply.condition.txt").read_text(encoding="utf-8")
    assert "acdd72a7-3385-48ef-bd42-f606fba81ae7" in condition.partition("delete")[0]
    assert "09976791-48a7-449e-bb21-39d1a415f350" in condition.partition("delete")[2]
    assert condition.count("(") == condition.count(")")
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    assert lab.run("rbac", "generate", "--out", "roles").code == 0
    assert not (lab.folder / "roles" / "apply.condition.txt").exists()


def test_an_action_that_microsoft_does_not_list_is_pointed_out(lab: Lab) -> None:
    lab.spec(**STACK)
    assert "note:" not in lab.run("rbac", "generate").out
    smtp = {"entraApplicationId": "ref:identities/id-a#clientId", "tenantId": S.rpartition("/")[2]}
    service = {"dataLocation": "Europe", "smtpUsernames": {"smtp-a": smtp}}
    lab.spec(
        identities={"id-a": {"location": "westeurope"}}, communicationServices={"acs-a": service}
    )
    ran = lab.run("rbac", "generate")
    assert "Microsoft does not list Microsoft.Communication/communicationServices/smtp" in ran.out


def test_generating_sends_nothing_and_invalid_specs_are_refused(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"loction": "westeurope"}})
    ran = lab.run("rbac", "generate")
    assert ran.code == 3
    assert lab.arm.requests() == []


def test_an_owner_lacks_nothing_and_only_reads_are_sent(lab: Lab, golden: Golden) -> None:
    lab.spec(**STACK)
    ran = check(lab)
    assert ran.code == 0, ran.out
    golden(GOLDEN / "nothing-missing.txt", ran.out)
    assert {entry["method"] for entry in lab.arm.requests()} == {"GET"}


def test_the_generated_roles_are_enough_where_they_are_to_be_assigned(lab: Lab) -> None:
    lab.spec(**STACK)
    document = lab.run("rbac", "generate", "-o", "json").json
    grant(lab, S)
    for entry in document.values():
        for scope in entry["role"]["AssignableScopes"]:
            grant(lab, scope, {"actions": entry["role"]["Actions"]})
    plan_scopes = document["plan"]["role"]["AssignableScopes"]
    assert plan_scopes == [S]  # who still uses id-old can be in any group
    assert document["apply"]["role"]["AssignableScopes"] == [GROUP]
    assert check(lab).code == 0
    assert "Who runs apply needs the plan role at" in lab.run("rbac", "generate").out


def test_what_is_missing_is_named_with_its_scope_and_what_needs_it(
    lab: Lab, golden: Golden
) -> None:
    lab.spec(**STACK)
    reader = {"actions": ["*/read"], "notActions": ["microsoft.AUTHORIZATION/*"]}
    grant(lab, S, reader)
    ran = check(lab)
    assert ran.code == 4
    golden(GOLDEN / "missing.txt", ran.out)


def test_one_scope_that_cannot_be_read_is_no_verdict(lab: Lab, golden: Golden) -> None:
    lab.spec(**STACK)
    denied = {"status": 403, "code": "AuthorizationFailed", "message": "no"}
    lab.arm.fault(method="GET", path="rg-test/.*/permissions", times=None, **denied)
    ran = check(lab)
    assert ran.code == 1
    golden(GOLDEN / "unknown.txt", ran.out)


@pytest.mark.parametrize(
    ("grants", "action", "allowed"),
    [
        ([Grant(("*",))], "A.b/c/write", True),
        ([Grant(("*/read",))], "A.b/c/d/read", True),
        ([Grant(("*/read",))], "A.b/c/write", False),
        ([Grant(("a.B/*/write",))], "A.b/c/d/write", True),
        ([Grant(("a.b/c/write",))], "A.b/c/d/write", False),
        ([Grant(("*",), ("a.b/*",))], "A.b/c/write", False),
        ([Grant(("*",), ("a.b/*",)), Grant(("a.b/c/write",))], "A.b/c/write", True),
        ([Grant(("a?b/c/write",))], "a.b/c/write", False),
        ([], "a.b/c/write", False),
    ],
)
def test_wildcards_and_what_is_taken_away(grants: list[Grant], action: str, allowed: bool) -> None:
    assert allows(grants, action) is allowed
