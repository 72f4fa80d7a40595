"""Whatever a server answers, a list is whole or a failure: never a part taken for all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.arm.clients import Clients
from reconciler.arm.reader import ArmReader
from reconciler.arm.target import Target
from reconciler.engine.ports import RequestFailedError
from reconciler.kinds import KINDS
from reconciler.model.failure import FailureClass
from reconciler.model.ids import ResourceId
from tests.conftest import GROUP, service
from tests.contract.recorder import Answer, Arrived, Recorder

KIND = KINDS["CommunicationService"]
ITEM = {"id": service("acs-a"), "location": "global"}


@pytest.fixture
def reader(server: Recorder) -> Iterator[ArmReader]:
    """A reader of a server that answers what it is told to."""
    clients = Clients(Target(server.url))
    yield ArmReader(clients)
    clients.close()


WORTHLESS: dict[str, Any] = {
    "no object": [1, 2],
    "no value": {"nextLink": None},
    "a value that is no list": {"value": {"a": 1}},
    "an entry that is no object": {"value": [ITEM, "x"]},
    "an entry without an id": {"value": [ITEM, {"name": "x"}]},
    "an entry with an odd id": {"value": [ITEM, {"id": "/subscriptions/x/"}]},
    "a link that is no text": {"value": [ITEM], "nextLink": {"a": 1}},
    "nothing": None,
}


@pytest.mark.parametrize("kind", WORTHLESS)
def test_a_list_that_makes_no_sense_is_a_failure(
    reader: ArmReader, server: Recorder, kind: str
) -> None:
    server.answer = lambda _request: Answer(200, WORTHLESS[kind])
    with pytest.raises(RequestFailedError) as caught:
        reader.list_in(KIND, GROUP)
    assert caught.value.failure.kind is FailureClass.TRANSIENT
    assert caught.value.failure.code == "malformed answer"


ABOVE = ("", "/providers/Microsoft.Management/managementGroups/all")
"""Where a role holds in all subscriptions: at the root, and in a management group."""


def test_roles_given_above_the_subscription_are_seen_and_belong_to_nobody(
    reader: ArmReader, server: Recorder
) -> None:
    tail = "/providers/Microsoft.Authorization/roleAssignments/0a0a0a0a-1111-2222-3333-444444444444"
    entries = [{"id": f"{scope}{tail}"} for scope in (*ABOVE, GROUP)]
    server.answer = lambda _request: Answer(200, {"value": entries})
    assert list(reader.list_in(KINDS["RoleAssignment"], GROUP)) == [ResourceId(f"{GROUP}{tail}")]
    with pytest.raises(RequestFailedError):
        reader.list_in(KIND, GROUP)


@pytest.mark.parametrize("body", [None, [], {"value": []}, {"name": "x"}])
def test_a_resource_that_makes_no_sense_is_a_failure_and_not_absent(
    reader: ArmReader, server: Recorder, body: Any
) -> None:
    server.answer = lambda _request: Answer(200, body)
    with pytest.raises(RequestFailedError):
        reader.get(KIND, ResourceId(service("acs-a")))


def test_pages_that_lead_in_a_circle_are_a_failure(reader: ArmReader, server: Recorder) -> None:
    def answer(request: Arrived) -> Answer:
        page = "2" if request.query.get("page") == ["1"] else "1"
        link = f"{server.url}{request.path}?api-version=2025-09-01&page={page}"
        return Answer(200, {"value": [ITEM], "nextLink": link})

    server.answer = answer
    with pytest.raises(RequestFailedError, match="circle"):
        reader.list_in(KIND, GROUP)
    assert len(server.requests) == 3


def test_an_empty_page_with_a_next_one_does_not_end_a_list(
    reader: ArmReader, server: Recorder
) -> None:
    def answer(request: Arrived) -> Answer:
        if "$skiptoken" in request.query:
            return Answer(200, {"value": [ITEM]})
        link = f"{server.url}{request.path}?api-version=2025-09-01&%24skiptoken=a%2Fb*"
        return Answer(200, {"value": [], "nextLink": link})

    server.answer = answer
    assert list(reader.list_in(KIND, GROUP)) == [ResourceId(service("acs-a"))]
    assert server.requests[1].query["$skiptoken"] == ["a/b*"]


ABSENT = ["ResourceNotFound", "ResourceGroupNotFound", "ParentResourceNotFound", "NotFound",
          "ResourceReadFailed", "RoleAssignmentNotFound"]  # fmt: skip
UNKNOWN = ["SubscriptionNotFound", "InvalidResourceType", "InvalidResourceNamespace", "HTTP 404"]


@pytest.mark.parametrize("code", ABSENT)
def test_a_404_that_means_the_resource_is_an_answer(
    reader: ArmReader, server: Recorder, code: str
) -> None:
    server.answer = lambda _request: Answer(404, {"error": {"code": code, "message": "no"}})
    assert reader.get(KIND, ResourceId(service("acs-a"))) is None
    assert reader.list_in(KIND, GROUP) == {}


@pytest.mark.parametrize("code", UNKNOWN)
def test_any_other_404_is_a_failure(reader: ArmReader, server: Recorder, code: str) -> None:
    body = None if code == "HTTP 404" else {"error": {"code": code, "message": "no"}}
    server.answer = lambda _request: Answer(404, body)
    with pytest.raises(RequestFailedError) as caught:
        reader.get(KIND, ResourceId(service("acs-a")))
    assert caught.value.failure.code == code
    with pytest.raises(RequestFailedError):
        reader.list_in(KIND, GROUP)
