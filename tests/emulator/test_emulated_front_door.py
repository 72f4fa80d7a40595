"""Authentication, api-versions, routing, bad requests and the headers of every answer."""

import http.client
import re
import socket
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.emulator import EmulatorServer
from reconciler.emulator.app import App

S = "/subscriptions/s"
PROVIDERS = f"{S}/resourceGroups/Rg1/providers"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic dTpw"}])
def test_without_a_bearer_token_nothing_is_answered(arm: Any, headers: dict[str, str]) -> None:
    answer = arm.send("GET", arm.service_path(), headers=headers)

    assert (answer.status, answer.code) == (401, "AuthenticationFailed")
    assert answer.headers["www-authenticate"].startswith('Bearer authorization_uri="https://')


def test_the_api_version_is_required(arm: Any) -> None:
    answer = arm.send("GET", arm.service_path().partition("?")[0])

    assert (answer.status, answer.code) == (400, "MissingApiVersionParameter")


def test_an_api_version_that_is_not_a_date_is_refused(arm: Any) -> None:
    answer = arm.send("GET", f"{S}/resourcegroups?api-version=latest")

    assert (answer.status, answer.code) == (400, "InvalidApiVersionParameter")


@pytest.mark.parametrize(
    ("path", "kind", "supported"),
    [
        ("Microsoft.Communication/communicationServices", "CommunicationServices", "2025-05-01"),
        (
            "Microsoft.ManagedIdentity/userAssignedIdentities/x",
            "userAssignedIdentities",
            "2018-11-30",
        ),
        ("Microsoft.Communication/phones/x", "phones", "2026-03-18"),
    ],
)
def test_an_unknown_version_or_type_is_not_found_and_names_the_known_versions(
    arm: Any, path: str, kind: str, supported: str
) -> None:
    answer = arm.send("GET", f"{PROVIDERS}/{path}?api-version=1999-01-01")

    assert (answer.status, answer.code) == (404, "InvalidResourceType")
    message = answer.content["error"]["message"]
    namespace = path.split("/", maxsplit=1)[0]
    assert message.startswith(
        f"The resource type '{kind}' could not be found in the namespace '{namespace}' for api "
        "version '1999-01-01'. The supported api-versions are '20"
    )
    assert supported in message


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/"),
        ("POST", "/tenants"),
        ("GET", "/providers"),
        ("POST", f"{S}/resourceGroups/Rg1/exportTemplate"),
        ("DELETE", f"{S}/resources"),
        ("GET", f"{S}/providers/Microsoft.Web"),
        ("POST", f"{S}/providers/Microsoft.Web/register"),
        ("DELETE", f"{S}/providers/Microsoft.Communication"),
        ("POST", "/subscriptions"),
        ("POST", f"{PROVIDERS}/Microsoft.Communication/communicationServices/a/revokeKeys"),
        ("PATCH", f"{PROVIDERS}/Microsoft.Communication/communicationServices/a/smtpUsernames/b"),
        ("GET", "/providers/Microsoft.Authorization/roleDefinitions"),
        ("GET", f"{PROVIDERS}/Microsoft.Web/sites/a"),
        ("GET", f"{PROVIDERS}/Microsoft.Communication/communicationServices/a/providers/x/y/z"),
        ("PUT", f"{PROVIDERS}/Microsoft.Communication/communicationServices"),
        ("POST", f"{PROVIDERS}/Microsoft.Communication/communicationServices/a"),
        ("OPTIONS", f"{S}/resourcegroups"),
        ("POST", f"{S}/resourcegroups/Rg1"),
        ("DELETE", f"{S}/providers/Microsoft.Communication/locations/w/operationStatuses/a"),
        ("GET", "/emulator/unknown"),
    ],
)
def test_what_is_not_emulated_says_so_loudly(arm: Any, method: str, path: str) -> None:
    arm.group("Rg1", "s")

    answer = arm.send(method, f"{path}?api-version=2025-09-01")

    assert (answer.status, answer.code) == (501, "EmulatorNotImplemented")


def test_head_of_something_not_emulated_has_no_body(arm: Any) -> None:
    answer = arm.send("HEAD", f"{S}/tagNames?api-version=2025-09-01")

    assert (answer.status, answer.body) == (501, b"")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b'{"a": NaN}',
        b'{"location": "\\ud800"}',
        b"[" * 100_000,
        b'{"a": 1' + b"0" * 5000 + b"}",
    ],
)
def test_a_body_that_is_not_json_is_refused(arm: Any, body: bytes) -> None:
    answer = arm.send("PUT", arm.service_path(), body=body)

    assert (answer.status, answer.code) == (400, "InvalidRequestContent")


def test_a_body_over_four_megabytes_is_refused(arm: Any) -> None:
    answer = arm.send("PUT", arm.service_path(), body=b"x" * (4 * 1024 * 1024 + 1))

    assert (answer.status, answer.code) == (413, "RequestContentTooLarge")
    assert arm.service("GET").status == 404


@pytest.mark.parametrize(
    "request_text",
    [
        b"nonsense\r\n\r\n",
        b"FLY / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PUT / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"PUT / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_a_request_that_is_not_proper_http_is_answered_and_hung_up_on(
    emulator: EmulatorServer, arm: Any, request_text: bytes
) -> None:
    host, _, port = emulator.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request_text)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk

    assert b"EmulatorBadHttpRequest" in answer
    assert arm.service("GET").status == 404


def test_a_client_that_goes_away_in_the_middle_does_no_harm(
    emulator: EmulatorServer, arm: Any
) -> None:
    host, _, port = emulator.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"PUT / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")

    assert arm.service("GET").status == 404


def test_a_defect_of_the_emulator_is_a_500_with_a_traceback_on_standard_error(
    arm: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        message = "a defect"
        raise RuntimeError(message)

    monkeypatch.setattr(App, "_answer", fail)

    answer = arm.service("GET")

    assert (answer.status, answer.code) == (500, "EmulatorInternalError")
    assert "RuntimeError: a defect" in capsys.readouterr().err


def test_every_answer_has_the_headers_of_arm(arm: Any) -> None:
    for method, bucket in (("GET", "reads"), ("PUT", "writes"), ("DELETE", "deletes")):
        headers = arm.service(method).headers
        assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-ms-request-id"])
        assert re.fullmatch(r"EMULATOR:\d{8}T\d{6}Z:.{36}", headers["x-ms-routing-request-id"])
        assert {
            "x-ms-correlation-request-id",
            f"x-ms-ratelimit-remaining-subscription-{bucket}",
            f"x-ms-ratelimit-remaining-subscription-global-{bucket}",
        } <= set(headers)


def test_a_request_line_may_have_an_absolute_url(arm: Any) -> None:
    arm.create_service()
    url = f"http://management.example{arm.service_path()}"

    assert arm.send("GET", url).content == arm.service("GET").content


def test_a_line_break_in_a_path_cannot_add_headers(arm: Any) -> None:
    evil = "s%0d%0aX-Evil:%201"
    arm.group("Rg1", evil)
    path = f"/subscriptions/{evil}/resourceGroups/Rg1/providers/Microsoft.ManagedIdentity"

    answer = arm.send(
        "PUT",
        f"{path}/userAssignedIdentities/abc?api-version=2024-11-30",
        {"location": "westeurope"},
    )

    assert answer.status == 201
    assert "x-evil" not in answer.headers


WORDS = st.sampled_from(
    [
        "subscriptions", "s", "resourceGroups", "Rg1", "providers", "Microsoft.Communication",
        "communicationServices", "acs", "Microsoft.ManagedIdentity", "userAssignedIdentities",
        "operationresults", "locations", "operationStatuses", "x*y", "", "%2f", "%00", "%ff",
        "Microsoft.Authorization", "roleAssignments", "roleDefinitions", "emailServices", "domains",
        "senderUsernames", "smtpUsernames", "suppressionLists", "suppressionListAddresses",
        "federatedIdentityCredentials", "listKeys", "register", "resources", "initiateVerification",
        "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "permissions",
    ]
)  # fmt: skip
MEMBERS = st.sampled_from(
    [
        "location", "tags", "identity", "properties", "type", "dataLocation", "linkedDomains",
        "domainManagement", "username", "displayName", "listName", "email", "issuer", "subject",
        "audiences", "roleDefinitionId", "principalId", "condition", "name", "keyType",
        "verificationType",
    ]
)  # fmt: skip
CONTENT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["global", "Europe"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=8,
)
PATHS = st.lists(WORDS, max_size=9).map(lambda words: "/" + "/".join(words)) | st.sampled_from(
    [
        f"{PROVIDERS}/Microsoft.Communication/communicationServices/acs",
        f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/abc",
        f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/abc"
        "/federatedIdentityCredentials/fic",
        f"{PROVIDERS}/Microsoft.Communication/emailServices/mail",
        f"{PROVIDERS}/Microsoft.Communication/emailServices/mail/domains/a.example",
        f"{PROVIDERS}/Microsoft.Communication/emailServices/mail/domains/a.example"
        "/senderUsernames/me",
        f"{S}/resourceGroups/Rg1",
        f"{S}/providers/Microsoft.Authorization/roleAssignments"
        "/11111111-1111-1111-1111-111111111111",
    ]
)
METHODS = st.sampled_from(["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS"])


@settings(
    max_examples=300,
)
@given(
    method=METHODS,
    path=PATHS,
    version=st.sampled_from(["2024-11-30", "2025-09-01", "2022-04-01", ""]),
    content=CONTENT,
)
def test_no_request_makes_the_emulator_fail(
    arm: Any, method: str, path: str, version: str, content: Any
) -> None:
    arm.group("Rg1", "s")

    answer = arm.send(method, f"{path}?api-version={version}", content)

    assert answer.status in {200, 201, 202, 204, 400, 404, 409, 501}


def test_the_emulator_listens_on_loopback_only(run: Callable[..., EmulatorServer]) -> None:
    emulator = run()
    assert emulator.url.startswith("http://127.0.0.1:")
    port = int(emulator.url.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.2", port, timeout=5)
    with pytest.raises(ConnectionRefusedError):
        connection.request("GET", "/emulator/health")
    connection.close()


def test_a_put_in_a_version_that_a_type_has_not_names_the_location(arm: Any) -> None:
    arm.group()
    path = arm.identity_path().partition("?")[0]

    for content, told in (
        ({"location": "westeurope"}, (400, "NoRegisteredProviderFound")),
        ({}, (404, "InvalidResourceType")),
        ([], (404, "InvalidResourceType")),
    ):
        answer = arm.send("PUT", f"{path}?api-version=2001-01-01", content)
        assert (answer.status, answer.code) == told
    assert arm.send("GET", f"{path}?api-version=2001-01-01").code == "InvalidResourceType"
