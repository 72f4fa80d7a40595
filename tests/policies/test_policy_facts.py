"""What a policy sees of a resource: each field, each fact."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from reconciler.app.loading.specs import gather
from reconciler.core.policies.facts import FACTS
from reconciler.core.policies.policy_view import ADDED, fields_of, view_of
from reconciler.core.policies.policy_world import World
from reconciler.kinds import KINDS
from tests.conftest import GROUP, SUBSCRIPTION, Lab, identity, service

DOCS = Path(__file__).parents[2] / "docs" / "policies.md"
MAIL = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail-one/domains/a.test"
STACK: dict[str, Any] = {
    "identities": {
        "id-one": {
            "location": "westeurope",
            "federatedCredentials": {
                "fic-github": {"github": {"owner": "o", "repository": "r@2", "tag": "v1"}},
                "fic-dead": {"issuer": "https://i.test/", "subject": "a*"},
            },
        },
        "id-two": {"location": "westeurope"},
    },
    "emailServices": {
        "mail-one": {
            "dataLocation": "United States",
            "domains": {
                "a.test": {
                    "management": "CustomerManaged",
                    "senderUsernames": {"billing": {"displayName": "B"}, "former": None},
                },
                "AzureManagedDomain": {
                    "management": "AzureManaged",
                    "senderUsernames": {"billing": {}},
                },
            },
        }
    },
    "communicationServices": {
        "acs-one": {
            "dataLocation": "Europe",
            "identity": {
                "type": "SystemAssigned,UserAssigned",
                "userAssignedIdentities": {"ref:identities/id-one": {}},
            },
            "linkedDomains": ["ref:emailServices/mail-one/domains/a.test"],
            "annotations": {"why": "tests"},
            "lifecycle": {"preventReplace": False, "until": "2999-01-01"},
            "smtpUsernames": {
                "smtp-one": {
                    "entraApplicationId": "ref:identities/id-one#clientId",
                    "tenantId": SUBSCRIPTION,
                }
            },
        },
        "acs-us": {
            "dataLocation": "UnitedStates",
            "exemptions": [{"policy": "p", "reason": "Why not.", "until": "2999-12-31"}],
            "linkedDomains": {"include": ["ref:emailServices/mail-one/domains/a.test"]},
        },
    },
    "roleAssignments": {
        "one-reads": {
            "role": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
            "principal": "ref:identities/id-one",
            "scope": "resourceGroup",
        },
        "service-sends": {
            "role": "Communication and Email Service Owner",
            "principal": "ref:communicationServices/acs-one",
            "scope": "ref:communicationServices/acs-us",
        },
        "people": {
            "role": "Reader",
            "principal": {"objectId": SUBSCRIPTION, "type": "Group"},
            "scope": f"/subscriptions/{SUBSCRIPTION}",
        },
    },
    "outputs": {"two": "ref:identities/id-two"},
}


def views(lab: Lab, *, whole: bool = True) -> dict[str, Any]:
    """Return what policies see of everything in `STACK`, by the end of the address."""
    lab.spec(**STACK)
    world = World.of(gather([Path("specs")]).desired, whole=whole)
    found = {r.address.removeprefix("test/"): r for r in world.resources}
    return {address: view_of(r, world, "prod") for address, r in found.items()}


def test_a_view_is_the_resource_as_wanted_with_all_that_is_nested_in_it(lab: Lab) -> None:
    usual = {
        "preventDelete": True,
        "preventReplace": True,
        "onRemoval": "forget",
        "ignoreChanges": [],
    }
    assert views(lab)["communicationServices/acs-one"] == {
        "kind": "CommunicationService",
        "name": "acs-one",
        "address": "test/communicationServices/acs-one",
        "environment": "prod",
        "stack": {"name": "test", "labels": {}, "annotations": {}},
        "annotations": {"why": "tests"},
        "lifecycle": usual | {"preventReplace": False},
        "dataLocation": "Europe",
        "identity": {"systemAssigned": True, "userAssigned": [identity("id-one")]},
        "linkedDomains": [MAIL],
        "smtpUsernames": {
            "smtp-one": {
                "kind": "SmtpUsername",
                "name": "smtp-one",
                "annotations": {},
                "lifecycle": usual | {"preventDelete": False, "preventReplace": False},
                "username": "smtp-one",
                "entraApplicationId": "ref:identities/id-one#clientId",
                "tenantId": SUBSCRIPTION,
            }
        },
        "facts": {
            "usedBy": ["test/roleAssignments/service-sends"],
            "linkedDataLocations": ["unitedstates"],
            "otherDataLocations": ["unitedstates"],
            "roles": ["Communication and Email Service Owner"],
        },
    }


def test_exemptions_are_not_for_policies_to_see(lab: Lab) -> None:
    found = views(lab)["communicationServices/acs-us"]
    assert set(found) == ADDED | {"dataLocation", "linkedDomains"}
    lab.spec(**STACK)
    desired = gather([Path("specs")]).desired
    wanted = {r.address: set(r.fields) for r in desired.resources}
    assert wanted["test/communicationServices/acs-us"] == {"dataLocation", "linkedDomains"}


def test_a_credential_is_shown_as_written_and_as_worked_out(lab: Lab) -> None:
    found = views(lab)["identities/id-one/federatedCredentials/fic-github"]
    assert found["github"] == {"owner": "o", "repository": "r@2", "tag": "v1"}
    assert found["subject"] == "repo:o/r@2:ref:refs/tags/v1"
    assert found["facts"] == {"usedBy": [], "bareNames": ["o"]}


def test_an_assignment_is_shown_by_the_role_s_name_and_the_scope_s_id(lab: Lab) -> None:
    found = views(lab)["roleAssignments/one-reads"]
    shown = {k: found[k] for k in ("name", "role", "principal", "scope", "facts")}
    assert shown == {
        "name": "one-reads",
        "role": "Reader",
        "principal": "ref:identities/id-one",
        "scope": GROUP,
        "facts": {
            "usedBy": [],
            "principalKind": "UserAssignedIdentity",
            "scopeLevel": "resourceGroup",
        },
    }


FACTS_OF = {
    "identities/id-one": {
        "usedBy": [
            "test/communicationServices/acs-one",
            "test/communicationServices/acs-one/smtpUsernames/smtp-one",
            "test/roleAssignments/one-reads",
        ],
        "attachedTo": ["test/communicationServices/acs-one"],
        "roles": ["Reader"],
    },
    "identities/id-two": {"usedBy": ["test/outputs/two"], "attachedTo": [], "roles": []},
    "identities/id-one/federatedCredentials/fic-dead": {
        "usedBy": [],
        "bareNames": [],
        "deadBecause": "`*` stands for itself",
    },
    "emailServices/mail-one/domains/a.test": {
        "usedBy": ["test/communicationServices/acs-one", "test/communicationServices/acs-us"],
        "dataLocation": "United States",
        "linkedTo": ["test/communicationServices/acs-one", "test/communicationServices/acs-us"],
    },
    "emailServices/mail-one/domains/a.test/senderUsernames/billing": {
        "usedBy": [],
        "mailAddress": "billing@a.test",
    },
    "emailServices/mail-one/domains/AzureManagedDomain/senderUsernames/billing": {"usedBy": []},
    "communicationServices/acs-us": {
        "usedBy": ["test/roleAssignments/service-sends"],
        "linkedDataLocations": ["unitedstates"],
        "otherDataLocations": [],
        "roles": [],
    },
    "roleAssignments/people": {
        "usedBy": [],
        "principalKind": "Group",
        "scopeLevel": "subscription",
    },
    "roleAssignments/service-sends": {
        "usedBy": [],
        "principalKind": "CommunicationService",
        "scopeLevel": "resource",
    },
}


@pytest.mark.parametrize("address", FACTS_OF)
def test_the_facts_of_a_resource(lab: Lab, address: str) -> None:
    assert views(lab)[address]["facts"] == FACTS_OF[address]


def test_what_is_removed_is_not_seen(lab: Lab) -> None:
    found = views(lab)
    assert set(found["emailServices/mail-one/domains/a.test"]["senderUsernames"]) == {"billing"}
    assert not [address for address in found if address.endswith("former")]


def test_what_needs_all_stacks_is_left_out_where_some_are_missing(lab: Lab) -> None:
    some = views(lab, whole=False)
    assert some["identities/id-two"]["facts"] == {}
    assert set(some["communicationServices/acs-us"]["facts"]) == {
        "linkedDataLocations",
        "otherDataLocations",
    }


def test_nobody_is_called_unused_when_only_some_stacks_are_asked_for(lab: Lab) -> None:
    (lab.folder / "policies").mkdir()
    (lab.folder / "policies" / "used.yaml").write_text(
        "apiVersion: reconciler/v1\nkind: Policy\nmetadata: {name: used}\nspec:\n"
        "  description: Nothing lies about.\n  kinds: [UserAssignedIdentity]\n"
        "  schema: {properties: {facts: {properties: {usedBy: {minItems: 1}}}}}\n"
        "  mend: remove it\n"
    )
    lab.spec(identities={"id-one": {"location": "westeurope"}})
    assert lab.run("validate").code == 3
    assert lab.run("validate", "specs/test.yaml").code == 0
    user = {"dataLocation": "Europe", "identity": {"userAssigned": [identity("id-one")]}}
    lab.spec(communicationServices={"acs-one": user}, name="other")
    assert lab.run("validate").code == 0
    assert service("acs-one") not in identity("id-one")


@pytest.mark.parametrize("kind", [k.name for k in KINDS.values() if k.fields])
def test_no_field_of_a_kind_has_the_name_of_something_that_is_added(kind: str) -> None:
    assert {field.name for field in KINDS[kind].writable} & ADDED == set()
    assert fields_of(kind) > ADDED


def test_every_fact_and_everything_that_is_added_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(\w+)` \| (\w+) \|", text, re.MULTILINE))
    facts = {(name, kind or "every") for kind, known in FACTS.items() for name in known}
    assert facts <= rows
    assert {name for name, _ in rows} == {name for name, _ in facts}
    assert [name for name in ADDED if f"`{name}`" not in text] == []
