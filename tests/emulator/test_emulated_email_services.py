"""emailServices and their domains, as recorded from Azure."""

import re
from typing import Any

import pytest

CHECKS = ["Domain", "SPF", "DKIM", "DKIM2", "DMARC"]


def test_the_put_of_an_email_service_answers_201_accepted_whether_new_or_not(arm: Any) -> None:
    first = arm.create_email(tags={"a": "b"})
    second = arm.create_email()

    assert [first.status, second.status] == [201, 201]
    assert first.content["type"] == "microsoft.communication/emailservices"
    assert first.content["id"].endswith(
        "/resourceGroups/Rg1/providers/Microsoft.Communication/emailServices/Mail-1"
    )
    expected = {"dataLocation": "United States", "provisioningState": "Accepted"}
    assert first.content["properties"] == expected
    assert "/operationStatuses/" in first.headers["azure-asyncoperation"]
    assert not {"location", "retry-after"} & set(first.headers)
    shown = arm.email("GET").content
    assert shown["properties"] == expected | {"provisioningState": "Succeeded"}
    assert "tags" not in shown


def test_a_patch_of_an_email_service_changes_tags_only_and_at_once(arm: Any) -> None:
    arm.create_email(location="Global")

    changed = arm.email("PATCH", "", {"tags": {"a": "1"}})
    refused = arm.email("PATCH", "", {"properties": {"dataLocation": "Europe"}})

    assert (changed.status, changed.content["tags"]) == (200, {"a": "1"})
    assert "azure-asyncoperation" not in changed.headers
    assert changed.content["location"] == "Global"
    assert (refused.status, refused.code) == (400, "PropertyChangeNotAllowed")


def test_a_delete_of_an_email_service_answers_202_null_and_then_204(arm: Any) -> None:
    arm.create_email()

    gone, again = arm.email("DELETE"), arm.email("DELETE")

    assert (gone.status, gone.body, again.status) == (202, b"null", 204)
    assert gone.headers["location"] == gone.headers["azure-asyncoperation"]
    assert arm.email("GET").code == "ResourceNotFound"


def test_an_email_service_with_domains_is_not_deleted(arm: Any) -> None:
    arm.create_domain()

    answer = arm.email("DELETE")

    assert (answer.status, answer.code) == (409, "CannotDeleteResource")
    assert "emailServices/Mail-1/domains/Acs.Example.com'" in answer.content["error"]["message"]
    arm.email("DELETE", "/domains/acs.example.com")
    assert arm.email("DELETE").status == 202


def test_email_services_are_listed_by_group_and_subscription_and_domains_by_service(
    arm: Any,
) -> None:
    arm.create_domain("b.example")
    arm.create_domain("A.example")
    group = arm.email_path(name="").replace("/?", "?")
    subscription = re.sub("/resourceGroups/Rg1", "", group)

    names = [[item["name"] for item in arm.send("GET", path).content["value"]]
             for path in (group, subscription, arm.email_path("/domains"))]  # fmt: skip

    assert names == [["Mail-1"], ["Mail-1"], ["A.example", "b.example"]]
    assert arm.email("GET", "/domains").content["value"][1] == (
        arm.email("GET", "/domains/B.example").content
    )


def test_a_customer_managed_domain_begins_unverified_with_the_records_to_make(arm: Any) -> None:
    created = arm.create_domain()

    assert created.status == 201
    assert created.content["type"] == "microsoft.communication/emailservices/domains"
    assert created.content["properties"] == {
        "domainManagement": "CustomerManaged",
        "provisioningState": "Accepted",
    }
    shown = arm.email("GET", "/domains/acs.example.COM").content
    assert shown["name"] == "Acs.Example.com"
    properties = shown["properties"]
    token = properties["verificationRecords"]["Domain"].pop("value")
    assert re.fullmatch(r"ms-domain-verification=[0-9a-f-]{36}", token)
    selector = "selector{}-azurecomm-prod-net._domainkey"
    keys = {
        name: {
            "type": "CNAME",
            "name": selector.format(number),
            "value": f"{selector.format(number)}.azurecomm.net",
            "ttl": 3600,
        }
        for name, number in (("DKIM", 1), ("DKIM2", 2))
    }
    assert properties == {
        "provisioningState": "Succeeded",
        "dataLocation": "unitedstates",
        "fromSenderDomain": "acs.example.com",
        "mailFromSenderDomain": "acs.example.com",
        "domainManagement": "CustomerManaged",
        "userEngagementTracking": "Disabled",
        "verificationStates": {name: {"status": "NotStarted"} for name in CHECKS},
        "verificationRecords": {
            "Domain": {"type": "TXT", "name": "acs.example.com", "ttl": 3600},
            "SPF": {
                "type": "TXT",
                "name": "acs.example.com",
                "value": "v=spf1 include:spf.protection.outlook.com -all",
                "ttl": 3600,
            },
        }
        | keys,
    }


def test_an_azure_managed_domain_is_verified_from_the_start(arm: Any) -> None:
    arm.create_domain("AzureManagedDomain")

    properties = arm.email("GET", "/domains/AzureManagedDomain").content["properties"]

    assert re.fullmatch(r"[0-9a-f-]{36}\.azurecomm\.net", properties["fromSenderDomain"])
    assert properties["mailFromSenderDomain"] == properties["fromSenderDomain"]
    assert properties["verificationStates"] == {name: {"status": "Verified"} for name in CHECKS}
    assert properties["verificationRecords"] == {}


def test_a_later_put_of_a_domain_answers_what_was_generated_and_keeps_it(arm: Any) -> None:
    arm.create_domain()
    before = arm.email("GET", "/domains/acs.example.com").content["properties"]

    again = arm.create_domain(properties={"userEngagementTracking": "Enabled"})

    assert again.status == 201
    assert again.content["properties"] == before | {
        "provisioningState": "Accepted",
        "userEngagementTracking": "Enabled",
    }


def test_a_patch_of_a_domain_changes_tags_and_tracking_at_once(arm: Any) -> None:
    arm.create_domain()
    content = {"tags": {"a": "b"}, "properties": {"userEngagementTracking": "Enabled"}}

    answer = arm.email("PATCH", "/domains/acs.example.com", content)

    assert (answer.status, answer.content["tags"]) == (200, {"a": "b"})
    assert answer.content["properties"]["userEngagementTracking"] == "Enabled"
    assert answer.content["properties"]["provisioningState"] == "Succeeded"
    assert arm.email("GET", "/domains/acs.example.com").content == answer.content


def test_a_domain_that_is_sent_back_as_read_is_accepted(arm: Any) -> None:
    arm.create_domain()
    seen = arm.email("GET", "/domains/acs.example.com").content

    assert arm.email("PUT", "/domains/acs.example.com", seen).status == 201
    after = arm.email("GET", "/domains/acs.example.com").content
    assert after["properties"] == seen["properties"]


def test_the_management_of_a_domain_cannot_be_changed(arm: Any) -> None:
    arm.create_domain()

    answer = arm.create_domain(properties={"domainManagement": "CustomerManagedInExchangeOnline"})

    assert (answer.status, answer.code) == (400, "PropertyChangeNotAllowed")


@pytest.mark.parametrize(
    ("name", "management"),
    [
        ("other.example", "AzureManaged"),
        ("AzureManagedDomain", "CustomerManaged"),
        ("nodots", "CustomerManaged"),
        ("a.example", "Unmanaged"),
    ],
)
def test_a_domain_whose_name_does_not_go_with_its_management_is_refused(
    arm: Any, name: str, management: str
) -> None:
    answer = arm.create_domain(name, properties={"domainManagement": management})

    assert (answer.status, answer.code) == (400, "ResourceCreationValidateFailed")
    assert arm.email("GET", f"/domains/{name}").status == 404


@pytest.mark.parametrize(
    "content",
    [
        {"location": "global", "properties": {}},
        {"location": "global", "properties": {"domainManagement": "CustomerManaged", "x": 1}},
        {
            "location": "global",
            "properties": {
                "domainManagement": "CustomerManaged",
                "userEngagementTracking": "Sometimes",
            },
        },
    ],
)
def test_a_malformed_domain_is_refused(arm: Any, content: Any) -> None:
    arm.create_email()

    answer = arm.email("PUT", "/domains/a.example", content)

    assert (answer.status, answer.code) == (400, "HttpRequestPayloadAPISpecValidationFailed")


def test_a_missing_domain_is_named_with_its_service_in_the_registered_casing(arm: Any) -> None:
    arm.create_email()

    message = arm.email("GET", "/domains/x.example").content["error"]["message"]

    assert message.startswith(
        "The Resource 'Microsoft.Communication/EmailServices/Mail-1/Domains/x.example' under "
        "resource group 'Rg1' was not found."
    )


@pytest.mark.parametrize(
    ("method", "verb"), [("GET", "read"), ("PUT", "write"), ("DELETE", "delete")]
)
def test_a_domain_of_a_missing_service_has_no_parent(arm: Any, method: str, verb: str) -> None:
    answer = arm.email(method, "/domains/x.example", {"location": "global"})

    assert (answer.status, answer.code) == (404, "ParentResourceNotFound")
    assert answer.headers["x-ms-failure-cause"] == "gateway"
    message = answer.content["error"]["message"]
    assert message.startswith(
        f"Failed to perform '{verb}' on resource(s) of type 'EmailServices/Domains', because the "
        "parent resource '/subscriptions/"
    )
    assert message.endswith(
        "/providers/microsoft.communication/EmailServices/Mail-1' could not be found."
    )
    assert arm.email("GET", "/domains").code == "ParentResourceNotFound"


def test_a_verification_is_begun_cancelled_and_survives_an_update(arm: Any) -> None:
    arm.create_domain()
    place = "/domains/Acs.Example.com"

    begun = arm.email("POST", f"{place}/initiateVerification", {"verificationType": "Domain"})
    polled = arm.send("GET", begun.headers["location"])
    during = arm.email("GET", place).content["properties"]["verificationStates"]
    arm.email("POST", f"{place}/CancelVerification", {"verificationType": "Domain"})
    arm.create_domain()
    after = arm.email("GET", place).content["properties"]["verificationStates"]

    assert (begun.status, begun.body) == (202, b"null")
    assert begun.headers["location"] == begun.headers["azure-asyncoperation"]
    assert (polled.status, polled.content["status"]) == (200, "Succeeded")
    assert "percentComplete" not in polled.content
    assert during["Domain"] == {"status": "VerificationInProgress", "errorCode": ""}
    assert during["SPF"] == {"status": "NotStarted"}
    assert after["Domain"] == {"status": "CancellationRequested", "errorCode": "None"}


@pytest.mark.parametrize("content", [{}, None, {"verificationType": "MX"}])
def test_only_a_known_verification_can_be_begun(arm: Any, content: Any) -> None:
    arm.create_domain()

    answer = arm.email("POST", "/domains/acs.example.com/initiateVerification", content)

    assert (answer.status, answer.code) == (400, "HttpRequestPayloadAPISpecValidationFailed")


def test_what_is_verified_stays_verified(arm: Any) -> None:
    arm.create_domain("AzureManagedDomain")

    arm.email("POST", "/domains/AzureManagedDomain/cancelVerification", {"verificationType": "SPF"})

    states = arm.email("GET", "/domains/AzureManagedDomain").content["properties"]
    assert states["verificationStates"]["SPF"] == {"status": "Verified"}


def test_an_action_on_a_missing_domain_is_not_found(arm: Any) -> None:
    arm.create_email()
    content = {"verificationType": "SPF"}

    missing = arm.email("POST", "/domains/x.example/initiateVerification", content)
    orphan = arm.send(
        "POST", arm.email_path("/domains/x.example/initiateVerification", "none"), content
    )

    assert [missing.code, orphan.code] == ["ResourceNotFound", "ParentResourceNotFound"]


def test_a_test_sets_the_states_of_a_verification(arm: Any) -> None:
    domain = arm.create_domain().content["id"]

    assert arm.verify(domain.upper(), "SPF", "DKIM").status == 204

    states = arm.email("GET", "/domains/acs.example.com").content["properties"][
        "verificationStates"
    ]
    assert [states[name]["status"] for name in CHECKS] == [
        "NotStarted", "Verified", "Verified", "NotStarted", "NotStarted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"domain": "/subscriptions/s"},
        {"states": {"MX": "Verified"}},
        {"states": {"SPF": "Done"}},
        {"states": {"SPF": []}},
        {"states": None},
        {"more": 1},
    ],
)
def test_states_that_make_no_sense_are_refused(arm: Any, change: Any) -> None:
    domain = arm.create_domain().content["id"]
    content = {"domain": domain, "states": {"SPF": "Verified"}} | change

    answer = arm.send("PUT", "/emulator/verification", content, headers={})

    assert (answer.status, answer.code) == (400, "EmulatorInvalidControlRequest")


def test_a_domain_operation_is_polled_like_any_other(polled: Any) -> None:
    url = polled.create_email().headers["azure-asyncoperation"]
    while polled.send("GET", url).content["status"] != "Succeeded":
        pass

    url = polled.create_domain().headers["azure-asyncoperation"]

    assert (
        polled.email("PATCH", "/domains/acs.example.com", {}).code == "AnotherOperationInProgress"
    )
    states = [polled.send("GET", url).content["status"] for _ in range(3)]
    assert states == ["Accepted", "Accepted", "Succeeded"]
    gone = polled.email("DELETE", "/domains/acs.example.com")
    assert gone.status == 202
    assert polled.email("DELETE").code == "CannotDeleteResource"
