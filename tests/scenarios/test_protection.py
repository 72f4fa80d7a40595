"""What holds something that cannot be had back is not deleted by one word."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import GROUP, LOOSE, Lab, identity, service

ACS = {"dataLocation": "Europe"}
UAI = {"location": "westeurope"}
MAIL = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail"
FOREVER = {"preventDelete": False, "until": "2999-01-01"}
OVER = {"preventDelete": False, "until": "2001-01-01"}


def test_null_alone_does_not_delete_what_holds_state(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": ACS})
    lab.settle()
    lab.spec(communicationServices={"acs-a": None})
    ran = lab.apply()
    assert ran.code == 4
    assert "! blocked delete test/communicationServices/acs-a" in ran.out
    assert "removed by the spec, and `preventDelete` is on" in ran.out
    assert "write `remove: true` and `lifecycle: {preventDelete: false, until: DATE}`" in ran.out
    assert lab.arm.writes() == []


def test_a_resource_goes_with_the_words_that_the_refusal_names(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": ACS})
    lab.settle()
    lab.spec(communicationServices={"acs-a": {**ACS, "remove": True, "lifecycle": FOREVER}})
    assert lab.changes() == {"test/communicationServices/acs-a": "delete"}
    assert lab.apply().code == 0
    assert lab.arm.writes() == [("DELETE", "acs-a", None)]
    assert lab.plan().code == 0


def test_a_permission_ends_on_its_day(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": ACS})
    lab.settle()
    lab.spec(communicationServices={"acs-a": {**ACS, "remove": True, "lifecycle": OVER}})
    ran = lab.plan()
    assert ran.code == 4
    assert "`preventDelete` was off until 2001-01-01" in ran.out
    moved = {"preventReplace": False, "until": "2001-01-01"}
    lab.spec(communicationServices={"acs-a": {"dataLocation": "UK", "lifecycle": moved}})
    ran = lab.plan()
    assert ran.code == 4
    assert "`preventReplace` was off until 2001-01-01" in ran.out


def test_a_permission_needs_its_last_day(lab: Lab) -> None:
    for word in ("preventDelete", "preventReplace"):
        lab.spec(communicationServices={"acs-a": {**ACS, "lifecycle": {word: False}}})
        ran = lab.run("validate")
        assert ran.code == 3
        assert "`until` is missing" in ran.out


@pytest.mark.parametrize("place", ["stack", "parent"])
def test_a_permission_holds_for_what_is_nested(lab: Lab, place: str) -> None:
    domain = {"management": "CustomerManaged"}
    mail: dict[str, Any] = {"dataLocation": "Europe", "domains": {"a.test": domain}}
    lab.spec(emailServices={"mail": mail})
    lab.settle()
    mail["domains"]["a.test"] = None
    lab.spec(emailServices={"mail": mail})
    assert lab.plan().code == 4
    text = LOOSE if place == "stack" else ""
    if place == "parent":
        mail["lifecycle"] = FOREVER
    lab.spec(text, emailServices={"mail": mail})
    assert lab.changes() == {"test/emailServices/mail/domains/a.test": "delete"}


def test_a_resource_may_be_protected_where_its_stack_is_not(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": ACS})
    lab.settle()
    kept = {**ACS, "remove": True, "lifecycle": {"preventDelete": True}}
    lab.spec(LOOSE, communicationServices={"acs-a": kept})
    assert lab.plan().code == 4


def test_what_is_nested_in_a_removed_resource_is_removed_with_it(lab: Lab) -> None:
    domain = {"management": "CustomerManaged", "senderUsernames": {"billing": {}}}
    mail: dict[str, Any] = {"dataLocation": "Europe", "domains": {"a.test": domain}}
    lab.spec(emailServices={"mail": mail})
    lab.settle()
    lab.spec(emailServices={"mail": {**mail, "remove": True, "lifecycle": FOREVER}})
    ran = lab.apply()
    assert ran.code == 0, ran.out
    order = [name for _, name, _ in lab.arm.writes()]
    assert order.index("a.test") < order.index("mail")
    assert lab.arm.get(MAIL) is None
    assert lab.plan().code == 0


def test_what_holds_nothing_goes_by_null_alone(lab: Lab) -> None:
    credential = {"issuer": "https://issuer.test/", "subject": "s"}
    lab.spec(identities={"id-a": {**UAI, "federatedCredentials": {"cred": credential}}})
    lab.settle()
    lab.spec(identities={"id-a": {**UAI, "federatedCredentials": {"cred": None}}})
    assert lab.apply().code == 0
    assert lab.arm.writes() == [("DELETE", "cred", None)]


def test_never_deleted_and_pruned_is_a_contradiction(lab: Lab) -> None:
    both = {**ACS, "lifecycle": {"preventDelete": True, "onRemoval": "delete"}}
    lab.spec(communicationServices={"acs-a": both})
    ran = lab.run("validate")
    assert ran.code == 3
    assert "ACS091" in ran.out
    lab.spec("onRemoval: delete", communicationServices={"acs-a": ACS})
    assert lab.run("validate").code == 0


def test_a_renamed_stack_keeps_what_it_has_marked(lab: Lab) -> None:
    lab.spec("onRemoval: delete", name="old", identities={"id-a": UAI, "id-b": UAI})
    lab.settle()
    (lab.folder / "specs" / "old.yaml").unlink()
    lab.spec("onRemoval: delete", name="new", identities={"id-a": UAI})
    ran = lab.plan("--prune")
    assert ran.code == 4
    assert "belongs to stack `old`" in ran.out
    assert "add `from: ref:stack/old//identities/id-a` to the `moved` list" in ran.out
    moved = "onRemoval: delete\nmoved: [{from: ref:stack/old}]"
    lab.spec(moved, name="new", identities={"id-a": UAI})
    assert lab.changes("--prune") == {
        "new/identities/id-a": "adopt",
        "old/identities/id-b": "delete",
    }
    assert "is marked as the stack's own, and no longer as that of `old`" in lab.plan().out
    assert lab.apply("--prune").code == 0
    assert lab.arm.get(identity("id-a"))["tags"] == {"reconciler-stack": "new"}
    lab.spec("onRemoval: delete", name="new", identities={"id-a": UAI})
    assert lab.plan("--prune").code == 0


def test_a_file_may_be_renamed_without_a_word(lab: Lab) -> None:
    path = lab.spec("onRemoval: delete", name="old", identities={"id-a": UAI})
    lab.settle()
    path.rename(path.with_name("elsewhere.yaml"))
    assert lab.plan("--prune").code == 0


def test_one_resource_moves_to_another_stack(lab: Lab) -> None:
    lab.spec("onRemoval: delete", name="old", identities={"id-a": UAI, "id-b": UAI})
    lab.settle()
    lab.spec("onRemoval: delete", name="old", identities={"id-b": UAI})
    moved = "onRemoval: delete\nmoved: [{from: 'ref:stack/old//identities/id-a'}]"
    lab.spec(moved, name="new", identities={"id-a": UAI})
    assert lab.changes("--prune") == {"new/identities/id-a": "adopt"}
    # The old stack alone must not take it for something that has left the specs.
    old = str(lab.folder / "specs" / "old.yaml")
    assert lab.changes("--prune", old) == {}
    assert lab.apply("--prune").code == 0
    assert lab.plan("--prune").code == 0


def test_what_is_still_described_has_not_moved(lab: Lab) -> None:
    lab.spec(name="old", identities={"id-a": UAI})
    lab.spec("moved: [{from: 'ref:stack/old//identities/id-a'}]", name="new")
    assert "ACS092" in lab.run("validate").out
    lab.spec("moved: [{from: ref:stack/old}]", name="new")
    assert "ACS092" in lab.run("validate").out
    lab.spec("moved: [{from: 'ref:stack/old//identities/id-z'}]", name="new")
    assert lab.run("validate").code == 0


def test_destroying_a_stack_leaves_what_was_there_before(lab: Lab) -> None:
    stranger = service("acs-stranger")
    lab.arm.put(stranger, {"location": "global", "properties": {"dataLocation": "UK"}})
    lab.arm.put(identity("id-shared"), UAI)
    before = lab.arm.send("GET", f"{GROUP}/resources")[1]
    everything: dict[str, Any] = {
        "identities": {
            "id-a": {
                **UAI,
                "federatedCredentials": {"cred": {"issuer": "https://i.test/", "subject": "s"}},
            }
        },
        "emailServices": {
            "mail": {
                **ACS,
                "domains": {
                    "AzureManagedDomain": {"management": "AzureManaged"},
                    "a.test": {
                        "management": "CustomerManaged",
                        "senderUsernames": {"billing": {}},
                        "suppressionLists": {"list-a": {"sender": "billing"}},
                    },
                },
            }
        },
        "communicationServices": {
            "acs-a": {
                **ACS,
                "identity": {
                    "systemAssigned": True,
                    "userAssigned": ["ref:identities/id-a", identity("id-shared")],
                },
                "linkedDomains": ["ref:emailServices/mail/domains/AzureManagedDomain"],
                "smtpUsernames": {
                    "smtp": {
                        "entraApplicationId": "ref:identities/id-a#clientId",
                        "tenantId": "ref:identities/id-a#tenantId",
                    }
                },
            }
        },
        "roleAssignments": {
            "r": {
                "role": "Reader",
                "principal": "ref:identities/id-a",
                "scope": "ref:communicationServices/acs-a",
            },
            "s": {
                "role": "Reader",
                "principal": "ref:communicationServices/acs-a",
                "scope": "resourceGroup",
            },
        },
    }
    lab.spec(**everything)
    lab.settle()
    refused = lab.apply("--destroy")
    assert refused.code == 4
    assert lab.arm.writes() == []
    lab.project(guards={"maxDeletes": 20, "maxDeletePercent": 100})
    lab.spec(LOOSE, **everything)
    ran = lab.apply("--destroy")
    assert ran.code == 0, ran.out + ran.out
    assert lab.arm.send("GET", f"{GROUP}/resources")[1] == before
    assignments = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments"
    assert lab.arm.send("GET", f"{assignments}?api-version=2022-04-01")[1]["value"] == []
    assert lab.plan("--destroy").code == 0
