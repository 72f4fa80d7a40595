"""userAssignedIdentities, as recorded from Azure."""

from typing import Any

import pytest


def test_a_new_identity_answers_201_with_a_relative_location(arm: Any) -> None:
    answer = arm.identity("PUT", "Id-1", {"location": "westeurope"})

    assert answer.status == 201
    assert answer.headers["location"] == answer.content["id"]
    assert "/resourcegroups/Rg1/providers/Microsoft.ManagedIdentity/" in answer.content["id"]
    assert answer.content["type"] == "Microsoft.ManagedIdentity/userAssignedIdentities"
    assert answer.content["tags"] == {}
    assert set(answer.content["properties"]) == {"tenantId", "principalId", "clientId"}
    assert "systemData" not in answer.content
    assert not {"etag", "azure-asyncoperation", "x-ms-providerhub-traffic"} & set(answer.headers)


def test_a_put_on_an_existing_identity_answers_200_and_keeps_its_principal(arm: Any) -> None:
    first = arm.identity("PUT", content={"location": "westeurope", "tags": {"a": "b"}})

    again = arm.identity("PUT", content={"location": "West Europe"})

    assert again.status == 200
    assert "location" not in again.headers
    assert again.content == first.content | {"tags": {}}
    assert arm.identity("GET").content == again.content


def test_the_isolation_scope_is_shown_when_it_was_sent(arm: Any) -> None:
    arm.identity(
        "PUT", content={"location": "westeurope", "properties": {"isolationScope": "Regional"}}
    )

    changed = arm.identity("PATCH", content={"properties": {"isolationScope": "None"}})

    assert changed.content["properties"]["isolationScope"] == "None"


def test_an_unknown_isolation_scope_is_refused(arm: Any) -> None:
    answer = arm.identity(
        "PUT", content={"location": "westeurope", "properties": {"isolationScope": "Global"}}
    )

    assert (answer.status, answer.code) == (400, "HttpRequestPayloadAPISpecValidationFailed")


def test_a_patch_answers_200_and_accepts_the_unchanged_location(arm: Any) -> None:
    arm.create_identity()

    answer = arm.identity(
        "PATCH", content={"tags": {"a": "b"}, "location": "westeurope", "properties": {}}
    )

    assert (answer.status, answer.content["tags"]) == (200, {"a": "b"})


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_location_cannot_be_changed(arm: Any, method: str) -> None:
    arm.create_identity()

    answer = arm.identity(method, content={"location": "eastus"})

    assert (answer.status, answer.code) == (409, "InvalidResourceLocation")


@pytest.mark.parametrize("location", ["global", "", "a/b"])
def test_the_location_must_be_a_region(arm: Any, location: str) -> None:
    answer = arm.identity("PUT", content={"location": location})

    assert (answer.status, answer.code) == (400, "LocationNotAvailableForResourceType")


@pytest.mark.parametrize("name", ["ab", "-abc", "x" * 129, "a.b", "a b".replace(" ", "%20")])
def test_a_name_that_breaks_the_rule_is_refused(arm: Any, name: str) -> None:
    answer = arm.identity("PUT", name, {"location": "westeurope"})

    assert (answer.status, answer.code) == (400, "InvalidResourceName")


def test_a_delete_answers_200_without_a_body_and_204_when_it_is_gone(arm: Any) -> None:
    arm.create_identity()

    first, second = arm.identity("DELETE"), arm.identity("DELETE")

    assert (first.status, first.body, first.headers["content-length"]) == (200, b"", "0")
    assert "content-type" not in first.headers
    assert (second.status, second.body) == (204, b"")


def test_a_recreated_identity_is_another_principal(arm: Any) -> None:
    arm.create_identity()
    first = arm.identity("GET").content["properties"]
    arm.identity("DELETE")
    arm.create_identity()

    second = arm.identity("GET").content["properties"]

    assert second["principalId"] != first["principalId"]
    assert second["clientId"] != first["clientId"]
    assert second["tenantId"] == first["tenantId"]


def test_a_missing_identity_is_not_found_in_azures_words(arm: Any) -> None:
    answer = arm.identity("GET")

    assert answer.status == 404
    assert answer.content["error"]["message"].startswith(
        "The Resource 'Microsoft.ManagedIdentity/userAssignedIdentities/id-1' under resource group"
    )


def test_deleting_an_identity_leaves_the_services_that_use_it_alone(arm: Any) -> None:
    identity = arm.create_identity()
    arm.create_service(identity={"type": "UserAssigned", "userAssignedIdentities": {identity: {}}})
    before = arm.service("GET").content

    arm.identity("DELETE")

    assert arm.service("GET").content == before
