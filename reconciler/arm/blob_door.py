"""A door to one blob of Azure Storage, which leads nowhere else.

The client of Resource Manager can neither be used for this, nor be widened by it: a door has an
address of its own, follows no redirect, and asks for tokens of storage accounts alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

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
from reconciler.model.errors import UnavailableError

VERSION = "2023-11-03"
"""https://learn.microsoft.com/rest/api/storageservices/versioning-for-the-azure-storage-services."""

SCOPE = "https://storage.azure.com/.default"


class BlobDoor:
    """Sends requests about one blob."""

    def __init__(self, place: str, what: str, mend: str, variable: str) -> None:
        """Make no connection yet.

        Args:
            place: the address of the blob, without a query.
            what: what it is to people, such as ``the lock``.
            mend: what to do when it cannot be used.
            variable: the environment variable that may hold a shared access signature, for accounts
                without Entra roles.

        Raises:
            UsageError: the address is no https address.

        """
        parts = urlsplit(place)
        Target(f"{parts.scheme}://{parts.netloc}")  # refuses what would send a token in clear
        self.place = place
        self._what, self._mend = what, f"{mend}, or a signature in {variable}"
        self._signature = dict(parse_qsl(os.environ.get(variable, "").lstrip("?")))
        policies: list[HTTPPolicy[Any, Any] | SansIOHTTPPolicy[Any, Any]] = [
            UserAgentPolicy(base_user_agent=f"acs-reconciler/{__version__}"),
            RetryPolicy(retry_total=3),
        ]
        if not self._signature and parts.scheme == "https":
            policies.append(BearerTokenCredentialPolicy(_credential(), SCOPE))
        self._client: PipelineClient[Any, Any] = PipelineClient(place, policies=policies)

    def send(
        self,
        method: str,
        headers: Mapping[str, str],
        expected: tuple[int, ...],
        *,
        component: str = "",
        content: bytes = b"",
    ) -> HttpResponse:
        """Send one request.

        Args:
            method: an HTTP method.
            headers: besides those that every request has.
            expected: the statuses that are answers, and no failures.
            component: what of the blob it is about, such as ``lease``; empty for the blob itself.
            content: the body.

        Raises:
            UnavailableError: there was no answer, or none of those that are expected.

        """
        request = HttpRequest(
            method,
            self.place,
            params={**({"comp": component} if component else {}), **self._signature},
            headers={"x-ms-version": VERSION, "Content-Length": str(len(content)), **headers},
            content=content or None,
        )
        try:
            answer: HttpResponse = self._client.send_request(request)
        except AzureError as error:
            raise self.failure(f"cannot be reached: {type(error).__name__}") from error
        if answer.status_code not in expected:
            raise self.failure(f"cannot be used: {error_code(answer)}")
        return answer

    def failure(self, problem: str) -> UnavailableError:
        """Return an error about the blob, with what to do about it."""
        return UnavailableError(f"{self._what} {self.place} {problem}", self._mend)


def error_code(answer: HttpResponse) -> str:
    """Return what Azure Storage calls an error.

    https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
    """
    return str(answer.headers.get("x-ms-error-code", f"HTTP {answer.status_code}"))


def _credential() -> TokenCredential:
    """Return who we are, as towards Azure Resource Manager."""
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(exclude_interactive_browser_credential=True)
