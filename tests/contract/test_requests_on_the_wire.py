"""How a request leaves: as the SDK has made it, with what Azure needs and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from reconciler import __version__
from reconciler.arm.clients import Clients
from reconciler.arm.reader import ArmReader
from reconciler.arm.target import Target
from reconciler.arm.transport import READS, GuardedTransport
from reconciler.arm.writer import ArmWriter
from reconciler.core.sealed.canonical import canonical
from reconciler.kinds import KINDS
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Verb
from reconciler.model.value import Body
from tests.conftest import GROUP, SUBSCRIPTION, identity, service
from tests.contract.recorder import Answer, Recorder, recorder

IDENTITY = KINDS["UserAssignedIdentity"]


@pytest.fixture
def server() -> Iterator[Recorder]:
    """A server that records what arrives."""
    with recorder() as record:
        yield record


def test_a_read_has_a_name_of_its_own_and_says_who_asks(server: Recorder) -> None:
    clients = Clients(Target(server.url))
    for _ in range(2):
        ArmReader(clients).get(IDENTITY, ResourceId(identity("id-a")))
    clients.close()
    first, second = (arrived.headers for arrived in server.requests)
    names = [UUID(headers["x-ms-client-request-id"]) for headers in (first, second)]
    assert names[0] != names[1]
    assert first["user-agent"].startswith(f"acs-reconciler/{__version__} azsdk-python-core/")
    assert sorted(first) == [
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "host",
        "user-agent",
        "x-ms-client-request-id",
    ]


def test_a_write_leaves_byte_for_byte_and_with_its_length(server: Recorder) -> None:
    clients = Clients(Target(server.url), writes=True)
    body: Body = {"location": "westeurope", "tags": {"who": "Zoë"}}
    ArmWriter(clients).write(IDENTITY, Verb.PUT, ResourceId(identity("id-a")), body)
    ArmWriter(clients).write(IDENTITY, Verb.DELETE, ResourceId(identity("id-a")), None)
    clients.close()
    put, delete = server.requests
    assert put.body == canonical(body)
    assert put.headers["content-length"] == str(len(put.body))
    assert put.headers["content-type"] == "application/json"
    assert (delete.body, delete.headers["content-length"]) == (b"", "0")


def test_a_cookie_is_never_sent_back(server: Recorder) -> None:
    cookie = {"Set-Cookie": "session=1; Path=/"}
    server.answer = lambda arrived: Answer(200, {"id": arrived.path}, cookie)
    clients = Clients(Target(server.url))
    for name in ("acs-a", "acs-b"):
        ArmReader(clients).get(KINDS["CommunicationService"], ResourceId(service(name)))
    clients.close()
    assert not any("cookie" in arrived.headers for arrived in server.requests)


def test_a_group_may_have_a_name_that_a_url_cannot_hold_as_it_is(server: Recorder) -> None:
    odd = GROUP.replace("rg-test", "rg (Zoë)")
    clients = Clients(Target(server.url))
    path = f"{odd}/{identity('id-a').removeprefix(f'{GROUP}/')}"
    ArmReader(clients).get(IDENTITY, ResourceId(path))
    clients.close()
    (arrived,) = server.requests
    assert arrived.path.split("/")[4] == "rg%20(Zo%C3%AB)"
    assert SUBSCRIPTION in arrived.path


def test_nobody_is_waited_for_longer_than_the_documents_say() -> None:
    with GuardedTransport(Target("http://127.0.0.1:1"), READS, 1, lambda _: None) as transport:
        config = transport.connection_config
    assert (config.timeout, config.read_timeout) == (10, 60)
