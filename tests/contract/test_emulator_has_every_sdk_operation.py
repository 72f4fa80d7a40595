"""Every operation of the SDK's clients is one that the emulator answers: none is a 501."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.paging import ItemPaged
from azure.core.polling import LROPoller
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.communication import CommunicationServiceManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient

from reconciler.emulator import EmulatorServer
from tests.conftest import GROUP, SUBSCRIPTION, Arm, service
from tests.emulator.conftest import NoCredential, StaticToken

GUID = "44444444-0000-0000-0000-000000000001"
NAMES = {
    "resource_group_name": "rg-test",
    "domain_name": "d.example.com",
    "scope": service("acs-1"),
    "role_assignment_name": GUID,
    "role_definition_id": GUID,
    "role_assignment_id": f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{GUID}",
    "role_id": f"{GROUP}/providers/Microsoft.Authorization/roleDefinitions/{GUID}",
    "resource_provider_namespace": "Microsoft.Communication",
    "parent_resource_path": "",
    "resource_type": "communicationServices",
    "resource_name": "acs-1",
}
"""What is given for a parameter; a text for every other."""

GROUPS: dict[str, tuple[type[Any], tuple[str, ...]]] = {
    "communication": (
        CommunicationServiceManagementClient,
        (
            "operations", "communication_services", "email_services", "domains",
            "sender_usernames", "smtp_usernames", "suppression_lists",
            "suppression_list_addresses",
        ),
    ),
    "msi": (
        ManagedServiceIdentityClient,
        (
            "operations", "user_assigned_identities", "federated_identity_credentials",
            "system_assigned_identities",
        ),
    ),
    "authorization": (
        AuthorizationManagementClient,
        ("role_assignments", "role_definitions", "permissions"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """An emulator with a group and a service."""
    with EmulatorServer() as emulator:
        arm = Arm(emulator.url)
        arm.group()
        arm.put(service("acs-1"), {"location": "global", "properties": {"dataLocation": "UK"}})
        yield emulator.url


def methods(group: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the operations of a group by name."""
    for name, method in inspect.getmembers(group, inspect.ismethod):
        if not name.startswith("_"):
            yield name, method


def code_of(method: Callable[..., Any]) -> str | None:
    """Call an operation with made-up arguments; return the code of the error, if there was one."""
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD or parameter.default is not parameter.empty:
            continue
        body = name in ("parameters", "resource", "role_definition") or name.endswith("_resource")
        given[name] = {"location": "global"} if body else NAMES.get(name, "name-1")
    try:
        result = method(**given)
        if isinstance(result, ItemPaged):
            list(result)
        elif isinstance(result, LROPoller):
            result.result()
    except HttpResponseError as error:
        return error.error.code if error.error else str(error.status_code)
    return None


@pytest.mark.parametrize(
    ("client", "group"), [(name, group) for name, (_, groups) in GROUPS.items() for group in groups]
)
def test_every_operation_is_answered(url: str, client: str, group: str) -> None:
    factory, _ = GROUPS[client]
    with factory(
        NoCredential(),
        SUBSCRIPTION,
        base_url=url,
        authentication_policy=StaticToken(),
        polling_interval=0.01,
    ) as opened:
        codes: dict[str, str | None] = {}
        for name, method in methods(getattr(opened, group)):
            try:
                codes[name] = code_of(method)
            except AzureError as error:
                codes[name] = repr(error)

    assert codes
    assert {n: c for n, c in codes.items() if c and (c.startswith("Emulator") or "(" in c)} == {}
