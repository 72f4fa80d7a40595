"""A lock as the lease of a blob, for runs on different machines.

Azure Storage gives a lease to one client at a time and takes it back by itself when it is not
renewed. Who holds it stands in the metadata of the blob.
https://learn.microsoft.com/rest/api/storageservices/lease-blob
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from azure.core import PipelineClient
from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError
from azure.core.pipeline.policies import (
    BearerTokenCredentialPolicy,
    HTTPPolicy,
    RetryPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.core.rest import HttpRequest, HttpResponse

from reconciler import __version__
from reconciler.arm.target import Target
from reconciler.engine.clock import wall_time
from reconciler.model.errors import UnavailableError
from reconciler.model.run import Lease, Runner

SAS = "RECONCILER_LOCK_SAS"
"""The environment variable with a shared access signature, for accounts without Entra roles."""

VERSION = "2023-11-03"
"""https://learn.microsoft.com/rest/api/storageservices/versioning-for-the-azure-storage-services."""

SCOPE = "https://storage.azure.com/.default"
HOLDER = "x-ms-meta-holder"
HELD = frozenset({"leased", "breaking"})

MEND = (
    "check the container's address in reconciler.yaml; the caller needs Storage Blob Data"
    f" Contributor on it, or a signature in {SAS}"
)


class BlobLock:
    """Implements `reconciler.engine.ports.Lock`."""

    def __init__(self, container: str, name: str, seconds: int) -> None:
        """Make no connection yet.

        Args:
            container: the address of a blob container, without a query.
            name: of the blob in it, which is made if it is not there.
            seconds: how long a lease holds, 15 to 60.

        Raises:
            UsageError: the address is no https address.

        """
        parts = urlsplit(container)
        Target(f"{parts.scheme}://{parts.netloc}")  # refuses what would send a token in clear
        self.place = f"{container.rstrip('/')}/{quote(name)}"
        self._seconds = seconds
        self._signature = dict(parse_qsl(os.environ.get(SAS, "").lstrip("?")))
        policies: list[HTTPPolicy[Any, Any] | SansIOHTTPPolicy[Any, Any]] = [
            UserAgentPolicy(base_user_agent=f"acs-reconciler/{__version__}"),
            RetryPolicy(retry_total=3),
        ]
        if not self._signature and parts.scheme == "https":
            policies.append(BearerTokenCredentialPolicy(_credential(), SCOPE))
        self._client: PipelineClient[Any, Any] = PipelineClient(self.place, policies=policies)

    def read(self) -> Lease | None:
        """Return who holds the lock, None for nobody."""
        answer = self._send("HEAD", {}, {}, (200, 404))
        if answer.status_code == 404 or answer.headers.get("x-ms-lease-state") not in HELD:
            return None
        return self._lease(answer.headers.get(HOLDER, ""))

    def take(self, lease: Lease) -> Lease | None:
        """Take the lock if nobody has it; return the lease that is in the way.

        Raises:
            UnavailableError: the storage account cannot be asked.

        """
        new = {"x-ms-blob-type": "BlockBlob", "If-None-Match": "*"}
        self._send("PUT", {}, new, (201, 409, 412))
        wanted = {
            "x-ms-lease-action": "acquire",
            "x-ms-lease-duration": str(self._seconds),
            "x-ms-proposed-lease-id": _guid(lease.token),
        }
        answer = self._send("PUT", {"comp": "lease"}, wanted, (201, 409))
        if answer.status_code == 409:
            return self.read() or self._lease("")
        told = {"x-ms-lease-id": _guid(lease.token), HOLDER: json.dumps(asdict(lease))}
        self._send("PUT", {"comp": "metadata"}, told, (200, 412))
        return None

    def renew(self, lease: Lease) -> bool:
        """Renew the lease; return whether it was still ours."""
        return self._act("renew", lease.token)

    def release(self, token: str) -> bool:
        """Let go of the lease with this token; return whether there was one."""
        return self._act("release", token)

    def is_ours(self, token: str) -> bool:
        """Whether the lease has this token right now: Azure refuses to answer for another one."""
        answer = self._send("HEAD", {}, {"x-ms-lease-id": _guid(token)}, (200, 404, 412))
        return answer.status_code == 200 and answer.headers.get("x-ms-lease-state") in HELD

    def _act(self, action: str, token: str) -> bool:
        """Ask for an action on the lease."""
        headers = {"x-ms-lease-action": action, "x-ms-lease-id": _guid(token)}
        answer = self._send("PUT", {"comp": "lease"}, headers, (200, 404, 409, 412))
        return answer.status_code == 200

    def _send(
        self,
        method: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        expected: tuple[int, ...],
    ) -> HttpResponse:
        """Send one request.

        Raises:
            UnavailableError: there was no answer, or none of those that are expected.

        """
        request = HttpRequest(
            method,
            self.place,
            params={**query, **self._signature},
            headers={"x-ms-version": VERSION, "Content-Length": "0", **headers},
        )
        try:
            answer: HttpResponse = self._client.send_request(request)
        except AzureError as error:
            problem = f"the lock {self.place} cannot be reached: {type(error).__name__}"
            raise UnavailableError(problem, MEND) from error
        if answer.status_code not in expected:
            code = answer.headers.get("x-ms-error-code", f"HTTP {answer.status_code}")
            problem = f"the lock {self.place} cannot be used: {code}"
            raise UnavailableError(problem, MEND)
        return answer

    def _lease(self, text: str) -> Lease:
        """Return the lease that the metadata tells of, or that of somebody who says nothing."""
        now = wall_time()
        try:
            content = json.loads(text)
            holder = Runner(**content["holder"])
            token, since = str(content["token"]), float(content["since"])
        except (ValueError, KeyError, TypeError):
            holder, token, since = Runner("somebody", 0), "", now
        return Lease(holder, token, since, now + self._seconds)


def _credential() -> TokenCredential:
    """Return who we are, as towards Azure Resource Manager."""
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(exclude_interactive_browser_credential=True)


def _guid(token: str) -> str:
    """Return a token in the form of a lease id; one that is no GUID has no lease."""
    try:
        return str(uuid.UUID(hex=token))
    except ValueError:
        return str(uuid.UUID(int=0))
