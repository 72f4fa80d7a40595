"""Asks about the control plane and the caller: what `doctor`, `rbac` and `apply` look at first."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies, select_proxy

from reconciler.arm import plain
from reconciler.arm.answers import as_failures
from reconciler.arm.clients import Clients
from reconciler.arm.plain import Answer, malformed
from reconciler.arm.target import Target
from reconciler.kinds.kind import Kind
from reconciler.model.ids import ResourceId
from reconciler.model.permission import Grant

PERMISSIONS_VERSION = "2022-04-01"
"""https://learn.microsoft.com/rest/api/authorization/permissions."""

PACKAGES = ("azure-core", "azure-identity", "azure-mgmt-communication", "azure-mgmt-msi")

CLAIMS: Mapping[str, str] = {"tid": "tenant", "oid": "object id", "appid": "application id"}
"""What is shown of a token; everything else of it stays where it is.
https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""


class ArmProbe:
    """Asks for what is no resource of a spec."""

    def __init__(self, clients: Clients, target: Target) -> None:
        """Read through ``clients``."""
        self._clients = clients
        self._target = target

    def read(self, path: str, api_version: str) -> Answer:
        """Return what Azure answers to a GET, with its headers.

        Raises:
            RequestFailedError: nothing is known.

        """
        url = f"{path}?api-version={api_version}"
        return plain.read(self._clients, url, path.split("/")[2], f"GET {path}")

    def permissions(self, scope: ResourceId) -> tuple[Grant, ...]:
        """Return what the caller may do at a scope, all pages or none.

        Raises:
            RequestFailedError: nothing is known.

        """
        path = f"{scope}/providers/Microsoft.Authorization/permissions"
        request, url = f"GET {path}", f"{path}?api-version={PERMISSIONS_VERSION}"
        grants: list[Grant] = []
        seen: set[str] = set()
        while url and url not in seen:
            seen.add(url)
            body = plain.read(self._clients, url, scope.subscription, request).body
            entries = body.get("value")
            if not isinstance(entries, list) or not all(isinstance(e, Mapping) for e in entries):
                raise malformed(request, "a page has no `value` list")
            grants += [Grant(_texts(e, "actions"), _texts(e, "notActions")) for e in entries]
            url = str(body.get("nextLink") or "")
        return tuple(grants)

    def name_problem(self, kind: Kind, resource: ResourceId) -> str:
        """Return why a new resource cannot have its name, empty if it seems to be free.

        This is a POST, so that only a run which may write can ask. A name that is reserved passes
        all the same: https://github.com/Azure/Communication/issues/42

        Raises:
            RequestFailedError: nobody knows.

        """
        namespace, _, name = kind.arm_type.partition("/")
        scope = f"/subscriptions/{resource.subscription}/providers/{namespace}"
        url = f"{scope}/checkNameAvailability?api-version={kind.api_version}"
        body = {"name": resource.name, "type": f"{namespace}/{name[0].upper()}{name[1:]}"}
        request = f"POST {scope}/checkNameAvailability"
        answer = plain.post(self._clients, url, resource.subscription, request, body)
        if answer.get("nameAvailable") is not False:
            return ""
        return str(answer.get("message") or answer.get("reason") or "it is not available")

    def caller(self) -> Mapping[str, str]:
        """Return who is signed in, from the token's claims; empty for an emulator.

        Raises:
            RequestFailedError: nobody is signed in.

        """
        with as_failures("sign-in"):
            token = self._clients.access_token()
        return claims_of(token) if token else {}

    def proxy(self) -> str:
        """Return the proxy that requests go through, without its user and password; or nothing."""
        if self._target.is_local:
            return ""
        address = self._target.endpoint
        found = urlsplit(select_proxy(address, get_environ_proxies(address)) or "")
        return f"{found.scheme}://{found.hostname}:{found.port or 80}" if found.hostname else ""


def claims_of(token: str) -> Mapping[str, str]:
    """Return the claims of a token that may be shown, by what people call them.

    The token's signature is Azure's to check. A token that is no JWT gives none.
    """
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        body: Any = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return {}
    if not isinstance(body, Mapping):
        return {}
    return {word: str(body[claim]) for claim, word in CLAIMS.items() if claim in body}


def installed() -> Mapping[str, str]:
    """Return the versions of the packages of the SDK."""
    return {name: version(name) for name in PACKAGES}


def speaks(client: str, api_version: str) -> bool:
    """Whether an installed client of the SDK knows an API version.

    Args:
        client: ``communication`` or ``msi``, as in the table of kinds.
        api_version: the version that the table pins.

    """
    if client == "msi":
        return find_spec(f"azure.mgmt.msi.v{api_version.replace('-', '_')}") is not None
    from azure.mgmt.communication._configuration import (
        CommunicationServiceManagementClientConfiguration as Configuration,
    )

    nobody: Any = object()
    return bool(Configuration(nobody, "").api_version == api_version)


def _texts(entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a list of texts, empty if it is not there."""
    listed = entry.get(name)
    return tuple(str(text) for text in listed) if isinstance(listed, list) else ()
