"""communicationServices, as recorded from Azure."""

import re
from typing import Any

import pytest

DOMAIN = (
    "/subscriptions/s/resourceGroups/Rg1/providers/Microsoft.Communication"
    "/emailServices/mail/domains/AzureManagedDomain"
)


def test_the_first_put_answers_201_accepted_without_what_the_service_generates(arm: Any) -> None:
    answer = arm.create_service(tags={"env": "dev"})

    assert answer.status == 201
    assert answer.content["properties"] == {
        "dataLocation": "United States",
        "provisioningState": "Accepted",
    }
    assert answer.content["name"] == "Acs-1"
    assert answer.content["type"] == "microsoft.communication/communicationservices"
    assert "/resourceGroups/Rg1/providers/Microsoft.Communication/" in answer.content["id"]
    assert answer.content["tags"] == {"env": "dev"}
    assert answer.content["systemData"]["createdByType"] == "Application"


def test_a_put_has_an_operation_url_and_an_etag_but_neither_location_nor_retry_after(
    arm: Any,
) -> None:
    headers = arm.create_service().headers

    assert re.fullmatch(
        re.escape(arm.url) + r"/subscriptions/[^/]+/providers/Microsoft\.Communication/locations"
        r"/WESTUS2/operationStatuses/[0-9a-f-]{36}\*[0-9A-F]{64}"
        r"\?api-version=2025-09-01&t=\d+&c=[^&]{2500,}&s=[^&]+&h=[^&]+",
        headers["azure-asyncoperation"],
    )
    assert re.fullmatch(r'"[0-9a-f]{8}-0000-0700-0000-[0-9a-f]{8}0000"', headers["etag"])
    assert headers["x-ms-providerhub-traffic"] == "True"
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["cache-control"] == "no-cache"
    assert not {"location", "retry-after"} & set(headers)


def test_a_get_after_the_put_shows_the_host_name_and_the_immutable_id(arm: Any) -> None:
    arm.create_service()

    answer = arm.service("GET")

    properties = answer.content["properties"]
    assert answer.status == 200
    assert properties["provisioningState"] == "Succeeded"
    assert properties["hostName"] == "acs-1.unitedstates.communication.azure.com"
    assert re.fullmatch(r"[0-9a-f-]{36}", properties["immutableResourceId"])
    assert not {"tags", "identity"} & set(answer.content)
    assert "linkedDomains" not in properties


def test_a_put_on_an_existing_one_answers_201_again_and_keeps_what_was_generated(arm: Any) -> None:
    arm.create_service()
    before = arm.service("GET")

    again = arm.create_service()

    assert again.status == 201
    assert again.content["properties"] == before.content["properties"] | {
        "provisioningState": "Accepted"
    }
    assert again.headers["etag"] != before.headers["etag"]
    created = "createdAt"
    assert again.content["systemData"][created] == before.content["systemData"][created]


def test_a_put_replaces_the_whole_resource(arm: Any) -> None:
    identity = arm.create_identity()
    arm.create_service(
        tags={"a": "b"},
        identity={"type": "UserAssigned", "userAssignedIdentities": {identity: {}}},
        properties={"linkedDomains": [DOMAIN], "disableLocalAuth": True},
    )

    arm.create_service()

    content = arm.service("GET").content
    assert not {"tags", "identity"} & set(content)
    assert not {"linkedDomains", "disableLocalAuth"} & set(content["properties"])


def test_a_patch_is_synchronous_replaces_tags_and_merges_properties(arm: Any) -> None:
    arm.create_service(tags={"a": "1"}, properties={"linkedDomains": [DOMAIN]})
    before = arm.service("GET")

    answer = arm.service(
        "PATCH", content={"tags": {"b": "2"}, "properties": {"disableLocalAuth": True}}
    )

    assert answer.status == 200
    assert "azure-asyncoperation" not in answer.headers
    assert answer.content["tags"] == {"b": "2"}
    assert answer.content["properties"] == before.content["properties"] | {"disableLocalAuth": True}
    assert answer.headers["etag"] != before.headers["etag"]
    assert arm.service("GET").content == answer.content


def test_an_empty_patch_still_moves_the_etag_and_the_time_of_modification(arm: Any) -> None:
    arm.create_service()
    before = arm.service("GET")

    after = arm.service("PATCH", content={})

    assert after.headers["etag"] != before.headers["etag"]
    moved = "lastModifiedAt"
    assert after.content["systemData"][moved] > before.content["systemData"][moved]


def test_a_patch_of_a_missing_one_is_not_found(arm: Any) -> None:
    answer = arm.service("PATCH", content={"tags": {}})

    assert (answer.status, answer.code) == (404, "ResourceNotFound")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"properties": {"dataLocation": "Europe"}}, "PropertyChangeNotAllowed"),
        ({"location": "westeurope"}, "LocationNotAvailableForResourceType"),
        ({"properties": {"colour": "red"}}, "HttpRequestPayloadAPISpecValidationFailed"),
        ({"properties": {"disableLocalAuth": "yes"}}, "HttpRequestPayloadAPISpecValidationFailed"),
        (
            {"properties": {"publicNetworkAccess": "On"}},
            "HttpRequestPayloadAPISpecValidationFailed",
        ),
        ({"properties": {"linkedDomains": "x"}}, "HttpRequestPayloadAPISpecValidationFailed"),
        ({"properties": {"linkedDomains": ["/x"]}}, "InvalidLinkedDomains"),
        ({"properties": []}, "InvalidRequestContent"),
        ({"tags": {"a": 1}}, "InvalidTag"),
        ({"tags": {"a": "1", "A": "2"}}, "InvalidTag"),
        ({"tags": {str(number): "" for number in range(51)}}, "InvalidTag"),
        ({"tags": {"a/b": ""}}, "InvalidTag"),
        ({"tags": {"a": "x" * 257}}, "InvalidTag"),
        (["not an object"], "InvalidRequestContent"),
    ],
)
def test_a_patch_that_azure_would_refuse_changes_nothing(arm: Any, content: Any, code: str) -> None:
    arm.create_service()
    before = arm.service("GET")

    answer = arm.service("PATCH", content=content)

    assert (answer.status, answer.code) == (400, code)
    assert arm.service("GET").content == before.content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"properties": {"dataLocation": "Europe"}}, "LocationRequired"),
        ({"location": "global"}, "HttpRequestPayloadAPISpecValidationFailed"),
        ({"location": "global", "properties": {}}, "HttpRequestPayloadAPISpecValidationFailed"),
        ({"location": "global", "properties": {"dataLocation": "Mars"}}, "InvalidDataLocation"),
        (
            {"location": "westeurope", "properties": {"dataLocation": "Europe"}},
            "LocationNotAvailableForResourceType",
        ),
        (None, "InvalidRequestContent"),
    ],
)
def test_a_put_that_azure_would_refuse_creates_nothing(arm: Any, content: Any, code: str) -> None:
    answer = arm.service("PUT", content=content)

    assert (answer.status, answer.code) == (400, code)
    assert arm.service("GET").status == 404


def test_the_data_location_cannot_be_changed_by_put_and_keeps_its_first_spelling(arm: Any) -> None:
    arm.create_service()

    changed = arm.create_service(properties={"dataLocation": "Europe"})
    respelled = arm.create_service(properties={"dataLocation": "unitedstates"})

    assert (changed.status, changed.code) == (400, "PropertyChangeNotAllowed")
    assert respelled.content["properties"]["dataLocation"] == "United States"


def test_the_location_is_echoed_as_typed_at_creation(arm: Any) -> None:
    arm.create_service(location="Global")

    arm.create_service(location="global")

    assert arm.service("GET").content["location"] == "Global"


def test_unknown_members_outside_of_properties_are_accepted(arm: Any) -> None:
    assert arm.create_service(name="other", kind="x").status == 201


def test_what_a_get_shows_can_be_put_back(arm: Any) -> None:
    arm.create_service(tags={"a": "b"})
    seen = arm.service("GET").content

    assert arm.service("PUT", content=seen).status == 201

    after = arm.service("GET").content
    assert after | {"systemData": None} == seen | {"systemData": None}


@pytest.mark.parametrize("name", ["-a", "a-", "a_b", "a.b", "a%20b", "x" * 64, "%C3%A9"])
def test_a_name_that_breaks_the_rule_is_refused(arm: Any, name: str) -> None:
    answer = arm.create_service(name)

    assert (answer.status, answer.code) == (400, "InvalidResourceName")


@pytest.mark.parametrize("subscription", ["11111111-2222-3333-4444-555555555555", "another"])
def test_a_name_taken_elsewhere_is_refused(arm: Any, subscription: str) -> None:
    arm.create_service()
    arm.group("Rg2", subscription)

    answer = arm.send(
        "PUT",
        f"/subscriptions/{subscription}/resourceGroups/Rg2/providers/Microsoft.Communication"
        "/communicationServices/ACS-1?api-version=2025-09-01",
        {"location": "global", "properties": {"dataLocation": "Europe"}},
    )

    assert (answer.status, answer.code) == (400, "HostNamePrefixTaken")
    assert answer.content["error"]["message"] == "Specified host name prefix is not available"


def test_a_delete_answers_202_null_and_the_resource_is_gone(arm: Any) -> None:
    arm.create_service()

    answer = arm.service("DELETE")

    assert (answer.status, answer.body) == (202, b"null")
    assert answer.headers["location"] == answer.headers["azure-asyncoperation"]
    assert "etag" in answer.headers
    assert arm.service("GET").status == 404
    ended = arm.send("GET", answer.headers["location"])
    assert (ended.status, ended.content["status"]) == (200, "Succeeded")


def test_a_delete_of_a_missing_one_answers_204(arm: Any) -> None:
    answer = arm.service("DELETE")

    assert (answer.status, answer.body) == (204, b"")


def test_a_deleted_name_is_free_again_and_gets_a_new_immutable_id(arm: Any) -> None:
    arm.create_service()
    first = arm.service("GET").content["properties"]["immutableResourceId"]
    arm.service("DELETE")

    assert arm.create_service().status == 201
    assert arm.service("GET").content["properties"]["immutableResourceId"] != first


def test_a_missing_one_is_not_found_in_azures_words(arm: Any) -> None:
    answer = arm.service("GET")

    assert answer.status == 404
    assert answer.headers["x-ms-failure-cause"] == "gateway"
    assert answer.content == {
        "error": {
            "code": "ResourceNotFound",
            "message": "The Resource 'Microsoft.Communication/CommunicationServices/Acs-1' under "
            "resource group 'Rg1' was not found. For more details please go to "
            "https://aka.ms/ARMResourceNotFoundFix",
        }
    }


def test_names_are_looked_up_without_case_and_shown_as_created(arm: Any) -> None:
    arm.create_service()
    path = arm.service_path("aCS-1").replace("/resourceGroups/Rg1", "/RESOURCEGROUPS/rG1")
    path = path.replace("Microsoft.Communication/", "microsoft.COMMUNICATION//")

    answer = arm.send("GET", path)

    assert answer.content == arm.service("GET").content
    assert answer.content["name"] == "Acs-1"
