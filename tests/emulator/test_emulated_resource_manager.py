"""What ARM itself answers: lists of all resources, tags, tenants, providers, system identities."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.emulator.conftest import GROUP, SUBSCRIPTION

SUB = f"/subscriptions/{SUBSCRIPTION}"
VERSION = "api-version=2024-11-01"


@pytest.fixture
def stocked(arm: Any) -> Any:
    """A client of an emulator with a service, an identity and a domain in two groups."""
    arm.create_service(tags={"Env": "Prod"})
    arm.create_identity()
    arm.create_domain()
    arm.group("Rg2")
    path = arm.identity_path("id-2").replace("Rg1", "Rg2")
    assert arm.send("PUT", path, {"location": "uksouth", "tags": {"env": "test"}}).status == 201
    return arm


@pytest.mark.parametrize(
    ("clause", "names"),
    [
        ("", ["Acs-1", "Mail-1", "Mail-1/Acs.Example.com", "id-1", "id-2"]),
        ("resourceGroup eq 'RG2'", ["id-2"]),
        ("resourceType eq 'Microsoft.ManagedIdentity/userAssignedIdentities'", ["id-1", "id-2"]),
        ("tagName eq 'env'", ["Acs-1", "id-2"]),
        ("tagName eq 'ENV' and tagValue eq 'prod'", ["Acs-1"]),
        ("tagValue eq 'test'", ["id-2"]),
        ("name eq 'ID-1' and location eq 'westeurope'", ["id-1"]),
        ("name eq 'id-1' and location eq 'uksouth'", []),
        ("resourceType eq 'Microsoft.Web/sites'", []),
    ],
)
def test_all_resources_are_listed_by_filter(stocked: Any, clause: str, names: list[str]) -> None:
    answer = stocked.send("GET", f"{SUB}/resources?{VERSION}&$filter={quote(clause)}")

    assert [entry["name"] for entry in answer.content["value"]] == names


def test_a_filter_that_is_not_known_is_refused(stocked: Any) -> None:
    path = f"{SUB}/resources?{VERSION}&$filter={quote('identity ne null')}"

    assert stocked.send("GET", path).code == "InvalidFilter"


def test_times_and_states_are_shown_when_they_are_asked_for(stocked: Any) -> None:
    expanded = "$expand=createdTime,changedTime,provisioningState"
    bare = stocked.send("GET", f"{GROUP}/resources?{VERSION}").content["value"][0]
    full = stocked.send("GET", f"{GROUP}/resources?{VERSION}&{expanded}").content["value"][0]

    assert set(full) - set(bare) == {"createdTime", "changedTime", "provisioningState"}
    assert full["provisioningState"] == "Succeeded"


def test_tags_are_merged_replaced_and_deleted_apart_from_their_resource(stocked: Any) -> None:
    service = stocked.service_path().partition("?")[0]
    path = f"{service}/providers/Microsoft.Resources/tags/default?api-version=2021-04-01"
    etag = stocked.service("GET").headers["etag"]

    def patch(operation: str, **tags: str) -> Any:
        content = {"operation": operation, "properties": {"tags": tags}}
        return stocked.send("PATCH", path, content).content["properties"]["tags"]

    assert stocked.send("GET", path).content["properties"]["tags"] == {"Env": "Prod"}
    assert patch("Merge", env="Dev", team="a") == {"Env": "Dev", "team": "a"}
    assert patch("Delete", TEAM="") == {"Env": "Dev"}
    assert patch("Replace", only="this") == {"only": "this"}
    assert stocked.service("GET").content["tags"] == {"only": "this"}
    assert stocked.service("GET").headers["etag"] != etag
    assert stocked.send("PUT", path, {"properties": {"tags": {}}}).status == 200
    assert stocked.service("GET").content["tags"] == {}
    assert stocked.send("DELETE", path).status == 200
    assert stocked.send("PATCH", path, {"operation": "Add"}).code == "InvalidTagPatchOperation"


def test_tags_of_a_group_are_its_own_and_those_of_a_subscription_are_not_there(arm: Any) -> None:
    path = "providers/Microsoft.Resources/tags/default?api-version=2021-04-01"
    content = {"properties": {"tags": {"a": "b"}}}

    assert arm.send("PUT", f"{GROUP}/{path}", content).status == 200

    assert arm.send("GET", f"{GROUP}?{VERSION}").content["tags"] == {"a": "b"}
    assert arm.send("GET", f"{SUB}/{path}").status == 501
    gone = GROUP.replace("Rg1", "Rg9")
    assert arm.send("GET", f"{gone}/{path}").code == "ResourceGroupNotFound"


def test_a_system_identity_is_read_at_its_resource(arm: Any) -> None:
    service = arm.service_path().partition("?")[0]
    path = f"{service}/providers/Microsoft.ManagedIdentity/identities/default"
    arm.create_service()
    assert arm.send("GET", f"{path}?api-version=2024-11-30").code == "NotFound"

    arm.create_service(identity={"type": "SystemAssigned"})

    shown = arm.send("GET", f"{path}?api-version=2024-11-30").content
    principal = arm.service("GET").content["identity"]["principalId"]
    assert shown["properties"]["principalId"] == principal
    assert shown["properties"]["clientId"] not in ("", principal)
    assert arm.send("GET", f"{path}?api-version=2001-01-01").code == "InvalidResourceType"


def test_tenants_are_those_of_the_subscriptions(arm: Any) -> None:
    tenant = "99999999-0000-0000-0000-000000000001"
    declared = [{"subscriptionId": SUBSCRIPTION}, {"subscriptionId": "x", "tenantId": tenant}]
    arm.send("PUT", "/emulator/subscriptions", declared, headers={})

    listed = arm.send("GET", f"/tenants?{VERSION}").content["value"]

    assert len(listed) == 2
    assert tenant in {entry["tenantId"] for entry in listed}


def test_providers_are_listed_with_their_types(arm: Any) -> None:
    listed = arm.send("GET", f"{SUB}/providers?{VERSION}").content["value"]

    types = {
        entry["namespace"]: [kind["resourceType"] for kind in entry["resourceTypes"]]
        for entry in listed
    }
    assert "identities" in types["Microsoft.ManagedIdentity"]
    assert "EmailServices/Domains" in types["Microsoft.Communication"]
    assert types["Microsoft.Resources"] == ["tags"]


def test_without_the_registration_nothing_is_created(arm: Any) -> None:
    provider = f"{SUB}/providers/Microsoft.Communication"
    away = arm.send("POST", f"{provider}/unregister?{VERSION}").content
    assert away["registrationState"] == "Unregistered"

    refused = arm.create_service()

    assert (refused.status, refused.code) == (409, "MissingSubscriptionRegistration")
    assert arm.service("GET").status == 404
    assert arm.create_identity()
    assert arm.send("POST", f"{provider}/register?{VERSION}").content["registrationState"] == (
        "Registered"
    )
    assert arm.create_service().status == 201


def test_no_domain_is_verified_in_exchange_online(arm: Any) -> None:
    path = f"{SUB}/providers/Microsoft.Communication/listVerifiedExchangeOnlineDomains"

    answer = arm.send("POST", f"{path}?api-version=2025-09-01")

    assert (answer.status, answer.content) == (200, [])


def test_a_page_is_as_long_as_the_client_wants(stocked: Any) -> None:
    path = f"{SUB}/resources?{VERSION}&$top=2"
    names: list[str] = []
    sizes: list[int] = []
    while path:
        content = stocked.send("GET", path).content
        sizes.append(len(content["value"]))
        names += [entry["name"] for entry in content["value"]]
        path = content.get("nextLink", "").removeprefix(stocked.url)

    assert sizes == [2, 2, 1]
    assert names == ["Acs-1", "Mail-1", "Mail-1/Acs.Example.com", "id-1", "id-2"]
