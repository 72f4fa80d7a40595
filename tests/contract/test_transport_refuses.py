"""What the client cannot send, proved with the real SDK and a server that records what arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from azure.core.rest import HttpRequest

from reconciler.arm import plain
from reconciler.arm.clients import Clients
from reconciler.arm.reader import ArmReader
from reconciler.arm.target import PUBLIC_AZURE, Target
from reconciler.arm.transport import RESOURCE_GRAPH, RequestForbiddenError
from reconciler.arm.writer import ArmWriter
from reconciler.engine.ports import RequestFailedError
from reconciler.kinds import KINDS
from reconciler.kinds.email import CHECK_FIELD, INITIATE
from reconciler.model.errors import UsageError
from reconciler.model.failure import FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Verb
from tests.conftest import GROUP, SUBSCRIPTION, service
from tests.contract.recorder import Answer, Arrived, Recorder

SERVICE = KINDS["CommunicationService"]
DOMAIN = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail/domains/a.test"
NAMES = ("rg-test", "acs-test")
Call = Callable[[Clients], Any]

WRITES: dict[str, Call] = {
    "create a service": lambda c: c.communication(
        SUBSCRIPTION
    ).communication_services.begin_create_or_update(*NAMES, {"location": "global"}),
    "change a service": lambda c: c.communication(SUBSCRIPTION).communication_services.update(
        *NAMES, {"tags": {}}
    ),
    "delete a service": lambda c: c.communication(SUBSCRIPTION).communication_services.begin_delete(
        *NAMES
    ),
    "create an e-mail service": lambda c: c.communication(
        SUBSCRIPTION
    ).email_services.begin_create_or_update(*NAMES, {"location": "global"}),
    "create an identity": lambda c: c.msi(SUBSCRIPTION).user_assigned_identities.create_or_update(
        *NAMES, BytesIO(b'{"location": "westeurope"}')
    ),
    "change an identity": lambda c: c.msi(SUBSCRIPTION).user_assigned_identities.update(
        *NAMES, BytesIO(b'{"tags": {}}')
    ),
    "delete an identity": lambda c: c.msi(SUBSCRIPTION).user_assigned_identities.delete(*NAMES),
}

POSTS: dict[str, Call] = {
    "read the keys": lambda c: c.communication(SUBSCRIPTION).communication_services.list_keys(
        *NAMES
    ),
    "make a new key": lambda c: c.communication(SUBSCRIPTION).communication_services.regenerate_key(
        *NAMES, {"keyType": "Primary"}
    ),
    "cancel a verification": lambda c: c.communication(
        SUBSCRIPTION
    ).domains.begin_cancel_verification(*NAMES, "a.test", {"verificationType": "SPF"}),
}

ACTIONS: dict[str, Call] = {
    "link a notification hub": lambda c: c.communication(
        SUBSCRIPTION
    ).communication_services.link_notification_hub(
        *NAMES, {"resourceId": "/subscriptions/x", "connectionString": "secret"}
    ),
    "check a name": lambda c: c.communication(
        SUBSCRIPTION
    ).communication_services.check_name_availability({"name": "acs-test", "type": "x"}),
    "verify a record": lambda c: c.communication(SUBSCRIPTION).send_request(
        HttpRequest("POST", f"{DOMAIN}/{INITIATE}", json={CHECK_FIELD: "SPF"})
    ),
}


@contextmanager
def clients(server: Recorder, *, writes: bool, asks_graph: bool = False) -> Iterator[Clients]:
    """Clients for a recording server."""
    made = Clients(Target(server.url), writes=writes, asks_graph=asks_graph)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("what", [*WRITES, *POSTS, *ACTIONS])
def test_a_client_that_plans_cannot_send_anything_but_reads(what: str, server: Recorder) -> None:
    with clients(server, writes=False) as made, pytest.raises(RequestForbiddenError) as refused:
        (WRITES | POSTS | ACTIONS)[what](made)
    assert "this run may only send GET, HEAD" in refused.value.problem
    assert server.requests == []


GRAPH: dict[str, Call] = {
    path: lambda c, path=path: plain.post(  # type: ignore[misc]
        c, f"{path}?api-version=2022-10-01", SUBSCRIPTION, "POST", {"query": "resources"}
    )
    for path in (
        RESOURCE_GRAPH,
        f"{RESOURCE_GRAPH}/",
        f"{service('acs-test')}{RESOURCE_GRAPH}",
        f"{service('acs-test')}/listKeys",
        f"{service('acs-test')}/listKeys/..{RESOURCE_GRAPH}",
        "/providers/Microsoft.ResourceGraph/operations",
    )
}


@pytest.mark.parametrize("what", [*WRITES, *POSTS, *ACTIONS, *list(GRAPH)[1:]])
def test_a_client_that_looks_for_drift_may_ask_resource_graph_and_nothing_else(
    what: str, server: Recorder
) -> None:
    with clients(server, writes=False, asks_graph=True) as made:
        GRAPH[RESOURCE_GRAPH](made)
        with pytest.raises((RequestForbiddenError, RequestFailedError), match="refused to send"):
            (WRITES | POSTS | ACTIONS | GRAPH)[what](made)
    assert [(r.method, r.path) for r in server.requests] == [("POST", RESOURCE_GRAPH)]


@pytest.mark.parametrize("writes", [False, True])
def test_a_client_that_plans_or_applies_cannot_even_ask_resource_graph(
    writes: bool, server: Recorder
) -> None:
    refused = pytest.raises(RequestFailedError, match="refused to send")
    with clients(server, writes=writes) as made, refused:
        GRAPH[RESOURCE_GRAPH](made)
    assert server.requests == []


@pytest.mark.parametrize("what", POSTS)
def test_a_client_that_applies_cannot_ask_for_keys(what: str, server: Recorder) -> None:
    with clients(server, writes=True) as made, pytest.raises(RequestForbiddenError) as refused:
        POSTS[what](made)
    assert "refused to send POST" in refused.value.problem
    assert server.requests == []


@pytest.mark.parametrize("what", ACTIONS)
def test_a_client_that_applies_may_ask_for_what_is_listed(what: str, server: Recorder) -> None:
    with clients(server, writes=True) as made:
        ACTIONS[what](made)
    assert [r.method for r in server.requests] == ["POST"]


def test_an_action_is_asked_for_once(server: Recorder) -> None:
    server.answer = lambda _: Answer(503, {"error": {"code": "Busy", "message": "later"}})
    with clients(server, writes=True) as made, pytest.raises(RequestFailedError):
        ArmWriter(made).act(SERVICE, ResourceId(service("acs-test")), "linkNotificationHub", {})
    assert len(server.requests) == 1


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb is not Verb.POST])
def test_a_writer_in_read_mode_reports_a_refusal_that_is_not_tried_again(
    verb: Verb, server: Recorder
) -> None:
    body = None if verb is Verb.DELETE else {"location": "global"}
    with clients(server, writes=False) as made, pytest.raises(RequestFailedError) as failed:
        ArmWriter(made).write(SERVICE, verb, ResourceId(service("acs-test")), body)
    assert failed.value.failure.kind is FailureClass.REFUSED
    assert server.requests == []


def test_reads_go_through(server: Recorder) -> None:
    with clients(server, writes=False) as made:
        ArmReader(made).get(SERVICE, ResourceId(service("acs-test")))
    assert [r.method for r in server.requests] == ["GET"]


def refused_origin(failure: RequestFailedError) -> bool:
    """Whether a failure says that another origin was refused."""
    found = failure.failure
    return found.kind is FailureClass.REFUSED and "another origin" in found.message


def test_a_next_page_on_another_origin_is_not_fetched(
    server: Recorder, elsewhere: Recorder
) -> None:
    page = {"value": [], "nextLink": f"{elsewhere.url}/next?api-version=1&$skipToken=x"}
    server.answer = lambda _: Answer(200, page)
    with clients(server, writes=False) as made, pytest.raises(RequestFailedError) as failed:
        ArmReader(made).list_in(SERVICE, GROUP)
    assert refused_origin(failed.value)
    assert len(server.requests) == 1


def test_a_next_page_on_another_port_scheme_or_host_is_another_origin(server: Recorder) -> None:
    port = server.url.rpartition(":")[2]
    for url in (
        f"https://127.0.0.1:{port}/next",
        f"http://localhost:{port}/next",
        "http://127.0.0.1/next",
        f"http://127.0.0.1:{port}@example.com/next",
    ):
        page = {"value": [], "nextLink": url}
        server.answer = lambda _, page=page: Answer(200, page)  # type: ignore[misc]  # bound now
        with clients(server, writes=False) as made, pytest.raises(RequestFailedError) as failed:
            ArmReader(made).list_in(SERVICE, GROUP)
        assert refused_origin(failed.value), (url, failed.value.failure)


def test_a_redirect_to_another_origin_is_not_followed(
    server: Recorder, elsewhere: Recorder
) -> None:
    server.answer = lambda _: Answer(307, headers={"Location": f"{elsewhere.url}/there"})
    with clients(server, writes=False) as made, pytest.raises(RequestFailedError):
        ArmReader(made).get(SERVICE, ResourceId(service("acs-test")))
    assert len(server.requests) == 1


@pytest.mark.parametrize("header", ["Azure-AsyncOperation", "Location"])
@pytest.mark.parametrize("verb", [Verb.PUT, Verb.DELETE])
def test_a_long_running_operation_is_not_polled_on_another_origin(
    verb: Verb, header: str, server: Recorder, elsewhere: Recorder
) -> None:
    def lying(request: Arrived) -> Answer:
        if request.method == "GET":
            return Answer(200, {"id": request.path, "properties": {}})
        body = {"id": request.path, "properties": {"provisioningState": "Creating"}}
        status = 201 if request.method == "PUT" else 202
        return Answer(status, body, {header: f"{elsewhere.url}/operations/1?api-version=1"})

    server.answer = lying
    body = None if verb is Verb.DELETE else {"location": "global"}
    with clients(server, writes=True) as made, pytest.raises(RequestFailedError) as failed:
        ArmWriter(made).write(SERVICE, verb, ResourceId(service("acs-test")), body)
    assert refused_origin(failed.value)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://management.azure.com",
        "http://10.0.0.1:8480",
        "http://0.0.0.0:8480",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1@example.com",
        "http://user:word@example.com",
    ],
)
def test_plain_http_to_anything_but_this_machine_is_refused(endpoint: str) -> None:
    with pytest.raises(UsageError, match=r"plain http|no endpoint"):
        Target(endpoint)


@pytest.mark.parametrize(
    "endpoint", ["", "azur", "ftp://127.0.0.1", "https://", "https://host/path", "file:///etc"]
)
def test_what_is_no_origin_is_refused(endpoint: str) -> None:
    with pytest.raises(UsageError, match="no endpoint"):
        Target(endpoint)


@pytest.mark.parametrize(
    ("endpoint", "local"),
    [
        ("http://127.0.0.1:8480", True),
        ("http://localhost:8480", True),
        ("http://[::1]:8480", True),
        ("https://127.0.0.1:8480", True),
        (PUBLIC_AZURE, False),
        ("https://management.chinacloudapi.cn", False),
    ],
)
def test_an_endpoint_is_local_only_on_this_machine(endpoint: str, local: bool) -> None:
    assert Target(endpoint).is_local is local


def test_this_machine_is_only_ever_given_the_emulators_made_up_token(
    server: Recorder, elsewhere: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, elsewhere.url)
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.setenv(name, SUBSCRIPTION)
    with clients(server, writes=True) as made:
        ArmReader(made).get(SERVICE, ResourceId(service("acs-test")))
        ArmReader(made).list_in(KINDS["UserAssignedIdentity"], GROUP)
        for call in WRITES.values():
            call(made)
    assert {r.authorization for r in server.requests} == {"Bearer emulator"}
    assert {r.method for r in server.requests} == {"GET", "PUT", "PATCH", "DELETE"}


def test_no_credential_is_even_made_for_this_machine(
    server: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import azure.identity

    def unwanted(**_: Any) -> None:
        pytest.fail("a credential was made")

    monkeypatch.setattr(azure.identity, "DefaultAzureCredential", unwanted)
    with clients(server, writes=False) as made:
        ArmReader(made).list_in(SERVICE, GROUP)
    assert len(server.requests) == 1
