"""roleAssignments and roleDefinitions of Microsoft.Authorization."""

import uuid
from typing import Any
from urllib.parse import quote

import pytest

S = "/subscriptions/11111111-2222-3333-4444-555555555555"
GROUP = f"{S}/resourceGroups/Rg1"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-1"
SERVICE = f"{GROUP}/providers/Microsoft.Communication/communicationServices/Acs-1"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
STRANGER = "99999999-aaaa-bbbb-cccc-dddddddddddd"


def name(number: int) -> str:
    """Return the name of an assignment, after a slash."""
    return f"/{uuid.UUID(int=number)}"


def content(principal: str, role: str = READER, **more: Any) -> dict[str, Any]:
    """Return the body of an assignment."""
    role = f"/providers/Microsoft.Authorization/roleDefinitions/{role}"
    return {"properties": {"roleDefinitionId": role, "principalId": principal} | more}


@pytest.fixture
def principal(arm: Any) -> str:
    """The principal of the identity ``id-1``."""
    arm.create_identity()
    return str(arm.identity("GET").content["properties"]["principalId"])


def listed(arm: Any, scope: str, text: str = "") -> list[str]:
    """Return the last digits of the names in a list."""
    query = f"?$filter={quote(text)}" if text else ""
    return [item["name"][-1] for item in arm.role("GET", scope, query).content["value"]]


def test_an_assignment_is_created_read_and_deleted_as_recorded(arm: Any, principal: str) -> None:
    created = arm.role("PUT", IDENTITY, name(1), content(principal))
    seen = arm.role("GET", IDENTITY.lower(), name(1))
    deleted = arm.role("DELETE", IDENTITY, name(1))

    assert [created.status, seen.status, deleted.status] == [201, 200, 200]
    properties = seen.content["properties"]
    assert properties.pop("createdOn") == properties.pop("updatedOn")
    creator = properties.pop("createdBy")
    assert creator == properties.pop("updatedBy")
    assert properties == {
        "roleDefinitionId": f"{S}/providers/Microsoft.Authorization/roleDefinitions/{READER}",
        "principalId": principal,
        "principalType": "ServicePrincipal",
        "scope": IDENTITY,
        "condition": None,
        "conditionVersion": None,
        "delegatedManagedIdentityResourceId": None,
        "description": None,
    }
    assert seen.content["id"] == (
        f"{IDENTITY}/providers/Microsoft.Authorization/roleAssignments{name(1)}"
    )
    assert seen.content["type"] == "Microsoft.Authorization/roleAssignments"
    assert created.content["properties"]["createdBy"] is None
    assert deleted.content["properties"]["createdBy"] == creator
    missing = arm.role("GET", IDENTITY, name(1))
    assert (missing.status, missing.code) == (404, "RoleAssignmentNotFound")
    message = f"The role assignment '{name(1)[1:]}' is not found."
    assert missing.content["error"]["message"] == message
    assert arm.role("DELETE", IDENTITY, name(1)).status == 204


@pytest.mark.parametrize(
    "scope",
    [
        S,
        GROUP,
        IDENTITY,
        f"{GROUP}/providers/Microsoft.Storage/storageAccounts/one",
        f"{GROUP}/providers/Microsoft.Storage/storageAccounts/one/blobServices/default",
    ],
)
def test_a_role_is_assigned_at_any_scope(arm: Any, principal: str, scope: str) -> None:
    created = arm.role("PUT", scope, name(1), content(principal))
    again = arm.role("PUT", scope, name(1), content(principal))

    assert [created.status, again.status] == [201, 200]
    assert created.content["properties"]["scope"] == scope
    assert arm.role("GET", scope, name(1)).content == again.content
    assert listed(arm, scope) == ["1"]


def test_a_domain_is_a_scope_too(arm: Any, principal: str) -> None:
    domain = arm.create_domain().content["id"]

    assert arm.role("PUT", domain, name(1), content(principal)).status == 201
    assert listed(arm, domain) == ["1"]


def test_a_scope_that_does_not_exist_is_refused(arm: Any, principal: str) -> None:
    answers = [
        arm.role("PUT", f"{S}/resourceGroups/none", name(1), content(principal)),
        arm.role("GET", f"{S}/resourceGroups/none"),
        arm.role("PUT", SERVICE, name(1), content(principal)),
    ]

    assert [answer.code for answer in answers] == [
        "ResourceGroupNotFound", "ResourceGroupNotFound", "ResourceNotFound",
    ]  # fmt: skip


def test_only_description_and_condition_can_be_changed(arm: Any, principal: str) -> None:
    arm.role("PUT", GROUP, name(1), content(principal))
    condition = {"condition": "@Resource[x] StringEquals 'y'", "conditionVersion": "2.0"}

    changed = arm.role("PUT", GROUP, name(1), content(principal, description="why", **condition))
    refused = [
        arm.role("PUT", GROUP, name(1), content(principal, OWNER)),
        arm.role("PUT", GROUP, name(1), content(STRANGER)),
        arm.role("PUT", GROUP, name(1), content(principal, principalType="User")),
        arm.role("PUT", S, name(1), content(principal)),
    ]

    assert changed.status == 200
    assert changed.content["properties"]["description"] == "why"
    assert {answer.status for answer in refused} == {400}
    assert {answer.code for answer in refused} == {"RoleAssignmentUpdateNotPermitted"}
    assert arm.role("GET", GROUP, name(1)).content == changed.content


def test_a_role_is_assigned_to_a_principal_at_a_scope_only_once(arm: Any, principal: str) -> None:
    arm.role("PUT", GROUP, name(1), content(principal))

    twin = arm.role("PUT", GROUP.upper().replace("RESOURCEGROUPS", "resourceGroups"), name(2),
                    content(principal.upper()))  # fmt: skip
    others = [
        arm.role("PUT", GROUP, name(3), content(principal, OWNER)),
        arm.role("PUT", S, name(4), content(principal)),
    ]

    assert (twin.status, twin.code) == (409, "RoleAssignmentExists")
    assert twin.content["error"]["message"] == (
        "The role assignment already exists. The ID of the existing role assignment is "
        f"{uuid.UUID(int=1).hex}."
    )
    assert [answer.status for answer in others] == [201, 201]


@pytest.mark.parametrize(
    "properties",
    [
        {"roleDefinitionId": None},
        {"roleDefinitionId": "Reader"},
        {"principalId": None},
        {"principalId": "somebody"},
        {"principalType": "Robot"},
        {"condition": "x"},
        {"conditionVersion": "2.0"},
        {"condition": "x", "conditionVersion": "1.0"},
        {"description": 1},
    ],
)
def test_a_malformed_assignment_is_refused(arm: Any, principal: str, properties: Any) -> None:
    body = content(principal)
    body["properties"] |= properties

    answer = arm.role("PUT", GROUP, name(1), body)

    assert (answer.status, answer.code) == (400, "BadRequestFormat")
    assert arm.role("PUT", GROUP, name(1), {}).code == "BadRequestFormat"


def test_the_name_of_an_assignment_is_a_guid(arm: Any, principal: str) -> None:
    answer = arm.role("PUT", GROUP, "/me", content(principal))

    assert (answer.status, answer.code) == (400, "InvalidRoleAssignmentId")


def test_lists_have_what_is_above_at_and_below_unless_filtered(arm: Any, principal: str) -> None:
    arm.create_identity("id-2")
    other = arm.identity("GET", "id-2").content["properties"]["principalId"]
    for number, scope in enumerate((S, GROUP, IDENTITY), 1):
        arm.role("PUT", scope, name(number), content(principal))
    arm.role("PUT", GROUP, name(4), content(other))
    arm.group("Rg12")
    arm.role("PUT", f"{GROUP}2", name(5), content(principal))

    assert sorted(listed(arm, S)) == ["1", "2", "3", "4", "5"]
    assert sorted(listed(arm, GROUP)) == ["1", "2", "3", "4"]
    assert sorted(listed(arm, IDENTITY)) == ["1", "2", "3", "4"]
    assert sorted(listed(arm, S, "atScope()")) == ["1"]
    assert sorted(listed(arm, GROUP, "atScope()")) == ["1", "2", "4"]
    assert sorted(listed(arm, GROUP, f"principalId eq '{principal}'")) == ["1", "2", "3"]
    assert sorted(listed(arm, GROUP, f"assignedTo('{other.upper()}')")) == ["4"]
    both = f"atScope() and assignedTo('{principal}')"
    assert sorted(listed(arm, GROUP, both)) == ["1", "2"]


def test_a_filter_that_is_not_known_is_refused(arm: Any) -> None:
    answer = arm.role("GET", GROUP, "?$filter=" + quote("roleName eq 'Reader'"))

    assert (answer.status, answer.code) == (400, "InvalidFilter")


def test_a_filtered_list_is_paged_and_the_link_keeps_the_filter(run: Any, connect: Any) -> None:
    arm = connect(run(page_size=2))
    arm.group()
    arm.settings(unknownPrincipals="accept")
    for number in range(1, 6):
        role = str(uuid.UUID(int=number))
        arm.role("PUT", GROUP, name(number), content(STRANGER, role))
    page = arm.role("GET", GROUP, "?$filter=" + quote(f"principalId eq '{STRANGER}'")).content
    names = [item["name"][-1] for item in page["value"]]
    while "nextLink" in page:
        assert STRANGER in page["nextLink"]
        page = arm.send("GET", page["nextLink"]).content
        names += [item["name"][-1] for item in page["value"]]

    assert names == ["1", "2", "3", "4", "5"]


def test_an_unknown_principal_is_refused_unless_its_type_is_given(arm: Any) -> None:
    refused = arm.role("PUT", GROUP, name(1), content(STRANGER))
    accepted = arm.role("PUT", GROUP, name(1), content(STRANGER, principalType="Group"))

    assert (refused.status, refused.code) == (400, "PrincipalNotFound")
    assert STRANGER.replace("-", "") in refused.content["error"]["message"]
    assert accepted.status == 201
    assert accepted.content["properties"]["principalType"] == "Group"


def test_unknown_principals_can_be_accepted_or_refused_altogether(arm: Any) -> None:
    arm.settings(unknownPrincipals="accept")
    accepted = arm.role("PUT", GROUP, name(1), content(STRANGER))
    arm.settings(unknownPrincipals="refuse")
    refused = arm.role("PUT", S, name(2), content(STRANGER, principalType="User"))

    assert accepted.content["properties"]["principalType"] == "User"
    assert (refused.status, refused.code) == (400, "PrincipalNotFound")


def test_foreign_principals_are_declared(arm: Any) -> None:
    declared = [{"principalId": STRANGER.upper(), "principalType": "Group"}]
    assert arm.send("PUT", "/emulator/principals", declared, headers={}).status == 204

    wrong = arm.role("PUT", GROUP, name(1), content(STRANGER, principalType="User"))
    right = arm.role("PUT", GROUP, name(1), content(STRANGER))

    assert (wrong.status, wrong.code) == (400, "UnmatchedPrincipalType")
    assert right.content["properties"]["principalType"] == "Group"


def test_the_principal_of_a_system_identity_is_known(arm: Any) -> None:
    arm.create_service(identity={"type": "SystemAssigned"})
    principal = arm.service("GET").content["identity"]["principalId"]

    answer = arm.role("PUT", GROUP, name(1), content(principal))

    assert answer.content["properties"]["principalType"] == "ServicePrincipal"


def test_a_principal_just_created_is_not_found_at_first(arm: Any, principal: str) -> None:
    arm.settings(principalDelay=2)
    sent = content(principal, principalType="ServicePrincipal")

    answers = [arm.role("PUT", GROUP, name(1), sent) for _ in range(4)]

    assert [answer.status for answer in answers] == [400, 400, 201, 200]
    assert answers[0].code == "PrincipalNotFound"


def test_assignments_outlive_their_principal_but_not_their_scope(arm: Any, principal: str) -> None:
    arm.role("PUT", GROUP, name(1), content(principal))
    arm.role("PUT", IDENTITY, name(2), content(principal))

    arm.identity("DELETE")
    arm.create_identity()

    assert listed(arm, S) == ["1"]
    other = arm.identity("GET").content["properties"]["principalId"]
    reused = arm.role("PUT", GROUP, name(1), content(other))
    assert reused.code == "RoleAssignmentUpdateNotPermitted"
    path = f"{GROUP}?api-version=2024-11-01"
    arm.send("DELETE", path)
    assert listed(arm, S) == []


@pytest.mark.parametrize(
    "change",
    [
        {"checkLinks": 1},
        {"unknownPrincipals": "maybe"},
        {"principalDelay": -1},
        {"principalDelay": True},
        {"colour": "red"},
        {"authorization": "yes"},
        {"dns": "resolver.example.com"},
        {"dns": "127.0.0.1:0"},
        {"dns": 53},
        {"verificationSeconds": -1},
        {"verificationSeconds": True},
        {"verificationWindow": "5"},
    ],
)
def test_settings_that_make_no_sense_change_nothing(arm: Any, change: Any) -> None:
    answer = arm.settings(**{"checkLinks": True} | change)

    assert (answer.status, answer.code) == (400, "EmulatorInvalidControlRequest")
    assert arm.send("GET", "/emulator/settings", headers={}).content == {
        "authorization": False,
        "checkLinks": False,
        "consistency": "immediate",
        "unknownPrincipals": "unlessTyped",
        "principalDelay": 0,
        "keepUnknown": False,
        "dns": None,
        "verificationSeconds": 0,
        "verificationWindow": 0,
    }


@pytest.mark.parametrize("declared", [{}, [1], [{"principalType": "User"}], [{"principalId": 1}]])
def test_principals_are_declared_as_a_list(arm: Any, declared: Any) -> None:
    answer = arm.send("PUT", "/emulator/principals", declared, headers={})

    assert (answer.status, answer.code) == (400, "EmulatorInvalidControlRequest")


def test_a_reset_restores_the_settings(arm: Any) -> None:
    arm.settings(checkLinks=True, principalDelay=3, unknownPrincipals="accept")

    arm.send("POST", "/emulator/reset", headers={})

    assert arm.send("GET", "/emulator/settings", headers={}).content["principalDelay"] == 0


def definitions(arm: Any, tail: str, scope: str = S) -> Any:
    """GET role definitions."""
    path = f"{scope}/providers/Microsoft.Authorization/roleDefinitions{tail}"
    joint = "&" if "?" in path else "?"
    return arm.send("GET", f"{path}{joint}api-version=2022-04-01")


def test_a_built_in_role_is_found_by_guid_and_by_name(arm: Any) -> None:
    by_guid = definitions(arm, f"/{READER}")
    by_name = definitions(arm, "?$filter=" + quote("roleName eq 'reader'"), GROUP)

    assert by_guid.content["properties"]["roleName"] == "Reader"
    assert by_guid.content["name"] == READER
    assert by_guid.content["id"].startswith(f"{S}/providers/Microsoft.Authorization/")
    assert by_name.content == {"value": [by_guid.content]}
    assert definitions(arm, "?$filter=" + quote("roleName eq 'none'")).content == {"value": []}
    assert len(definitions(arm, "").content["value"]) == 12


def test_a_role_that_is_not_there_is_not_found(arm: Any) -> None:
    answer = definitions(arm, f"/{STRANGER}")

    assert (answer.status, answer.code) == (404, "RoleDefinitionDoesNotExist")
    assert definitions(arm, "?$filter=x").code == "InvalidFilter"


@pytest.mark.parametrize("kind", ["roleAssignments", "roleDefinitions"])
def test_other_versions_and_methods_are_not_there(arm: Any, kind: str) -> None:
    path = f"{GROUP}/providers/Microsoft.Authorization/{kind}"

    assert arm.send("GET", f"{path}?api-version=2024-11-30").code == "InvalidResourceType"
    assert arm.send("POST", f"{path}?api-version=2022-04-01").status == 501
    assert arm.send("PATCH", f"{path}/{READER}?api-version=2022-04-01").status == 501
