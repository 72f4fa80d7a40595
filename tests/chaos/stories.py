"""The stories that are told again and again: create all, update all, destroy all, of every kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.conftest import GROUP, LOOSE, SUBSCRIPTION
from tests.scenarios.test_every_kind import EVERYTHING

ENVIRONMENT: Mapping[str, str] = {
    "RECONCILER_PRIVACY_KEY": "a key of the tests",
    "HUB": "Endpoint=sb://ns/;SharedAccessKey=do-not-print-me",
}
GUARDS: Mapping[str, int] = {
    "maxDeletes": 99,
    "maxReplaces": 99,
    "maxDeletePercent": 100,
    "maxAddressRemovePercent": 100,
}
HUB_ID = f"{GROUP}/providers/Microsoft.NotificationHubs/namespaces/ns/notificationHubs/hub"


@dataclass(frozen=True)
class Story:
    """What is there at first, and what is applied to it."""

    name: str
    before: Mapping[str, str]
    """Files that are applied before anything is killed; empty for nothing."""
    files: Mapping[str, str]
    arguments: tuple[str, ...] = ()


def stack(name: str, group: str, spec: Mapping[str, Any]) -> str:
    """Return the text of a stack."""
    body = "".join(f"  {key}: {json.dumps(value)}\n" for key, value in spec.items())
    return (
        f"apiVersion: reconciler/v1\nkind: Stack\nmetadata: {{name: {name}}}\nspec:\n"
        f"  subscription: {SUBSCRIPTION}\n  resourceGroup: {group}\n  {LOOSE}\n{body}"
    )


def _first() -> dict[str, Any]:
    """Return a stack with every kind there is."""
    spec = deepcopy(EVERYTHING)
    domain = spec["emailServices"]["mail-a"]["domains"]["mail.contoso.com"]
    domain["suppressionLists"]["list-1"]["addresses"] = {
        "file": "suppressed/one.txt",
        "exact": True,
    }
    spec["communicationServices"]["acs-a"]["notificationHub"] = {
        "id": HUB_ID,
        "connectionStringFrom": {"env": "HUB"},
    }
    return spec


def _second() -> dict[str, Any]:
    """Return the same stack with a change in each of its kinds."""
    spec = _first()
    spec["tags"] = {"env": "changed"}
    identity = spec["identities"]["id-a"]
    identity["federatedCredentials"]["raw"]["subject"] = "Somebody else"
    domain = spec["emailServices"]["mail-a"]["domains"]["mail.contoso.com"]
    domain["userEngagementTracking"] = "Disabled"
    domain["senderUsernames"]["billing"]["displayName"] = "Contoso Invoices"
    domain["suppressionLists"]["list-1"]["sender"] = "plain"
    service = spec["communicationServices"]["acs-a"]
    service["disableLocalAuth"] = True
    service["linkedDomains"] = []
    service["notificationHub"]["id"] = f"{HUB_ID}-two"
    spec["roleAssignments"]["worker-sends"]["description"] = "The worker sends more mail."
    spec["roleAssignments"]["team-reads"] |= {"remove": True}
    return spec


def _files(spec: Mapping[str, Any], addresses: str, tags: str) -> dict[str, str]:
    """Return the files of a story: a stack of its own for the group that is created."""
    group = f"{{name: rg-made, location: westeurope, tags: {{env: {tags}}}}}"
    return {
        "every-kind.yaml": stack("test", "{existing: rg-test}", spec),
        "made.yaml": stack("made", group, {}),
        "suppressed/one.txt": addresses,
    }


ONE = _files(_first(), "a@example.com\nb@example.com\n", "test")
TWO = _files(_second(), "b@example.com\nc@example.com\n", "changed")

STORIES: tuple[Story, ...] = (
    Story("create all", {}, ONE),
    Story("update all", ONE, TWO),
    Story("destroy all", ONE, ONE, ("--destroy",)),
)
