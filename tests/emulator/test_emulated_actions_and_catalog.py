"""Actions of communication services, providers, and the list of all resources."""

from typing import Any
from urllib.parse import quote

import pytest

S = "/subscriptions/11111111-2222-3333-4444-555555555555"
KIND = "Microsoft.Communication/CommunicationServices"


def act(arm: Any, action: str, content: Any = None) -> Any:
    """POST an action to the service."""
    return arm.send("POST", arm.service_path().replace("?", f"/{action}?"), content)


def check(arm: Any, name: Any, kind: Any = KIND) -> Any:
    """Ask whether a name is free."""
    path = f"{S}/providers/Microsoft.Communication/checkNameAvailability?api-version=2025-09-01"
    return arm.send("POST", path, {"name": name, "type": kind})


def test_a_name_is_available_until_it_is_used_even_by_oneself(arm: Any) -> None:
    before = check(arm, "acs-1")
    arm.create_service()
    after = check(arm, "ACS-1")

    assert (before.status, before.content) == (200, {"nameAvailable": True})
    assert after.content == {
        "nameAvailable": False,
        "reason": "AlreadyExists",
        "message": "Resource name already exists",
    }


def test_a_name_that_breaks_the_rule_is_not_available(arm: Any) -> None:
    assert check(arm, "a_b").content["reason"] == "Invalid"


@pytest.mark.parametrize(("name", "kind"), [(1, KIND), ("a", "Microsoft.Web/sites"), ("a", None)])
def test_the_availability_of_something_else_is_not_told(arm: Any, name: Any, kind: Any) -> None:
    answer = check(arm, name, kind)

    assert (answer.status, answer.code) == (400, "HttpRequestPayloadAPISpecValidationFailed")


def test_keys_are_listed_and_regenerated_and_say_that_they_are_none(arm: Any) -> None:
    arm.create_service()
    host = "endpoint=https://acs-1.unitedstates.communication.azure.com/;accesskey="
    first = "not-a-key-of-the-emulator-primary-1"

    listed = act(arm, "listKeys")
    new = act(arm, "regenerateKey", {"keyType": "Primary"})

    assert listed.status == new.status == 200
    assert list(listed.content) == [
        "primaryKey", "secondaryKey", "primaryConnectionString", "secondaryConnectionString",
    ]  # fmt: skip
    assert listed.content["primaryKey"] == first
    assert listed.content["primaryConnectionString"] == host + first
    assert set(new.content) == {"primaryKey", "primaryConnectionString"}
    assert new.content["primaryKey"] == first.replace("-1", "-2")
    assert act(arm, "LISTKEYS").content == listed.content | new.content
    arm.service("DELETE")
    arm.create_service()
    assert act(arm, "listKeys").content == listed.content


@pytest.mark.parametrize("content", [None, {}, {"keyType": "Third"}])
def test_only_one_of_two_keys_is_regenerated(arm: Any, content: Any) -> None:
    arm.create_service()

    answer = act(arm, "regenerateKey", content)

    assert (answer.status, answer.code) == (400, "HttpRequestPayloadAPISpecValidationFailed")


def test_a_notification_hub_is_linked_and_survives_an_update(arm: Any) -> None:
    arm.create_service()
    hub = f"{S}/resourceGroups/g/providers/Microsoft.NotificationHubs/namespaces/n"

    linked = act(arm, "linkNotificationHub", {"resourceId": hub, "connectionString": "Endpoint"})
    refused = act(arm, "linkNotificationHub", {"resourceId": hub})
    arm.create_service()

    assert (linked.status, linked.content) == (200, {"resourceId": hub})
    assert refused.status == 400
    assert arm.service("GET").content["properties"]["notificationHubId"] == hub


def test_the_connection_string_of_a_hub_is_kept_nowhere(arm: Any) -> None:
    arm.create_service()
    act(arm, "linkNotificationHub", {"resourceId": "/h", "connectionString": "Endpoint=secret"})

    assert b"secret" not in arm.service("GET").body
    assert b"Endpoint" not in arm.send("GET", "/emulator/requests", headers={}).body


@pytest.mark.parametrize("action", ["listKeys", "regenerateKey", "linkNotificationHub"])
def test_an_action_on_a_missing_service_is_not_found(arm: Any, action: str) -> None:
    assert act(arm, action, {}).code == "ResourceNotFound"


def test_an_action_on_a_busy_service_is_a_conflict(polled: Any) -> None:
    polled.create_service()

    assert act(polled, "listKeys").code == "AnotherOperationInProgress"


@pytest.mark.parametrize("namespace", ["Microsoft.Communication", "microsoft.managedidentity"])
def test_a_provider_is_registered_and_tells_its_types_and_versions(
    arm: Any, namespace: str
) -> None:
    path = f"{S}/providers/{namespace}"

    shown = arm.send("GET", f"{path}?api-version=2021-04-01")
    registered = arm.send("POST", f"{path}/register?api-version=2021-04-01")

    assert (shown.status, registered.status) == (200, 200)
    assert registered.content == shown.content
    assert shown.content["registrationState"] == "Registered"
    versions = {
        kind["resourceType"].lower(): kind["apiVersions"] for kind in shown.content["resourceTypes"]
    }
    expected = {
        "microsoft.communication": ("emailservices/domains", "2026-03-18"),
        "microsoft.managedidentity": ("userassignedidentities", "2026-05-31"),
    }[namespace.lower()]
    assert versions[expected[0]][0] == expected[1]


def test_authorization_is_a_provider_too(arm: Any) -> None:
    answer = arm.send("GET", f"{S}/providers/Microsoft.Authorization?api-version=2021-04-01")

    kinds = [kind["resourceType"] for kind in answer.content["resourceTypes"]]
    assert kinds == ["permissions", "roleAssignments", "roleDefinitions"]


def resources(arm: Any, scope: str, text: str = "") -> list[str]:
    """Return type and name of the resources of a scope."""
    query = f"&$filter={quote(text)}" if text else ""
    page = arm.send("GET", f"{scope}/resources?api-version=2021-04-01{query}").content
    items = page["value"]
    while "nextLink" in page:
        page = arm.send("GET", page["nextLink"]).content
        items += page["value"]
    return [f"{item['type']} {item['name']}" for item in items]


def test_all_tracked_resources_are_listed_and_no_others(run: Any, connect: Any) -> None:
    arm = connect(run(page_size=2))
    arm.group()
    arm.group("Rg2")
    arm.create_service(tags={"a": "b"})
    arm.create_domain()
    arm.create_identity()

    names = resources(arm, S)

    assert names == [
        f"{KIND} Acs-1",
        "Microsoft.Communication/EmailServices Mail-1",
        "Microsoft.Communication/EmailServices/Domains Mail-1/Acs.Example.com",
        "Microsoft.ManagedIdentity/userAssignedIdentities id-1",
    ]
    assert resources(arm, f"{S}/resourceGroups/rg1") == names
    assert resources(arm, f"{S}/resourceGroups/rg2") == []
    assert resources(arm, S, f"resourceType eq '{KIND}'") == [names[0]]
    assert resources(arm, S, "resourceType eq 'Microsoft.Web/sites'") == []
    item = arm.send("GET", f"{S}/resources?api-version=2021-04-01").content["value"][0]
    assert set(item) == {"id", "name", "type", "location", "tags"}


def test_resources_of_a_missing_group_or_by_another_filter_are_refused(arm: Any) -> None:
    missing = arm.send("GET", f"{S}/resourceGroups/none/resources?api-version=2021-04-01")
    refused = arm.send("GET", f"{S}/resources?api-version=2021-04-01&$filter=x")

    assert [missing.code, refused.code] == ["ResourceGroupNotFound", "InvalidFilter"]


def test_the_tags_of_a_group_are_patched(arm: Any) -> None:
    path = f"{S}/resourceGroups/Rg1?api-version=2024-11-01"

    changed = arm.send("PATCH", path, {"tags": {"a": "b"}})
    empty = arm.send("PATCH", path, {})
    refused = arm.send("PATCH", path, [])
    missing = arm.send("PATCH", path.replace("Rg1", "none"), {})

    assert (changed.status, changed.content["tags"]) == (200, {"a": "b"})
    assert empty.content == changed.content == arm.send("GET", path).content
    assert [refused.code, missing.code] == ["InvalidRequestContent", "ResourceGroupNotFound"]
