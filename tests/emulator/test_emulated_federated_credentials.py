"""federatedIdentityCredentials, as recorded from Azure and documented by it."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from reconciler.emulator import EmulatorServer

CODE = "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity"


def content(number: int = 1, **more: Any) -> dict[str, Any]:
    """Return the body of a credential."""
    properties = {
        "issuer": "https://issuer.example/",
        "subject": f"system:serviceaccount:ns:{number}",
        "audiences": ["api://AzureADTokenExchange"],
    }
    return {"properties": properties | more}


def test_a_credential_is_created_replaced_read_listed_and_deleted(arm: Any) -> None:
    identity = arm.create_identity()

    created = arm.credential("PUT", "/fic1", content())
    replaced = arm.credential("PUT", "/FIC1", content(2))

    assert [created.status, replaced.status] == [201, 200]
    assert created.headers["location"] == f"{identity}/federatedIdentityCredentials/fic1"
    assert "location" not in replaced.headers
    assert not {"etag", "x-ms-providerhub-traffic"} & set(created.headers)
    assert (
        created.content
        == {
            "id": f"{identity}/federatedIdentityCredentials/fic1",
            "name": "fic1",
            "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        }
        | content()
    )
    assert replaced.content == created.content | content(2)
    assert arm.credential("GET", "/fic1").content == replaced.content
    assert arm.credential("GET").content == {"value": [replaced.content]}
    gone = arm.credential("DELETE", "/fic1")
    assert (gone.status, gone.body, arm.credential("DELETE", "/fic1").status) == (200, b"", 204)


def test_a_missing_credential_is_not_found_in_the_words_of_its_provider(arm: Any) -> None:
    identity = arm.create_identity()

    answer = arm.credential("GET", "/fic1")

    assert (answer.status, answer.code) == (404, "NotFound")
    path = f"{identity}/federatedIdentityCredentials/fic1"
    assert answer.content["error"]["message"] == f"Resource '{path}' was not found."
    assert "x-ms-failure-cause" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_credential_of_a_missing_identity_has_no_parent(arm: Any, method: str) -> None:
    answer = arm.credential(method, "/fic1", content())

    assert (answer.status, answer.code) == (404, "ParentResourceNotFound")


@pytest.mark.parametrize("name", ["ab", "-abc", "a.bc", "a" * 121])
def test_a_name_that_breaks_the_rule_is_refused(arm: Any, name: str) -> None:
    arm.create_identity()

    answer = arm.credential("PUT", f"/{name}", content())

    assert (answer.status, answer.code) == (400, "InvalidResourceName")


@pytest.mark.parametrize("audiences", [[], ["a", "b"]])
def test_there_is_exactly_one_audience(arm: Any, audiences: list[str]) -> None:
    arm.create_identity()

    answer = arm.credential("PUT", "/fic1", content(audiences=audiences))

    assert (answer.status, answer.code) == (400, "InvalidFederatedIdentityCredentialValue")


@pytest.mark.parametrize("missing", ["issuer", "subject", "audiences"])
def test_a_credential_needs_all_three(arm: Any, missing: str) -> None:
    arm.create_identity()

    properties = content()["properties"] | {missing: None}
    answer = arm.credential("PUT", "/fic1", {"properties": properties})

    assert (answer.status, answer.code) == (400, "HttpRequestPayloadAPISpecValidationFailed")


def test_issuer_and_subject_are_unique_in_an_identity_compared_exactly(arm: Any) -> None:
    arm.create_identity()
    arm.credential("PUT", "/fic1", content())

    same = arm.credential("PUT", "/fic2", content())
    slash = arm.credential("PUT", "/fic3", content(issuer="https://issuer.example"))
    itself = arm.credential("PUT", "/fic1", content())

    assert (same.status, same.code) == (400, "InvalidFederatedIdentityCredentialValue")
    assert [slash.status, itself.status] == [201, 200]


def test_an_identity_has_at_most_twenty_credentials(arm: Any) -> None:
    arm.create_identity()
    answers = [arm.credential("PUT", f"/fic{n}", content(n)) for n in range(21)]

    assert [answer.status for answer in answers] == [201] * 20 + [400]
    assert answers[-1].code == "FederatedIdentityCredentialsLimitExceeded"
    assert arm.credential("PUT", "/fic7", content(99)).status == 200


def test_credentials_vanish_with_their_identity(arm: Any) -> None:
    arm.create_identity()
    arm.credential("PUT", "/fic1", content())

    assert arm.identity("DELETE").status == 200
    arm.create_identity()

    assert arm.credential("GET").content == {"value": []}


def test_credentials_are_not_in_versions_before_them(arm: Any) -> None:
    path = arm.identity_path().replace("?", "/federatedIdentityCredentials?")

    assert arm.send("GET", re.sub("2024-11-30", "2018-11-30", path)).code == "InvalidResourceType"


@pytest.mark.parametrize("second", ["PUT", "DELETE"])
def test_two_writes_for_one_identity_that_overlap_are_a_conflict(
    run: Callable[..., EmulatorServer], connect: Callable[..., Any], second: str
) -> None:
    emulator = run()
    arm, other = connect(emulator), connect(emulator)
    arm.group()
    identity = arm.create_identity()
    arm.create_identity("id-2")
    arm.fault(path="federatedIdentityCredentials/slow$", delay=1.0)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(arm.credential, "PUT", "/slow", content())
        while not _is_waiting(emulator):
            threading.Event().wait(0.005)
        refused = other.credential(second, "/fast", content(2))
        read = other.credential("GET")
        elsewhere = other.send(
            "PUT",
            other.identity_path("id-2").replace("?", "/federatedIdentityCredentials/fast?"),
            content(2),
        )
        first = slow.result()

    assert (refused.status, refused.code) == (409, CODE)
    assert f"identity '{identity.lower()}'" in refused.content["error"]["message"]
    assert [first.status, read.status, elsewhere.status] == [201, 200, 201]
    assert other.credential("PUT", "/fast", content(2)).status == 201


def _is_waiting(emulator: EmulatorServer) -> bool:
    running = emulator._running
    assert running is not None
    return any(armed.seen for armed in running.listener.app.faults._armed)
