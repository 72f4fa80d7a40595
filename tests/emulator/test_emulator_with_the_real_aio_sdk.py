"""The asynchronous SDK of Azure, unpatched, signs in and works over https."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, TCPConnector
from azure.core.pipeline.transport import AioHttpTransport
from azure.identity.aio import ClientSecretCredential
from azure.mgmt.authorization.aio import AuthorizationManagementClient
from azure.mgmt.communication.aio import CommunicationServiceManagementClient
from azure.mgmt.msi.aio import ManagedServiceIdentityClient
from azure.mgmt.resource.resources.aio import ResourceManagementClient

from reconciler.emulator import EmulatorServer
from reconciler.emulator.wire.certificates import authority
from tests.emulator.conftest import SUBSCRIPTION


async def life(url: str, trust: ssl.SSLContext) -> list[str]:
    """Make and read one resource through each client, and list what there is in the end."""

    def wire() -> AioHttpTransport:
        connector = TCPConnector(ssl=trust)
        return AioHttpTransport(session=ClientSession(connector=connector), session_owner=True)

    def client(factory: Any, credential: Any) -> Any:
        return factory(
            credential, SUBSCRIPTION, base_url=url, credential_scopes=[f"{url}/.default"],
            transport=wire(), polling_interval=0.01,
        )  # fmt: skip

    async with (
        ClientSecretCredential("common", "robot", "s", authority=url, transport=wire()) as who,
        client(ResourceManagementClient, who) as resources,
        client(CommunicationServiceManagementClient, who) as communication,
        client(ManagedServiceIdentityClient, who) as msi,
        client(AuthorizationManagementClient, who) as authorization,
    ):
        await resources.resource_groups.create_or_update("rg", {"location": "westeurope"})
        made = await msi.user_assigned_identities.create_or_update(
            "rg", "id-1", {"location": "westeurope"}
        )
        block = {"type": "UserAssigned", "userAssignedIdentities": {made.id: {}}}
        body = {
            "location": "global",
            "identity": block,
            "properties": {"dataLocation": "Europe"},
        }
        services = communication.communication_services
        poller = await services.begin_create_or_update("rg", "acs-1", body)
        service = await poller.result()
        await authorization.role_assignments.create(
            service.id,
            "44444444-0000-0000-0000-000000000001",
            {
                "role_definition_id": "/providers/Microsoft.Authorization/roleDefinitions"
                "/acdd72a7-3385-48ef-bd42-f606fba81ae7",
                "principal_id": made.principal_id,
                "principal_type": "ServicePrincipal",
            },
        )
        listed = [entry.id async for entry in resources.resources.list()]
        assigned = authorization.role_assignments.list_for_scope(service.id)
        return [*listed, *[entry.principal_id async for entry in assigned], made.principal_id]


def test_all_clients_work_side_by_side(tmp_path: Path) -> None:
    with EmulatorServer(certificates=tmp_path) as emulator:
        trust = ssl.create_default_context(cafile=authority(tmp_path))
        *listed, assigned, principal = asyncio.run(life(emulator.url, trust))

    assert [text.rpartition("/")[2] for text in listed] == ["acs-1", "id-1"]
    assert assigned == principal
