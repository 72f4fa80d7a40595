"""Reads Azure through the SDK client's own pipeline, as raw JSON.

The SDK's models cost ten times the reading, and its pager follows ``nextLink`` to any host with the
token; here the guarded transport pins the origin, and JSON stays JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from azure.core.rest import HttpRequest

from reconciler.arm.answers import answer_failure, as_failures
from reconciler.arm.clients import RETRIED, Clients
from reconciler.engine.ports import RequestFailedError
from reconciler.kinds.kind import Kind
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.value import Body


class ArmReader:
    """Implements `reconciler.engine.ports.Reader`."""

    def __init__(self, clients: Clients) -> None:
        """Read through ``clients``."""
        self._clients = clients

    def get(self, kind: Kind, resource: ResourceId) -> Body | None:
        """Return a body, or None if Azure says that there is no such resource."""
        url = f"{resource.text}?api-version={kind.api_version}"
        try:
            body = self._read(url, resource.subscription, f"GET {resource}")
        except RequestFailedError as error:
            if error.failure.kind is FailureClass.NOT_FOUND:
                return None
            raise
        if not isinstance(body.get("id"), str):
            raise _malformed(f"GET {resource}", "it has no id")
        return body

    def list_in(self, kind: Kind, scope: str) -> Mapping[ResourceId, Body]:
        """Return every resource of a kind in a scope, all pages or none."""
        request = f"GET {kind.collection} of {scope}"
        tail = kind.arm_type.rpartition("/")[2] if kind.parent else f"providers/{kind.arm_type}"
        url = f"{scope}/{tail}?api-version={kind.api_version}"
        if kind.list_filter:
            url += f"&$filter={quote(kind.list_filter)}"
        subscription = scope.split("/")[2]
        found: dict[ResourceId, Body] = {}
        seen = {url}
        while True:
            try:
                page = self._read(url, subscription, request)
            except RequestFailedError as error:
                if error.failure.kind is FailureClass.NOT_FOUND and not found:
                    return {}  # what it would be in is not there
                raise
            value = page.get("value")
            if not isinstance(value, list):
                raise _malformed(request, "a page has no `value` list")
            for body in value:
                found[_id_of(body, request)] = body
            next_link = page.get("nextLink")
            if not next_link:
                return found
            if not isinstance(next_link, str) or next_link in seen:
                raise _malformed(request, "its nextLink is no text, or leads in a circle")
            seen.add(next_link)
            url = next_link

    def _read(self, url: str, subscription: str, request: str) -> Mapping[str, Any]:
        """Send one GET and return the JSON object that it is answered with."""
        client = self._clients.communication(subscription)
        with as_failures(request):
            response = client.send_request(HttpRequest("GET", url), retry_on_methods=RETRIED)
            response.read()
        try:
            body = response.json()
        except ValueError:
            body = None
        if response.status_code != 200:
            raise RequestFailedError(
                answer_failure(request, response.status_code, response.headers, body)
            )
        if not isinstance(body, Mapping):
            raise _malformed(request, "it is no JSON object")
        return body


def _id_of(body: Any, request: str) -> ResourceId:
    """Return a listed resource's id; an entry without one makes the whole list worthless."""
    text = body.get("id") if isinstance(body, Mapping) else None
    if not isinstance(text, str) or not text.startswith("/subscriptions/") or text.endswith("/"):
        raise _malformed(request, "an entry has no id")
    return ResourceId(text)


def _malformed(request: str, what: str) -> RequestFailedError:
    """Say that an answer cannot be trusted: nothing is known."""
    return RequestFailedError(
        Failure(FailureClass.TRANSIENT, "malformed answer", what, "plan again", request)
    )
