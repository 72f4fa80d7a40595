"""Every resource the emulator shows has the members and types of the SDK's models, and no others.

The models are generated from Azure's specification, so this is a check against it that needs no
file of it. What the specification has not and Azure answers all the same is listed with its source.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from typing import Any

import pytest
from azure.mgmt.authorization.v2022_04_01 import models as authorization
from azure.mgmt.communication import models as communication
from azure.mgmt.communication.models import _models as generated
from azure.mgmt.msi.v2024_11_30 import models as msi

from reconciler.emulator import EmulatorServer
from tests.emulator.conftest import GROUP, Answer
from tests.emulator.conftest import Arm as Client

BEYOND: dict[str, set[str]] = {
    "SystemAssignedIdentity": {"name", "tags", "type"},
}
"""Members that answers have and models have not, by model."""

JSON: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "bool": bool,
    "int": int,
    "float": (int, float),
    "iso-8601": str,
    "object": object,
}


def fits_generated(value: Any, model: Any, place: str) -> Iterator[str]:
    """Yield what of a value is not as a generated model says."""
    hints = typing.get_type_hints(model, vars(generated) | {"_models": communication})
    known = {field._rest_name: hints[name] for name, field in model({})._attr_to_rest_field.items()}
    for name, member in value.items():
        if name not in known:
            yield f"{place}.{name} is not in {model.__name__}"
        else:
            yield from fits_hint(member, known[name], f"{place}.{name}")


def fits_hint(value: Any, hint: Any, place: str) -> Iterator[str]:
    """Yield what of a value is not as an annotation says."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in inner:
            return
        choices = [choice for choice in inner if choice is not type(None)]
        found = [list(fits_hint(value, choice, place)) for choice in choices]
        if all(found):
            yield from found[0]
    elif origin is dict:
        for name, member in value.items():
            yield from fits_hint(member, inner[1], f"{place}.{name}")
    elif origin is list:
        for member in value:
            yield from fits_hint(member, inner[0], f"{place}[]")
    elif hint.__module__ == generated.__name__:
        yield from fits_generated(value, hint, place)
    elif not isinstance(value, str if issubclass(hint, datetime | Enum) else hint):
        yield f"{place} is {value!r}, not {hint.__name__}"


def fits_mapped(value: Any, model: Any, place: str) -> Iterator[str]:
    """Yield what of a value is not as a model with a map of attributes says."""
    known = {entry["key"]: entry["type"] for entry in model._attribute_map.values()}
    inner = {key.partition(".")[0] for key in known if "." in key}
    beyond = BEYOND.get(model.__name__, set())
    for name, member in value.items():
        pairs = member.items() if name in inner else [("", member)]
        for below, leaf in pairs:
            key = f"{name}.{below}" if below else name
            if key not in known and key not in beyond:
                yield f"{place}.{key} is not in {model.__name__}"
            elif leaf is not None and key in known:
                kind = known[key]
                listed = leaf if kind[0] == "[" else [*leaf.values()] if kind[0] == "{" else [leaf]
                expected = JSON.get(kind.strip("[]{}"), object)
                if not all(isinstance(entry, expected) for entry in listed):
                    yield f"{place}.{key} is {leaf!r}, not {kind}"


@pytest.fixture(scope="module")
def arm() -> Iterator[Client]:
    """A client of an emulator that has one resource of every type."""
    import http.client

    with EmulatorServer() as emulator:
        wire = http.client.HTTPConnection(emulator.url.removeprefix("http://"), timeout=30)
        client = Client(emulator.url, wire)
        client.group()
        identity = client.create_identity()
        block = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {identity: {}}}
        more = {"publicNetworkAccess": "Enabled", "disableLocalAuth": True, "linkedDomains": []}
        client.create_service(identity=block, tags={"a": "b"}, properties=more)
        client.create_domain(tags={"a": "b"})
        properties: dict[str, Any] = {"listName": "donotreply"}
        client.email("PUT", f"{LIST}", {"properties": properties})
        person = {"email": "a@b.example", "firstName": "A", "lastName": "B", "notes": "n"}
        client.email("PUT", f"{LIST}/suppressionListAddresses/a-1", {"properties": person})
        smtp = {"username": "u", "entraApplicationId": "a", "tenantId": "t"}
        client.send("PUT", SMTP, {"properties": smtp})
        credential = {"issuer": "https://x", "subject": "s", "audiences": ["a"]}
        client.credential("PUT", "/fic-1", {"properties": credential})
        role = {"roleDefinitionId": f"{DEFINITIONS}/{READER}", "principalId": READER}
        client.role("PUT", GROUP, f"/{READER}", {"properties": role | {"principalType": "User"}})
        yield client
        wire.close()


READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
DEFINITIONS = "/providers/Microsoft.Authorization/roleDefinitions"
SERVICE = f"{GROUP}/providers/Microsoft.Communication/communicationServices/Acs-1"
SMTP = f"{SERVICE}/smtpUsernames/s-1?api-version=2025-09-01"
SYSTEM = f"{SERVICE}/providers/Microsoft.ManagedIdentity/identities/default?api-version=2024-11-30"
DOMAIN = "/domains/Acs.Example.com"
LIST = f"{DOMAIN}/suppressionLists/list-1"

Get = Callable[[Client], Answer]
GENERATED: dict[str, tuple[Any, Get]] = {
    "service": (communication.CommunicationServiceResource, lambda c: c.service("GET")),
    "smtp username": (communication.SmtpUsernameResource, lambda c: c.send("GET", SMTP)),
    "email service": (communication.EmailServiceResource, lambda c: c.email("GET")),
    "domain": (communication.DomainResource, lambda c: c.email("GET", DOMAIN)),
    "sender": (
        communication.SenderUsernameResource,
        lambda c: c.email("GET", f"{DOMAIN}/senderUsernames/donotreply"),
    ),
    "list": (communication.SuppressionListResource, lambda c: c.email("GET", LIST)),
    "address": (
        communication.SuppressionListAddressResource,
        lambda c: c.email("GET", f"{LIST}/suppressionListAddresses/a-1"),
    ),
    "keys": (
        communication.CommunicationServiceKeys,
        lambda c: c.send("POST", f"{SERVICE}/listKeys?api-version=2025-09-01"),
    ),
}
MAPPED: dict[str, tuple[Any, Get]] = {
    "identity": (msi.Identity, lambda c: c.identity("GET")),
    "credential": (msi.FederatedIdentityCredential, lambda c: c.credential("GET", "/fic-1")),
    "system identity": (msi.SystemAssignedIdentity, lambda c: c.send("GET", SYSTEM)),
    "role": (authorization.RoleAssignment, lambda c: c.role("GET", GROUP, f"/{READER}")),
    "role definition": (
        authorization.RoleDefinition,
        lambda c: c.send("GET", f"{GROUP}{DEFINITIONS}/{READER}?api-version=2022-04-01"),
    ),
}


@pytest.mark.parametrize("name", GENERATED)
def test_an_answer_of_communication_is_as_its_model_says(arm: Client, name: str) -> None:
    model, get = GENERATED[name]
    answer = get(arm)

    assert answer.status == 200
    assert list(fits_generated(answer.content, model, name)) == []


@pytest.mark.parametrize("name", MAPPED)
def test_an_answer_of_others_is_as_its_model_says(arm: Client, name: str) -> None:
    model, get = MAPPED[name]
    answer = get(arm)

    assert answer.status == 200
    assert list(fits_mapped(answer.content, model, name)) == []


def test_what_does_not_fit_is_found(arm: Client) -> None:
    body = arm.service("GET").content
    body["properties"] |= {"disableLocalAuth": "yes", "surprise": 1}
    identity = arm.identity("GET").content | {"location": 5, "extra": True}

    found = list(fits_generated(body, communication.CommunicationServiceResource, "s"))
    assert {text.partition(" ")[0] for text in found} == {
        "s.properties.disableLocalAuth",
        "s.properties.surprise",
    }
    assert [text.partition(" ")[0] for text in fits_mapped(identity, msi.Identity, "i")] == [
        "i.location",
        "i.extra",
    ]
