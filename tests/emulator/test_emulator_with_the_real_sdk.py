"""The SDK of Azure, unpatched, against the emulator."""

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.communication.models import (
    CommunicationServiceProperties,
    CommunicationServiceResource,
    ManagedServiceIdentity,
    UserAssignedIdentity,
)

from reconciler.emulator import EmulatorServer

Sdk = Callable[..., Any]
Connect = Callable[[EmulatorServer], Any]
Run = Callable[..., EmulatorServer]
SERVICE = {"location": "global", "properties": {"dataLocation": "United States"}}


@pytest.mark.parametrize("operations", ["immediate", "polls:2", "seconds:0.05"])
def test_the_whole_life_of_a_service(run: Run, connect: Connect, sdk: Sdk, operations: str) -> None:
    emulator = run(operations=operations)
    connect(emulator).group()
    services = sdk(emulator, "communication").communication_services
    identities = sdk(emulator, "msi").user_assigned_identities
    identity = identities.create_or_update("rg1", "id-1", {"location": "westeurope"})

    resource = CommunicationServiceResource(
        location="global",
        properties=CommunicationServiceProperties(data_location="United States"),
        identity=ManagedServiceIdentity(
            type="UserAssigned", user_assigned_identities={identity.id: UserAssignedIdentity()}
        ),
    )
    created = services.begin_create_or_update("rg1", "acs-1", resource).result()
    assert created.properties.host_name == "acs-1.unitedstates.communication.azure.com"
    assert created.properties.provisioning_state == "Succeeded"
    principals = created.identity.user_assigned_identities[identity.id]
    assert principals.principal_id == identity.principal_id

    updated = services.update("rg1", "acs-1", {"tags": {"a": "b"}})
    assert updated.tags == {"a": "b"}
    removal = {"type": "None", "userAssignedIdentities": {identity.id: None}}
    services.update("rg1", "acs-1", {"identity": removal})
    assert services.get("rg1", "acs-1").identity.type == "None"

    services.begin_delete("rg1", "acs-1").result()
    with pytest.raises(ResourceNotFoundError):
        services.get("rg1", "acs-1")
    services.begin_delete("rg1", "acs-1").result()
    identities.delete("rg1", "id-1")
    identities.delete("rg1", "id-1")


@pytest.mark.parametrize("kind", ["communication", "msi"])
def test_lists_are_followed_over_their_pages(
    run: Run, connect: Connect, sdk: Sdk, kind: str
) -> None:
    emulator = run(page_size=2)
    arm = connect(emulator)
    arm.group()
    for number in range(5):
        arm.create_service(f"name-{number}")
        arm.create_identity(f"name-{number}")
    client = sdk(emulator, kind)
    group = (
        client.communication_services
        if kind == "communication"
        else client.user_assigned_identities
    )

    names = [item.name for item in group.list_by_subscription()]

    assert names == [f"name-{number}" for number in range(5)]
    assert [item.name for item in group.list_by_resource_group("RG1")] == names


def test_an_identity_is_updated(arm: Any, emulator: EmulatorServer, sdk: Sdk) -> None:
    arm.create_identity()
    identities = sdk(emulator, "msi").user_assigned_identities

    updated = identities.update("rg1", "id-1", {"tags": {"a": "b"}})

    assert identities.get("rg1", "id-1").tags == updated.tags == {"a": "b"}


def test_errors_arrive_with_azures_codes(arm: Any, emulator: EmulatorServer, sdk: Sdk) -> None:
    services = sdk(emulator, "communication").communication_services
    arm.create_service()

    with pytest.raises(HttpResponseError) as refused:
        services.begin_create_or_update(
            "rg1", "acs-1", SERVICE | {"properties": {"dataLocation": "Europe"}}
        )

    assert refused.value.error is not None
    assert refused.value.error.code == "PropertyChangeNotAllowed"


def test_a_failed_operation_is_raised_with_its_message(
    arm: Any, emulator: EmulatorServer, sdk: Sdk
) -> None:
    arm.fault(method="PUT", operation="Failed", code="Boom", message="no luck")
    services = sdk(emulator, "communication").communication_services

    poller = services.begin_create_or_update("rg1", "acs-1", SERVICE)

    with pytest.raises(HttpResponseError, match="no luck"):
        poller.result()


def test_a_write_during_an_operation_is_a_conflict(run: Run, connect: Connect, sdk: Sdk) -> None:
    emulator = run(operations="polls:5")
    connect(emulator).group()
    services = sdk(emulator, "communication").communication_services
    poller = services.begin_create_or_update("rg1", "acs-1", SERVICE, polling=False)

    with pytest.raises(ResourceExistsError, match="AnotherOperationInProgress"):
        services.update("rg1", "acs-1", {"tags": {}})

    assert poller.done()


def test_a_throttled_request_is_retried_by_the_sdk(
    arm: Any, emulator: EmulatorServer, sdk: Sdk
) -> None:
    arm.create_service()
    arm.fault(method="GET", status=429, code="TooManyRequests", headers={"Retry-After": "0"})
    services = sdk(emulator, "communication", retry_backoff_factor=0.001).communication_services

    assert services.get("rg1", "acs-1").name == "Acs-1"
