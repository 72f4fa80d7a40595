"""A stack with every kind: from nothing, from half of it, and away again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.kinds import KINDS
from tests.conftest import GROUP, LOOSE, SUBSCRIPTION, Lab, identity, service

MAIL = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail-a"
DOMAIN = f"{MAIL}/domains/mail.contoso.com"
OWNER = "09976791-48a7-449e-bb21-39d1a415f350"

EVERYTHING: dict[str, Any] = {
    "tags": {"env": "test"},
    "identities": {
        "id-a": {
            "location": "westeurope",
            "federatedCredentials": {
                "github": {
                    "github": {"owner": "contoso@1", "repository": "notify@2", "branch": "main"}
                },
                "cluster": {
                    "kubernetes": {
                        "issuer": "https://issuer.test/1/",
                        "namespace": "mail",
                        "serviceAccount": "worker",
                    }
                },
                "raw": {"issuer": "https://issuer.test/2/", "subject": "Somebody"},
            },
        }
    },
    "emailServices": {
        "mail-a": {
            "dataLocation": "Europe",
            "domains": {
                "AzureManagedDomain": {"management": "AzureManaged"},
                "mail.contoso.com": {
                    "management": "CustomerManaged",
                    "userEngagementTracking": "Enabled",
                    "senderUsernames": {
                        "donotreply": {"displayName": "Contoso"},
                        "billing": {"displayName": "Contoso Billing"},
                        "plain": {},
                    },
                    "suppressionLists": {
                        "list-1": {"sender": "billing", "addresses": {"file": "suppressed.txt"}}
                    },
                },
            },
        }
    },
    "communicationServices": {
        "acs-a": {
            "dataLocation": "Europe",
            "identity": {"systemAssigned": True, "userAssigned": ["ref:identities/id-a"]},
            "linkedDomains": ["ref:emailServices/mail-a/domains/AzureManagedDomain"],
            "smtpUsernames": {
                "smtp-a": {
                    "entraApplicationId": "ref:identities/id-a#clientId",
                    "tenantId": "ref:identities/id-a#tenantId",
                }
            },
        }
    },
    "roleAssignments": {
        "worker-sends": {
            "role": "Communication and Email Service Owner",
            "principal": "ref:identities/id-a",
            "scope": "ref:communicationServices/acs-a",
            "description": "The worker sends mail.",
        },
        "service-reads": {
            "role": "Reader",
            "principal": "ref:communicationServices/acs-a",
            "scope": "resourceGroup",
        },
        "team-reads": {
            "role": "Reader",
            "principal": {"objectId": "7c1f0e6a-2a52-4c52-9f4a-0b8f3c1f7d10", "type": "Group"},
            "scope": f"/subscriptions/{SUBSCRIPTION}",
        },
    },
    "outputs": {"from": "ref:emailServices/mail-a/domains/AzureManagedDomain#fromSenderDomain"},
}


@pytest.fixture(autouse=True)
def addresses(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Provide the key and the file of the addresses."""
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", "a key of the tests")
    (workdir / "specs").mkdir()
    (workdir / "specs" / "suppressed.txt").write_text("a@example.com\nb@example.com\n")


DERIVED = {kind.name for kind in KINDS.values() if kind.derived} | {"DnsZone"}
"""Kinds that stand in no spec: they follow from a mail domain, and have stories of their own."""


def test_everything_has_every_kind(lab: Lab) -> None:
    lab.spec(**EVERYTHING)
    planned = lab.plan("-o", "json").json["changes"]
    kinds = {change["kind"] for change in planned} | {"ResourceGroup"}
    assert kinds == set(KINDS) - DERIVED


def test_everything_applies_to_nothing_and_the_next_plan_is_empty(lab: Lab) -> None:
    lab.spec(**EVERYTHING)
    ran = lab.apply()
    assert ran.code == 0, ran.out
    again = lab.plan()
    assert again.code == 0, again.out
    lab.arm.forget()
    assert lab.apply().code == 0
    assert lab.arm.writes() == []


def test_everything_applies_to_half_of_it(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), {"location": "West Europe"})
    lab.arm.put(
        f"{identity('id-a')}/federatedIdentityCredentials/raw",
        {
            "properties": {
                "issuer": "https://issuer.test/2/",
                "subject": "somebody",
                "audiences": ["api://AzureADTokenExchange"],
            }
        },
    )
    lab.arm.put(MAIL, {"location": "Global", "properties": {"dataLocation": "europe"}})
    customer = {"domainManagement": "CustomerManaged"}
    lab.arm.put(DOMAIN, {"location": "global", "properties": customer})
    sender = {"properties": {"username": "Billing", "displayName": "Somebody"}}
    lab.arm.put(f"{DOMAIN}/senderUsernames/Billing", sender)
    lab.arm.put(f"{DOMAIN}/suppressionLists/LIST-1", {"properties": {"listName": "BILLING"}})
    address = {"properties": {"email": "A@example.com"}}
    lab.arm.put(f"{DOMAIN}/suppressionLists/list-1/suppressionListAddresses/one", address)
    lab.arm.put(
        service("ACS-A"),
        {"location": "Global", "tags": {"Env": "x"}, "properties": {"dataLocation": "europe"}},
    )
    lab.arm.forget()
    lab.spec(**EVERYTHING)
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert lab.plan().code == 0
    subject = f"{identity('id-a')}/federatedIdentityCredentials/raw"
    assert lab.arm.get(subject)["properties"]["subject"] == "Somebody"


def test_values_known_only_after_apply_are_shown_so_and_filled_in(lab: Lab) -> None:
    lab.spec(**EVERYTHING)
    plan = lab.plan().out
    assert "+ principal      (known after apply)" in plan
    assert "+ entraApplicationId  (known after apply)" in plan
    lab.apply()
    principal = lab.arm.get(identity("id-a"))["properties"]["principalId"]
    status, found = lab.arm.send(
        "GET",
        f"{service('acs-a')}/providers/Microsoft.Authorization/roleAssignments"
        "?api-version=2022-04-01&$filter=atScope()",
    )
    assert status == 200
    here = [e for e in found["value"] if e["properties"]["scope"] == service("acs-a")]
    assert [e["properties"]["principalId"] for e in here] == [principal]
    smtp = lab.arm.get(f"{service('acs-a')}/smtpUsernames/smtp-a")
    assert (
        smtp["properties"]["entraApplicationId"]
        == lab.arm.get(identity("id-a"))["properties"]["clientId"]
    )


def test_a_value_known_only_after_apply_changes_what_is_there_already(lab: Lab) -> None:
    login = {"username": "printer", "entraApplicationId": OWNER, "tenantId": OWNER}
    wanted: dict[str, Any] = {"dataLocation": "Europe", "smtpUsernames": {"printer": login}}
    lab.spec(communicationServices={"acs-a": wanted})
    assert lab.apply().code == 0
    wanted["smtpUsernames"] = {
        "printer": {**login, "entraApplicationId": "ref:identities/id-a#clientId"}
    }
    lab.spec(
        communicationServices={"acs-a": wanted}, identities={"id-a": {"location": "westeurope"}}
    )
    assert f"~ entraApplicationId  {OWNER} -> (known after apply)" in lab.plan().out
    assert lab.apply().code == 0
    assert lab.plan().code == 0
    smtp = lab.arm.get(f"{service('acs-a')}/smtpUsernames/printer")
    assert (
        smtp["properties"]["entraApplicationId"]
        == lab.arm.get(identity("id-a"))["properties"]["clientId"]
    )


def test_an_equal_role_assignment_under_another_name_is_adopted(lab: Lab) -> None:
    lab.spec(**EVERYTHING | {"roleAssignments": {}})
    lab.settle()
    principal = lab.arm.get(identity("id-a"))["properties"]["principalId"]
    name = "0a0a0a0a-1111-2222-3333-444444444444"
    role = (
        f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}"
    )
    lab.arm.put(
        f"{service('acs-a')}/providers/Microsoft.Authorization/roleAssignments/{name}"
        "?api-version=2022-04-01",
        {
            "properties": {
                "roleDefinitionId": role,
                "principalId": principal,
                "principalType": "ServicePrincipal",
                "description": "old words",
            }
        },
    )
    lab.arm.forget()
    mine = {"worker-sends": EVERYTHING["roleAssignments"]["worker-sends"]}
    lab.spec(**EVERYTHING | {"roleAssignments": mine})
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert [(m, n) for m, n, _ in lab.arm.writes()] == [("PUT", name)]
    assert lab.plan().code == 0
    lab.spec(**EVERYTHING | {"roleAssignments": {"w": mine["worker-sends"] | {"remove": True}}})
    lab.arm.forget()
    assert lab.apply().code == 0
    assert [(m, n) for m, n, _ in lab.arm.writes()] == [("DELETE", name)]


def test_one_role_assignment_under_two_names_is_refused_with_both_places(lab: Lab) -> None:
    mine = EVERYTHING["roleAssignments"]["service-reads"]
    lab.spec(**EVERYTHING | {"roleAssignments": {"a": mine, "b": mine | {"scope": GROUP}}})
    ran = lab.run("validate")
    assert ran.code == 3
    assert "`test.b` is the same role assignment as `test.a`" in ran.out
    assert "declared here first" in ran.out


def test_an_update_of_a_sender_keeps_what_the_spec_does_not_manage(lab: Lab) -> None:
    lab.spec(**EVERYTHING)
    lab.settle()
    changed: Any = {"senderUsernames": {"billing": {"displayName": "Contoso Invoices"}}}
    domain = {"management": "CustomerManaged"} | changed
    mail = {"mail-a": {"dataLocation": "Europe", "domains": {"mail.contoso.com": domain}}}
    lab.spec(emailServices=mail)
    assert lab.apply().code == 0
    body = {"properties": {"username": "billing", "displayName": "Contoso Invoices"}}
    assert lab.arm.writes() == [("PUT", "billing", body)]


def test_credentials_of_one_identity_are_written_one_at_a_time(lab: Lab) -> None:
    credentials = {
        f"c-{i}": {"issuer": "https://issuer.test/", "subject": f"s-{i}"} for i in range(8)
    }
    lab.spec(identities={"id-a": {"location": "westeurope", "federatedCredentials": credentials}})
    lab.arm.fault(method="PUT", path="federatedIdentityCredentials", times=None, delay=0.03)
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert "Concurrent" not in ran.err
    lab.arm.mend()
    lab.arm.forget()
    lab.spec(
        identities={
            "id-a": {"location": "westeurope", "federatedCredentials": dict.fromkeys(credentials)}
        }
    )
    lab.project(guards={"maxDeletes": 10, "maxDeletePercent": 100})
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert "Concurrent" not in ran.err


def test_a_failed_credential_does_not_hold_up_its_siblings(lab: Lab) -> None:
    credentials = {
        f"c-{i}": {"issuer": "https://issuer.test/", "subject": f"s-{i}"} for i in range(4)
    }
    lab.spec(identities={"id-a": {"location": "westeurope", "federatedCredentials": credentials}})
    lab.arm.fault(method="PUT", path="/c-1", status=400, code="BadRequest", message="no")
    ran = lab.apply()
    assert ran.code == 1
    assert ran.out.count("  done  ") == 4
    assert ran.out.count("  skipped") == 0


def test_a_stack_is_taken_down_in_the_right_order(lab: Lab) -> None:
    lab.spec(**EVERYTHING)
    lab.settle()
    lab.project(guards={"maxDeletes": 20, "maxDeletePercent": 100})
    assignments = {
        name: entry | {"remove": True}
        for name, entry in EVERYTHING["roleAssignments"].items()
        if name == "team-reads"
    }
    lab.spec(
        LOOSE,
        identities={"id-a": None},
        emailServices={"mail-a": None},
        communicationServices={"acs-a": None},
        roleAssignments=assignments,
    )
    ran = lab.apply()
    assert ran.code == 0, ran.out
    order = [n for _, n, _ in lab.arm.writes()]
    assert order.index("acs-a") < order.index("AzureManagedDomain") < order.index("mail-a")
    assert order.index("acs-a") < order.index("id-a")
    for gone in (service("acs-a"), identity("id-a"), MAIL):
        assert lab.arm.get(gone) is None
    assert lab.plan().code == 0


def test_an_identity_goes_after_its_role_assignments(lab: Lab) -> None:
    role = {"role": "Reader", "principal": "ref:identities/id-a", "scope": "resourceGroup"}
    lab.spec(identities={"id-a": {"location": "westeurope"}}, roleAssignments={"r": role})
    lab.settle()
    lab.arm.fault(method="DELETE", path="roleAssignments", delay=0.3)
    lab.spec(LOOSE, identities={"id-a": None}, roleAssignments={"r": role | {"remove": True}})
    ran = lab.apply()
    assert ran.code == 0, ran.out + ran.err
    done = [line for line in ran.err.splitlines() if line.startswith("  done")]
    assert ["roleAssignments" in done[0], "identities" in done[1]] == [True, True]
    assert lab.plan().code == 0


def test_a_domain_that_is_linked_elsewhere_is_not_deleted(lab: Lab) -> None:
    lab.spec(**EVERYTHING)
    lab.settle()
    lab.project(guards={"maxDeletes": 20, "maxDeletePercent": 100})
    lab.spec(LOOSE, emailServices={"mail-a": None})
    ran = lab.apply()
    assert ran.code == 4
    assert "`acs-a` still uses it" in ran.out
    assert lab.arm.writes() == []


@pytest.mark.parametrize("form", ["list", "include"])
def test_links_are_exact_as_a_list_and_shared_as_include(lab: Lab, form: str) -> None:
    second = {"management": "CustomerManaged"}
    mail = {
        "mail-a": {
            "dataLocation": "Europe",
            "domains": {"AzureManagedDomain": {"management": "AzureManaged"}, "b.test": second},
        }
    }
    azure, other = f"{MAIL}/domains/AzureManagedDomain", f"{MAIL}/domains/b.test"
    acs: dict[str, Any] = {"dataLocation": "Europe"}
    lab.spec(emailServices=mail, communicationServices={"acs-a": acs})
    lab.settle()
    lab.arm.patch(service("acs-a"), {"properties": {"linkedDomains": [other.lower()]}})
    lab.arm.forget()
    reference = ["ref:emailServices/mail-a/domains/AzureManagedDomain"]
    links: Any = reference if form == "list" else {"include": reference}
    lab.spec(emailServices=mail, communicationServices={"acs-a": acs | {"linkedDomains": links}})
    ran = lab.apply()
    assert ran.code == 0, ran.out
    live = lab.arm.get(service("acs-a"))["properties"]["linkedDomains"]
    wanted = {azure.lower()} | ({other.lower()} if form == "include" else set())
    assert {text.lower() for text in live} == wanted
    assert lab.plan().code == 0


def test_a_resource_group_may_be_created_with_the_stack(lab: Lab) -> None:
    path = lab.spec(communicationServices={"acs-a": {"dataLocation": "Europe"}})
    text = path.read_text(encoding="utf-8").replace(
        "{existing: rg-test}", "{name: rg-made, location: westeurope, tags: {a: b}}"
    )
    path.write_text(text, encoding="utf-8")
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert [(m, n) for m, n, _ in lab.arm.writes()] == [("PUT", "rg-made"), ("PUT", "acs-a")]
    assert lab.plan().code == 0
    path.write_text(text.replace("{a: b}", "{a: c}"), encoding="utf-8")
    lab.arm.forget()
    assert lab.apply().code == 0
    assert lab.arm.writes() == [("PATCH", "rg-made", {"tags": {"a": "c"}})]
    assert lab.plan().code == 0


def test_a_principal_that_is_not_there_and_will_not_be_is_refused(lab: Lab) -> None:
    lab.spec(
        communicationServices={"acs-a": {"dataLocation": "Europe"}},
    )
    lab.settle()
    lab.spec(
        communicationServices={"acs-a": {"dataLocation": "Europe"}},
        roleAssignments={
            "r": {
                "role": "Reader",
                "principal": "ref:communicationServices/acs-a",
                "scope": "resourceGroup",
            }
        },
    )
    ran = lab.apply()
    assert ran.code == 4
    assert "turn its system-assigned identity on" in ran.out
    assert lab.arm.writes() == []


def test_everything_that_was_exported_is_valid_and_its_plan_is_empty(lab: Lab) -> None:
    lab.spec(**EVERYTHING)
    lab.settle()
    (lab.folder / "specs" / "test.yaml").unlink()
    ran = lab.run(
        "export", "--subscription", SUBSCRIPTION, "--target", lab.arm.url, "--out", "specs"
    )
    assert ran.code == 0, ran.err
    again = lab.plan()
    assert again.code == 0, again.out


def test_a_role_assignment_follows_a_replaced_scope(lab: Lab) -> None:
    lab.spec(**EVERYTHING)
    lab.settle()
    acs: Any = EVERYTHING["communicationServices"]["acs-a"] | {
        "dataLocation": "UK",
        "linkedDomains": [],
        "lifecycle": {"preventReplace": False, "until": "2999-01-01"},
    }
    lab.spec(**EVERYTHING | {"communicationServices": {"acs-a": acs}})
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert lab.plan().code == 0


def test_a_role_may_wait_for_a_system_identity_that_is_switched_on(lab: Lab) -> None:
    acs: Any = {"dataLocation": "Europe"}
    lab.spec(communicationServices={"acs-a": acs})
    lab.settle()
    lab.spec(
        communicationServices={"acs-a": acs | {"identity": {"systemAssigned": True}}},
        roleAssignments={
            name: {
                "role": "Reader",
                "principal": "ref:communicationServices/acs-a",
                "scope": scope,
            }
            for name, scope in (
                ("on-subscription", f"/subscriptions/{SUBSCRIPTION}"),
                ("on-itself", "ref:communicationServices/acs-a"),
            )
        },
    )
    ran = lab.apply()
    assert ran.code == 0, ran.out
    order = [m for m, _, _ in lab.arm.writes()]
    assert order == ["PATCH", "PUT", "PUT"]
    assert "failed, next in" not in ran.err
    assert lab.plan().code == 0


def test_a_role_whose_principal_cannot_be_read_is_neither_made_nor_removed(lab: Lab) -> None:
    lab.spec(**EVERYTHING)
    lab.settle()
    denied = {"status": 403, "code": "AuthorizationFailed", "message": "no"}
    lab.arm.fault(method="GET", path="userAssignedIdentities", times=None, **denied)
    plan = lab.plan("-o", "json").json
    actions = {c["address"]: c["action"] for c in plan["changes"]}
    assert actions["test/roleAssignments/worker-sends"] == "blocked"
    assert plan["complete"] is False


def test_pruning_takes_an_email_service_with_its_domains(lab: Lab) -> None:
    mail = {"emailServices": EVERYTHING["emailServices"]}
    lab.spec("onRemoval: delete", **mail)
    lab.settle()
    lab.project(guards={"maxDeletes": 9, "maxDeletePercent": 100})
    lab.spec("onRemoval: delete", identities={"id-a": {"location": "westeurope"}})
    ran = lab.apply("--prune")
    assert ran.code == 0, ran.out
    deleted = [n for m, n, _ in lab.arm.writes() if m == "DELETE"]
    assert deleted[-1] == "mail-a"
    assert sorted(deleted) == ["AzureManagedDomain", "mail-a", "mail.contoso.com"]
    assert lab.plan("--prune").code == 0


def test_a_stranger_inside_keeps_its_parent_from_being_pruned(lab: Lab) -> None:
    lab.spec("onRemoval: delete", emailServices={"mail-a": {"dataLocation": "Europe"}})
    lab.settle()
    lab.arm.put(
        DOMAIN, {"location": "global", "properties": {"domainManagement": "CustomerManaged"}}
    )
    lab.arm.forget()
    lab.spec("onRemoval: delete", identities={"id-a": {"location": "westeurope"}})
    ran = lab.apply("--prune")
    assert ran.code == 4
    assert "`mail.contoso.com` still uses it" in ran.out
    assert lab.arm.writes() == []


def test_a_resource_group_is_never_replaced(lab: Lab) -> None:
    path = lab.spec(communicationServices={"acs-a": {"dataLocation": "Europe"}})
    text = path.read_text(encoding="utf-8").replace(
        "{existing: rg-test}", "{name: rg-test, location: northeurope}"
    )
    path.write_text(text, encoding="utf-8")
    ran = lab.apply()
    assert ran.code == 4
    assert "mend: put the old value back\n" in ran.out
    assert lab.arm.writes() == []


def test_a_role_of_an_earlier_stack_may_wait_for_an_identity_of_a_later_one(lab: Lab) -> None:
    acs: Any = {"dataLocation": "Europe"}
    lab.spec(name="z-services", communicationServices={"acs-a": acs})
    lab.settle()
    with_identity = acs | {"identity": {"systemAssigned": True}}
    lab.spec(name="z-services", communicationServices={"acs-a": with_identity})
    principal = "ref:stack/z-services//communicationServices/acs-a"
    scope = f"/subscriptions/{SUBSCRIPTION}"
    role = {"role": "Reader", "principal": principal, "scope": scope}
    lab.spec(name="a-roles", roleAssignments={"r": role})
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert lab.plan().code == 0


def test_a_role_of_an_identity_that_is_switched_off_is_refused(lab: Lab) -> None:
    role = {"role": "Reader", "principal": "ref:communicationServices/acs-a"}
    acs: Any = {"dataLocation": "Europe", "identity": {"systemAssigned": True}}
    assignments = {"r": role | {"scope": "resourceGroup"}}
    lab.spec(communicationServices={"acs-a": acs}, roleAssignments=assignments)
    lab.settle()
    acs = acs | {"identity": {"systemAssigned": False}}
    lab.spec(communicationServices={"acs-a": acs}, roleAssignments=assignments)
    ran = lab.apply()
    assert ran.code == 4
    assert "`principal` is the principalId of `acs-a`, which has none" in ran.out
    assert lab.arm.writes() == []


def test_a_changed_role_points_at_the_one_that_it_leaves_behind(lab: Lab) -> None:
    role = {"role": "Contributor", "principal": "ref:identities/id-a", "scope": "resourceGroup"}
    spec: Any = {"identities": {"id-a": {"location": "westeurope"}}}
    lab.spec(**spec, roleAssignments={"r": role})
    lab.settle()
    lab.spec(**spec, roleAssignments={"r": role | {"role": "Reader"}})
    note = "the principal also has the role Contributor here, which no spec names"
    assert note in lab.plan().out
    gone = {"old": role | {"remove": True}}
    lab.spec(**spec, roleAssignments={"r": role | {"role": "Reader"}, **gone})
    assert note not in lab.plan().out
    assert lab.apply().code == 0
