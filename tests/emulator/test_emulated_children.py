"""Sender usernames, suppression lists, their addresses and SMTP usernames: two faces each."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

SENDER = {"username": "Info", "displayName": "Information"}
SMTP = {"username": "someone", "entraApplicationId": "app", "tenantId": "tenant"}
LOWER = (
    "/subscriptions/11111111-2222-3333-4444-555555555555/resourcegroups/rg1"
    "/providers/microsoft.communication"
)
DOMAIN = "/domains/Acs.Example.com"


def put(arm: Any, tail: str, properties: Any) -> Any:
    """PUT a child of the domain."""
    return arm.email("PUT", f"{DOMAIN}/{tail}", {"properties": properties})


def get(arm: Any, tail: str) -> Any:
    """GET a child of the domain."""
    return arm.email("GET", f"{DOMAIN}/{tail}")


def smtp(arm: Any, method: str, name: str = "", content: Any = None) -> Any:
    """Send a request for the SMTP usernames of the service."""
    return arm.send(method, arm.service_path().replace("?", f"/smtpUsernames{name}?"), content)


def test_every_domain_has_a_sender_that_nobody_created(arm: Any) -> None:
    arm.create_domain()

    assert get(arm, "senderUsernames").content == {
        "value": [
            {
                "id": f"{LOWER}/emailservices/mail-1/domains/acs.example.com"
                "/senderusernames/donotreply",
                "name": "donotreply",
                "type": "emailservices/domains/senderusernames",
                "properties": {"username": "DoNotReply", "displayName": "DoNotReply"},
            }
        ]
    }


def test_the_put_of_a_sender_has_another_face_than_its_get(arm: Any) -> None:
    arm.create_domain()

    first = put(arm, "senderUsernames/Info", SENDER)
    again = put(arm, "senderUsernames/Info", SENDER)

    assert [first.status, again.status] == [200, 200]
    assert not {"etag", "azure-asyncoperation", "location"} & set(first.headers)
    assert first.headers["x-ms-providerhub-traffic"] == "True"
    content = first.content
    assert content["id"].endswith(
        "/resourceGroups/Rg1/providers/Microsoft.Communication/emailServices/Mail-1"
        "/domains/Acs.Example.com/senderUsernames/Info"
    )
    assert content["name"] == "Info"
    assert content["type"] == "microsoft.communication/emailservices/domains/senderusernames"
    assert content["properties"] == SENDER | {"provisioningState": "Succeeded"}
    assert content["systemData"]["createdAt"] < again.content["systemData"]["createdAt"]
    shown = get(arm, "senderUsernames/INFO").content
    assert shown == {
        "id": f"{LOWER}/emailservices/mail-1/domains/acs.example.com/senderusernames/info",
        "name": "info",
        "type": "emailservices/domains/senderusernames",
        "properties": SENDER,
    }
    assert shown in get(arm, "senderUsernames").content["value"]


def test_a_put_of_a_sender_replaces_it_and_a_display_name_not_sent_reads_as_empty(
    arm: Any,
) -> None:
    arm.create_domain()
    put(arm, "senderUsernames/Info", SENDER)

    answer = put(arm, "senderUsernames/info", {"username": "INFO"})

    assert answer.content["properties"] == {"username": "INFO", "provisioningState": "Succeeded"}
    expected = {"username": "INFO", "displayName": ""}
    assert get(arm, "senderUsernames/info").content["properties"] == expected


def test_a_sender_is_deleted_with_200_null_and_then_204(arm: Any) -> None:
    arm.create_domain()
    put(arm, "senderUsernames/info", SENDER)

    gone, again = (arm.email("DELETE", f"{DOMAIN}/senderUsernames/info") for _ in range(2))

    assert (gone.status, gone.body, again.status, again.body) == (200, b"null", 204, b"")
    assert gone.headers["content-type"] == "application/json; charset=utf-8"


def test_a_username_is_the_name_of_its_resource(arm: Any) -> None:
    arm.create_domain()

    answer = put(arm, "senderUsernames/sales", SENDER)

    assert (answer.status, answer.code) == (400, "InvalidSenderUsername")


@pytest.mark.parametrize("properties", [{}, {"username": 1}, SENDER | {"colour": "red"}])
def test_a_malformed_sender_is_refused(arm: Any, properties: Any) -> None:
    arm.create_domain()

    answer = put(arm, "senderUsernames/info", properties)

    assert (answer.status, answer.code) == (400, "HttpRequestPayloadAPISpecValidationFailed")


def test_what_a_get_of_a_sender_shows_can_be_put_back(arm: Any) -> None:
    arm.create_domain()
    put(arm, "senderUsernames/Info", SENDER)
    seen = get(arm, "senderUsernames/info").content

    assert arm.email("PUT", f"{DOMAIN}/senderUsernames/info", seen).status == 200
    assert get(arm, "senderUsernames/info").content == seen


def test_a_missing_child_of_a_domain_is_the_words_of_the_service(arm: Any) -> None:
    arm.create_domain()

    answer = get(arm, "suppressionLists/none")

    path = arm.email_path(f"{DOMAIN}/suppressionLists/none").partition("?")[0]
    assert (answer.status, answer.headers["x-ms-failure-cause"]) == (404, "service")
    assert answer.headers["content-type"] == "application/json"
    assert answer.content["error"] == {
        "code": "ResourceReadFailed",
        "message": f"Failed to read resource '{path}' with error: Not Found",
    }


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_child_of_a_missing_domain_has_no_parent(arm: Any, method: str) -> None:
    arm.create_email()

    answer = arm.email(method, f"{DOMAIN}/senderUsernames/info", {"properties": SENDER})

    assert (answer.status, answer.code) == (404, "ParentResourceNotFound")
    message = answer.content["error"]["message"]
    assert "type 'EmailServices/Domains/SenderUsernames', because the parent" in message
    assert "/EmailServices/Mail-1/Domains/Acs.Example.com' could not" in message


def test_a_domain_azure_manages_has_no_other_sender_until_the_quota_is_lifted(arm: Any) -> None:
    arm.create_domain("AzureManagedDomain")
    place = "/domains/AzureManagedDomain/senderUsernames"

    refused = arm.email("PUT", f"{place}/info", {"properties": SENDER})
    default = {"properties": {"username": "DoNotReply", "displayName": "Shop"}}
    renamed = arm.email("PUT", f"{place}/donotreply", default)
    lifted = arm.send("PUT", "/emulator/quota", {"senderUsernames": True}, headers={})
    accepted = arm.email("PUT", f"{place}/info", {"properties": SENDER})
    arm.send("PUT", "/emulator/quota", {"senderUsernames": False}, headers={})

    assert (refused.status, refused.code) == (412, "PreconditionFailed")
    assert "ResourceCreationFailed" in refused.content["error"]["message"]
    assert "Forbidden" in refused.content["error"]["message"]
    assert [renamed.status, lifted.status, accepted.status] == [200, 204, 200]
    assert arm.email("PUT", f"{place}/info", {"properties": SENDER}).status == 412


@pytest.mark.parametrize("content", [{}, {"senderUsernames": 1}, {"senders": True}, []])
def test_a_quota_is_lifted_or_not(arm: Any, content: Any) -> None:
    answer = arm.send("PUT", "/emulator/quota", content, headers={})

    assert (answer.status, answer.code) == (400, "EmulatorInvalidControlRequest")


@dataclass
class Clock:
    """A clock the test sets."""

    seconds: float = 1_699_069_983.0

    def now(self) -> float:
        """Return the time that was set: 2023-11-04 03:53:03 UTC at first."""
        return self.seconds


def test_the_times_of_a_suppression_list_are_those_of_the_reading(run: Any, connect: Any) -> None:
    clock = Clock()
    arm = connect(run(clock=clock))
    arm.group()
    arm.create_domain()
    created = put(arm, "suppressionLists/List-1", {"listName": "donotreply"})
    clock.seconds += 10 * 3600
    read = get(arm, "suppressionLists/list-1").content

    assert (created.status, created.content["name"]) == (200, "List-1")
    assert created.content["properties"] == {
        "listName": "donotreply",
        "dataLocation": "unitedstates",
        "createdTimeStamp": "11/4/2023 3:53:03 AM +00:00",
        "lastUpdatedTimeStamp": "11/4/2023 3:53:03 AM +00:00",
    }
    later = "11/4/2023 1:53:03 PM +00:00"
    assert read == {
        "id": f"{LOWER}/emailservices/mail-1/domains/acs.example.com/suppressionlists/list-1",
        "name": "list-1",
        "type": "emailservices/domains/suppressionlists",
        "properties": created.content["properties"]
        | {"createdTimeStamp": later, "lastUpdatedTimeStamp": later},
    }


def test_a_suppression_list_is_for_a_sender_of_the_domain(arm: Any) -> None:
    arm.create_domain()

    refused = put(arm, "suppressionLists/list-1", {"listName": "info"})
    put(arm, "senderUsernames/Info", SENDER)
    accepted = put(arm, "suppressionLists/list-1", {"listName": "INFO"})

    assert (refused.status, refused.code) == (400, "InvalidSuppressionListName")
    assert accepted.status == 200
    assert put(arm, "suppressionLists/list-2", {}).status == 200


def test_an_address_is_put_read_replaced_and_deleted(arm: Any) -> None:
    arm.create_domain()
    put(arm, "suppressionLists/List-1", {"listName": "donotreply"})
    place = "suppressionLists/List-1/suppressionListAddresses"

    answer = put(arm, f"{place}/A-1", {"email": "a@b.example", "notes": "n"})
    put(arm, f"{place}/a-1", {"email": "c@d.example"})

    assert answer.status == 200
    assert answer.content["properties"] == {
        "email": "a@b.example",
        "notes": "n",
        "lastModified": "0001-01-01T08:00:00+08:00",
    }
    assert answer.content["type"] == (
        "microsoft.communication/emailservices/domains/suppressionlists/suppressionlistaddresses"
    )
    shown = get(arm, f"{place}/A-1").content
    assert shown["type"] == "emailservices/domains/suppressionlists/suppressionlistaddresses"
    assert shown["properties"]["email"] == "c@d.example"
    assert "notes" not in shown["properties"]
    assert get(arm, place).content == {"value": [shown]}
    assert arm.email("DELETE", f"{DOMAIN}/{place}/a-1").body == b"null"
    assert get(arm, f"{place}/a-1").code == "ResourceReadFailed"
    missing = put(arm, "suppressionLists/none/suppressionListAddresses/a", {"email": "e"})
    assert missing.code == "ParentResourceNotFound"


def test_an_smtp_username_keeps_its_odd_id_and_is_deleted_with_204(arm: Any) -> None:
    arm.create_service()

    answer = smtp(arm, "PUT", "/Smtp-1", {"properties": SMTP})
    shown = smtp(arm, "GET", "/smtp-1").content
    gone = smtp(arm, "DELETE", "/smtp-1")

    assert (answer.status, answer.content["properties"]) == (200, SMTP)
    assert answer.content["name"] == "Smtp-1"
    assert "createdAt" in answer.content["systemData"]
    assert shown == {
        "id": f"{LOWER}/communicationservices/acs-1/SmtpUsernames/smtp-1",
        "name": "smtp-1",
        "type": "communicationservices/smtpusernames",
        "properties": SMTP,
    }
    assert (gone.status, gone.body) == (204, b"")
    assert gone.headers["content-type"].startswith("application/json")
    assert smtp(arm, "GET").content == {"value": []}


@pytest.mark.parametrize("missing", list(SMTP))
def test_an_smtp_username_needs_all_three(arm: Any, missing: str) -> None:
    arm.create_service()
    content = {"properties": {name: text for name, text in SMTP.items() if name != missing}}

    answer = smtp(arm, "PUT", "/smtp-1", content)

    assert (answer.status, answer.code) == (400, "HttpRequestPayloadAPISpecValidationFailed")
    assert f"properties.{missing}" in answer.content["error"]["message"]


def test_smtp_usernames_are_not_in_versions_before_them(arm: Any) -> None:
    arm.create_service()
    path = re.sub("2025-09-01", "2023-04-01", arm.service_path().replace("?", "/smtpUsernames?"))

    assert arm.send("GET", path).code == "InvalidResourceType"


def test_children_vanish_with_their_parents(arm: Any) -> None:
    arm.create_domain()
    put(arm, "senderUsernames/info", SENDER)
    put(arm, "suppressionLists/list", {})
    put(arm, "suppressionLists/list/suppressionListAddresses/a", {"email": "e"})
    arm.create_service()
    smtp(arm, "PUT", "/smtp-1", {"properties": SMTP})

    arm.email("DELETE", DOMAIN)
    arm.service("DELETE")
    arm.create_domain()
    arm.create_service()

    names = [item["name"] for item in get(arm, "senderUsernames").content["value"]]
    assert names == ["donotreply"]
    assert get(arm, "suppressionLists").content == {"value": []}
    assert smtp(arm, "GET").content == {"value": []}


def test_children_of_one_parent_are_not_those_of_a_parent_with_a_longer_name(arm: Any) -> None:
    arm.create_domain("a.example")
    arm.create_domain("a.example.com")

    arm.email("DELETE", "/domains/a.example")

    assert arm.email("GET", "/domains/a.example.com/senderUsernames/donotreply").status == 200
    assert [item["name"] for item in arm.email("GET", "/domains").content["value"]] == [
        "a.example.com"
    ]


def test_lists_of_children_are_paged(run: Any, connect: Any) -> None:
    arm = connect(run(page_size=2))
    arm.group()
    arm.create_domain()
    for number in range(4):
        put(arm, f"senderUsernames/s{number}", {"username": f"s{number}"})
    page = get(arm, "senderUsernames").content
    names = [item["name"] for item in page["value"]]
    while "nextLink" in page:
        page = arm.send("GET", page["nextLink"]).content
        names += [item["name"] for item in page["value"]]

    assert names == ["donotreply", "s0", "s1", "s2", "s3"]
