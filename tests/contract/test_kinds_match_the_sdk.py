"""The table of kinds names the SDK's calls as text; here the installed SDK is asked."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.arm.clients import Clients
from reconciler.arm.target import Target
from reconciler.arm.writer import ArmWriter
from reconciler.kinds import KINDS
from reconciler.kinds.kind import Kind, Operations
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Verb
from reconciler.model.value import Body
from tests.conftest import GROUP, SUBSCRIPTION
from tests.contract.recorder import Recorder

SDK = ("communication", "msi")
"""The clients of the SDK; what has none there is written by its id."""
WRITTEN = {k.name: k for k in KINDS.values() if k.operations and k.operations.client in SDK}
BODY: Body = {"tags": {}, "properties": {"x": None}, "identity": {"type": "None"}}


def operations_of(kind: Kind) -> Operations:
    """Return a kind's operations, which it has."""
    assert kind.operations is not None
    return kind.operations


def calls(kind: Kind) -> dict[Verb, str]:
    """Return the names of the SDK's calls by verb; a kind may lack some."""
    operations = operations_of(kind)
    named = {
        Verb.PUT: operations.create,
        Verb.PATCH: operations.update,
        Verb.DELETE: operations.delete,
    }
    return {verb: name for verb, name in named.items() if name}


def resource(kind: Kind) -> ResourceId:
    """Return the id of some resource of a kind."""
    depth = kind.arm_type.count("/")
    return ResourceId(GROUP).child(kind.arm_type, *(f"name-{i}" for i in range(depth)))


@pytest.fixture
def clients(server: Recorder) -> Iterator[Clients]:
    """Clients that may write, to a server that records."""
    made = Clients(Target(server.url), writes=True)
    yield made
    made.close()


@pytest.mark.parametrize("name", WRITTEN)
def test_the_calls_take_exactly_the_path_parameters_of_the_table(
    name: str, clients: Clients
) -> None:
    kind = WRITTEN[name]
    operations = operations_of(kind)
    group = getattr(clients.for_kind(operations.client, SUBSCRIPTION), operations.group)
    for verb, call in calls(kind).items():
        parameters = inspect.signature(getattr(group, call)).parameters.values()
        named = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        body = [] if verb is Verb.DELETE else ["parameters"]
        assert named == [*operations.parameters, *body], call


@pytest.mark.parametrize("name", WRITTEN)
def test_there_is_a_parameter_for_the_group_and_for_each_name(name: str) -> None:
    kind = WRITTEN[name]
    assert len(operations_of(kind).parameters) == 1 + len(resource(kind).names)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_call_is_named_begin_exactly_where_the_sdk_returns_a_poller(
    name: str, clients: Clients
) -> None:
    kind = WRITTEN[name]
    operations = operations_of(kind)
    group = getattr(clients.for_kind(operations.client, SUBSCRIPTION), operations.group)
    for call in calls(kind).values():
        returned = str(inspect.signature(getattr(group, call)).return_annotation)
        assert call.startswith("begin_") == ("LROPoller" in returned), call
        other = call.removeprefix("begin_") if call.startswith("begin_") else f"begin_{call}"
        assert not hasattr(group, other), f"the SDK has {other} as well"


@pytest.mark.parametrize("name", WRITTEN)
def test_a_write_is_one_request_to_the_resource_itself_with_the_pinned_api_version(
    name: str, clients: Clients, server: Recorder
) -> None:
    kind, id_ = WRITTEN[name], resource(WRITTEN[name])
    for verb in calls(kind):
        server.requests.clear()
        body = None if verb is Verb.DELETE else BODY
        ArmWriter(clients).write(kind, verb, id_, body)
        first = server.requests[0]
        assert [r.method for r in server.requests if r.method != "GET"] == [verb.value]
        assert (first.method, first.path) == (verb.value, id_.text)
        assert first.query["api-version"] == [kind.api_version]


@pytest.mark.parametrize("name", WRITTEN)
def test_a_body_arrives_as_it_was_planned_with_its_nulls_and_empty_objects(
    name: str, clients: Clients, server: Recorder
) -> None:
    kind = WRITTEN[name]
    for verb in calls(kind):
        if verb is not Verb.DELETE:
            server.requests.clear()
            ArmWriter(clients).write(kind, verb, resource(kind), BODY)
            assert json.loads(server.requests[0].body) == BODY


def test_the_pinned_api_versions_are_those_that_the_installed_sdk_was_made_for() -> None:
    from azure.mgmt.communication import CommunicationServiceManagementClient
    from azure.mgmt.msi.v2024_11_30 import ManagedServiceIdentityClient

    factories: dict[str, Any] = {
        "communication": CommunicationServiceManagementClient,
        "msi": ManagedServiceIdentityClient,
    }
    for kind in WRITTEN.values():
        client = factories[operations_of(kind).client](_Nobody(), SUBSCRIPTION)
        assert client._config.api_version == kind.api_version, kind.name


class _Nobody:
    """A credential that is never asked."""

    def get_token(self, *scopes: str, **_: Any) -> Any:
        """Fail."""
        raise AssertionError(scopes)


def test_a_kind_that_has_a_schema_can_be_written() -> None:
    assert [k.name for k in KINDS.values() if k.schema and k.operations is None] == []
