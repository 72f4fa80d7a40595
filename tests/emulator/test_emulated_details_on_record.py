"""Small things that a replay of recordings showed to be otherwise."""

from typing import Any

import pytest

from tests.emulator.conftest import GROUP, SUBSCRIPTION


@pytest.mark.parametrize("kind", ["service", "email"])
def test_the_deletion_of_a_service_ends_without_time_and_percentage(arm: Any, kind: str) -> None:
    arm.create_service()
    arm.create_email()

    deleted = arm.service("DELETE") if kind == "service" else arm.email("DELETE")
    ended = arm.send("GET", deleted.headers["location"]).content

    assert ended["status"] == "Succeeded"
    assert ended["properties"] is None
    assert not {"endTime", "percentComplete"} & set(ended)


def test_the_deletion_of_a_domain_ends_with_both(arm: Any) -> None:
    arm.create_domain()

    deleted = arm.email("DELETE", "/domains/Acs.Example.com")
    ended = arm.send("GET", deleted.headers["location"]).content

    assert ended["percentComplete"] == 100.0
    assert ended["endTime"].endswith("Z")


def test_lists_say_what_they_were_gathered_from_only_where_arm_gathers_them(arm: Any) -> None:
    arm.create_service()
    arm.create_domain()
    arm.create_identity()
    communication = f"{GROUP}/providers/Microsoft.Communication"
    identities = "providers/Microsoft.ManagedIdentity/userAssignedIdentities"
    gathered = {
        f"{communication}/communicationServices": True,
        f"{communication}/emailServices/Mail-1/domains": True,
        f"{communication}/communicationServices/Acs-1/smtpUsernames": False,
        f"{communication}/emailServices/Mail-1/domains/Acs.Example.com/senderUsernames": False,
        f"{GROUP}/{identities}": False,
        f"/subscriptions/{SUBSCRIPTION}/{identities}": True,
        f"{GROUP}/{identities}/id-1/federatedIdentityCredentials": False,
    }

    for path, expected in gathered.items():
        version = "2024-11-30" if "Identity" in path else "2025-09-01"
        answer = arm.send("GET", f"{path}?api-version={version}")
        assert answer.status == 200
        assert ("x-ms-original-request-ids" in answer.headers) == expected, path


def test_what_the_service_itself_misses_comes_through_provider_hub(arm: Any) -> None:
    arm.create_domain()

    missed = arm.email("GET", "/domains/Acs.Example.com/senderUsernames/nobody")

    assert missed.code == "ResourceReadFailed"
    assert missed.headers["x-ms-providerhub-traffic"] == "True"
    assert missed.headers["content-type"] == "application/json"


def test_an_identity_tells_who_carries_it_in_the_previews_that_could(arm: Any) -> None:
    identity = arm.create_identity()
    path = arm.identity_path().replace("?", "/listAssociatedResources?")
    preview = path.replace("2024-11-30", "2022-01-31-preview")
    assert arm.send("POST", preview).content == {"totalCount": 0, "value": []}

    arm.create_service(identity={"type": "UserAssigned", "userAssignedIdentities": {identity: {}}})

    (user,) = arm.send("POST", preview).content["value"]
    assert (user["name"], user["resourceGroup"]) == ("Acs-1", "Rg1")
    assert arm.send("POST", path).code == "InvalidResourceType"


def test_tokens_of_an_identity_are_revoked_without_a_body(arm: Any) -> None:
    arm.create_identity()
    path = arm.identity_path().replace("?", "/revokeTokens?")

    answer = arm.send("POST", path.replace("2024-11-30", "2023-07-31-preview"))

    assert (answer.status, answer.body) == (200, b"")


def test_the_operations_of_a_provider_are_listed(arm: Any) -> None:
    path = "/providers/Microsoft.Communication/operations?api-version=2025-09-01"

    names = {entry["name"] for entry in arm.send("GET", path).content["value"]}

    assert "Microsoft.Communication/CommunicationServices/read" in names
    assert "Microsoft.Communication/EmailServices/Domains/initiateverification/action" in names
    assert arm.send("GET", path.replace("Communication/", "Web/")).status == 501
