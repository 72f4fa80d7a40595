"""Exports of what other clients have made, and the role assignments in them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from reconciler.app.exporting.exported_roles import Owned, exported_roles
from reconciler.kinds.role_assignment import ROLES
from reconciler.model.ids import ResourceId
from reconciler.model.resource import ObservedResource
from tests.conftest import GROUP, SUBSCRIPTION, Lab, Ran, identity, service
from tests.emulator.conftest import NoCredential, StaticToken

HERE = f"/subscriptions/{SUBSCRIPTION}"
TEAM = "7c1f0e6a-2a52-4c52-9f4a-0b8f3c1f7d10"
STRANGER = "9d9d9d9d-2a52-4c52-9f4a-0b8f3c1f7d10"
UAI = {"location": "westeurope"}
CONDITION = "@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'x'"


def name_of(number: int) -> str:
    """Return the name of an assignment that somebody else made."""
    return f"0a0a0a0a-1111-2222-3333-{number:012}"


def assign(
    lab: Lab, number: int, scope: str, principal: str, role: str = "Reader", **more: Any
) -> None:
    """Give a principal a role, as a script does that knows nothing of this tool."""
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name_of(number)}"
    role_id = f"/providers/Microsoft.Authorization/roleDefinitions/{ROLES.get(role, role)}"
    said = {"principalType": "ServicePrincipal", **more}
    body = {"properties": {"roleDefinitionId": role_id, "principalId": principal, **said}}
    lab.arm.put(f"{path}?api-version=2022-04-01", body)


def export(lab: Lab, *more: str) -> tuple[Ran, dict[str, Any]]:
    """Export to files, and return what each stack says of role assignments."""
    ran = lab.run(
        "export", "--subscription", SUBSCRIPTION, "--target", lab.arm.url, "--out", "specs", *more
    )
    found = {}
    for path in sorted((lab.folder / "specs").glob("*.yaml")):
        spec = yaml.safe_load(path.read_text(encoding="utf-8"))["spec"]
        found[path.stem] = spec.get("roleAssignments", {})
    return ran, found


@pytest.fixture
def world(lab: Lab) -> dict[str, str]:
    """Two groups with an identity each, and a service; their principals by name."""
    other = identity("id-b").replace("rg-test", "rg-other")
    lab.arm.group(GROUP.replace("rg-test", "rg-other"))
    lab.arm.put(identity("id-a"), UAI)
    lab.arm.put(other, UAI)
    lab.arm.put(
        service("acs-a"),
        {
            "location": "global",
            "properties": {"dataLocation": "Europe"},
            "identity": {"type": "SystemAssigned"},
        },
    )
    return {
        "id-a": lab.arm.get(identity("id-a"))["properties"]["principalId"],
        "id-b": lab.arm.get(other)["properties"]["principalId"],
        "acs-a": lab.arm.get(service("acs-a"))["identity"]["principalId"],
    }


def test_roles_are_exported_by_name_with_references_and_the_plan_is_empty(
    lab: Lab, world: dict[str, str]
) -> None:
    owner = "Communication and Email Service Owner"
    assign(lab, 1, service("acs-a").upper().replace("/SUBSCRIPTIONS/", "/subscriptions/"),
           world["id-a"].upper(), owner, description="Sends ${mail}.")  # fmt: skip
    assign(lab, 2, service("acs-a"), world["id-b"])
    assign(lab, 3, GROUP.lower().replace("resourcegroups", "resourceGroups"), world["acs-a"])
    assign(lab, 4, GROUP, TEAM, "Contributor", principalType="Group")
    assign(lab, 5, HERE, world["id-a"], "4a9ae827-6dc8-4573-8ac7-8239d42aa03f")
    assign(lab, 6, identity("id-a"), TEAM, principalType="Group",
           condition=CONDITION, conditionVersion="2.0")  # fmt: skip
    lab.arm.forget()
    ran, found = export(lab)
    assert ran.code == 0, ran.err
    assert "not exported" not in ran.err
    team = {"objectId": TEAM, "type": "Group"}
    assert found == {
        "rg-test": {
            "id-a-communication-and-email-service-owner": {
                "role": owner,
                "principal": "ref:identities/id-a",
                "scope": "ref:communicationServices/acs-a",
                "description": "Sends $${mail}.",
            },
            "id-a-4a9ae827-6dc8-4573-8ac7-8239d42aa03f": {
                "role": "4a9ae827-6dc8-4573-8ac7-8239d42aa03f",
                "principal": "ref:identities/id-a",
                "scope": HERE,
            },
            "acs-a-reader": {
                "role": "Reader",
                "principal": "ref:communicationServices/acs-a",
                "scope": "resourceGroup",
            },
            "group-7c1f0e6a-contributor": {
                "role": "Contributor",
                "principal": team,
                "scope": "resourceGroup",
            },
            "group-7c1f0e6a-reader": {
                "role": "Reader",
                "principal": team,
                "scope": "ref:identities/id-a",
                "condition": CONDITION,
            },
        },
        "rg-other": {
            "id-b-reader": {
                "role": "Reader",
                "principal": "ref:identities/id-b",
                "scope": "ref:stack/rg-test//communicationServices/acs-a",
            },
        },
    }
    assert lab.run("validate").code == 0
    again = lab.plan()
    assert again.code == 0, again.out
    assert lab.apply("-q").code == 0
    assert lab.arm.writes() == []


def test_roles_that_strangers_have_elsewhere_are_not_exported(
    lab: Lab, world: dict[str, str]
) -> None:
    del world
    lab.arm.group(GROUP.replace("rg-test", "rg-empty"))
    assign(lab, 1, HERE, STRANGER)
    assign(lab, 2, GROUP.replace("rg-test", "rg-empty"), STRANGER)
    ran, found = export(lab)
    assert ran.code == 0, ran.err
    assert found == {"rg-test": {}, "rg-other": {}}


def test_several_roles_of_one_sort_get_numbered_names(lab: Lab, world: dict[str, str]) -> None:
    for number, scope in enumerate((HERE, GROUP, service("acs-a"))):
        assign(lab, number, scope, world["id-a"])
    ran, found = export(lab)
    assert ran.code == 0, ran.err
    assert list(found["rg-test"]) == ["id-a-reader", "id-a-reader-2", "id-a-reader-3"]


def test_who_may_read_one_group_gets_its_roles_and_is_told(lab: Lab, world: dict[str, str]) -> None:
    assign(lab, 1, service("acs-a"), world["id-a"])
    assign(lab, 2, GROUP.replace("rg-test", "rg-other"), world["id-a"])
    whole = f"^{HERE}/providers/Microsoft.Authorization"
    lab.arm.fault(path=whole, times=None, status=403, code="AuthorizationFailed", message="no")
    ran, found = export(lab, "--resource-group", "rg-test")
    assert ran.code == 0, ran.err
    assert list(found["rg-test"]) == ["id-a-reader"]
    assert "not exported: roles that its identities have in other groups" in ran.err
    again, _ = export(lab, "--resource-group", "rg-other")
    assert again.code == 0, again.err


def test_roles_that_cannot_be_read_are_not_taken_for_none(lab: Lab, world: dict[str, str]) -> None:
    del world
    lab.arm.fault(path="roleAssignments", times=None, status=403, code="AuthorizationFailed")
    ran, found = export(lab, "--resource-group", "rg-test")
    assert (ran.code, found) == (1, {})
    assert "could not read roleAssignments" in ran.err
    assert export(lab)[0].code == 1


def test_a_role_that_no_spec_can_say_is_named_and_left_out(lab: Lab, world: dict[str, str]) -> None:
    assign(lab, 1, GROUP, world["id-a"])
    assign(lab, 2, GROUP, STRANGER, principalType="AgentUser")
    ran, found = export(lab)
    assert ran.code == 0, ran.err
    assert list(found["rg-test"]) == ["id-a-reader"]
    assert f"roleAssignments/{name_of(2)}: its principal is of the type `AgentUser`" in ran.err


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"principalType": None}, "its principal is of the type `unknown`"),
        ({"condition": "x", "conditionVersion": "1.0"}, "its condition is of version 1.0"),
        ({"condition": "x"}, "its condition is of version unknown"),
        ({"principalId": None}, "it has no role or no principal"),
    ],
)
def test_what_azure_may_hold_and_no_spec_can_say_has_its_reason(
    said: dict[str, Any], reason: str
) -> None:
    id_ = ResourceId(
        f"{service('acs-a')}/providers/Microsoft.Authorization/roleAssignments/{name_of(1)}"
    )
    properties = {
        "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{STRANGER}",
        "principalId": TEAM,
        "principalType": "Group",
        **said,
    }
    member = ObservedResource(ResourceId(service("acs-a")), "CommunicationService", {})
    owned = Owned({"mail": [member]}, {"mail": {member.id: "ref:communicationServices/acs-a"}})
    found = exported_roles({id_: {"id": id_.text, "properties": properties}}, owned)
    assert found.entries == {}
    assert found.left_out == (f"the role assignment {id_}: {reason}",)


def by_the_sdk(url: str) -> None:
    """Make a mail service, a domain and a sender as a program does that uses the SDK."""
    from azure.mgmt.communication import CommunicationServiceManagementClient
    from azure.mgmt.communication import models as m

    with CommunicationServiceManagementClient(
        NoCredential(),
        SUBSCRIPTION,
        base_url=url,
        authentication_policy=StaticToken(),
        polling_interval=0,
    ) as client:
        place = ("rg-test", "Mail-SDK")
        service_body = m.EmailServiceResource(
            location="Global", properties=m.EmailServiceProperties(data_location="United States")
        )
        client.email_services.begin_create_or_update(*place, service_body).result()
        domain = m.DomainResource(
            location="global",
            tags={"made-by": "sdk"},
            properties=m.DomainProperties(domain_management="CustomerManaged"),
        )
        client.domains.begin_create_or_update(*place, "Mail.Example.com", domain).result()
        for name in ("Billing", "donotreply"):
            sender = m.SenderUsernameResource(
                properties=m.SenderUsernameProperties(username=name, display_name="From ${env}")
            )
            client.sender_usernames.create_or_update(*place, "Mail.Example.com", name, sender)


def test_what_the_sdk_and_raw_requests_have_made_is_exported_and_planned_empty(lab: Lab) -> None:
    by_the_sdk(lab.arm.url)
    lab.arm.put(identity("Id_Raw"), {"location": "North Europe", "tags": {"Env": "017"}})
    credential = {"issuer": "https://issuer.test/", "subject": "no", "audiences": ["api://x"]}
    path = f"{identity('id_raw')}/federatedIdentityCredentials/Cred_1"
    lab.arm.put(path, {"properties": credential})
    mail = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail-sdk"
    domain = f"{mail}/domains/MAIL.example.com"
    lab.arm.put(f"{domain}/suppressionLists/List-1", {"properties": {"listName": "billing"}})
    lab.arm.put(
        service("ACS-Raw"),
        {
            "location": "global",
            "identity": {
                "type": "SystemAssigned, UserAssigned",
                "userAssignedIdentities": {identity("ID_RAW").lower(): {}},
            },
            "properties": {
                "dataLocation": "unitedstates",
                "linkedDomains": [domain.upper().replace("/SUBSCRIPTIONS/", "/subscriptions/")],
                "publicNetworkAccess": "Disabled",
            },
        },
    )  # fmt: skip
    smtp = {"username": "Someone", "entraApplicationId": TEAM, "tenantId": STRANGER}
    lab.arm.put(f"{service('acs-raw')}/smtpUsernames/Smtp-1", {"properties": smtp})
    assign(lab, 1, service("acs-RAW"), lab.arm.get(identity("id_raw"))["properties"]["principalId"])
    lab.arm.forget()
    ran, found = export(lab)
    assert ran.code == 0, ran.err
    text = (lab.folder / "specs" / "rg-test.yaml").read_text(encoding="utf-8")
    assert "/subscriptions/" not in text, "references instead of ids"
    assert found["rg-test"]["id_raw-reader"]["scope"] == "ref:communicationServices/ACS-Raw"
    assert lab.run("validate").code == 0
    again = lab.plan()
    assert again.code == 0, again.out
    assert lab.apply("-q").code == 0
    assert lab.arm.writes() == []
