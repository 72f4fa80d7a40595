"""Reads Azure through the SDK client's own pipeline, as raw JSON.

The SDK's models cost ten times the reading, and its pager follows ``nextLink`` to any host with the
token; here the guarded transport pins the origin, and JSON stays JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from reconciler.arm import plain
from reconciler.arm.clients import Clients
from reconciler.arm.plain import malformed
from reconciler.engine.ports import RequestFailedError
from reconciler.kinds.kind import Kind
from reconciler.model.failure import FailureClass
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
            body = plain.read(self._clients, url, resource.subscription, f"GET {resource}").body
        except RequestFailedError as error:
            if error.failure.kind is FailureClass.NOT_FOUND:
                return None
            raise
        if not isinstance(body.get("id"), str):
            raise malformed(f"GET {resource}", "it has no id")
        return body

    def list_in(self, kind: Kind, scope: str, *, below: bool = False) -> Mapping[ResourceId, Body]:
        """Return every resource of a kind in a scope, all pages or none."""
        request = f"GET {kind.collection} of {scope}"
        tail = kind.arm_type.rpartition("/")[2] if kind.parent else f"providers/{kind.arm_type}"
        url = f"{scope}/{tail}?api-version={kind.api_version}"
        if kind.list_filter and not below:
            url += f"&$filter={quote(kind.list_filter)}"
        subscription = scope.split("/")[2]
        found: dict[ResourceId, Body] = {}
        seen = {url}
        while True:
            try:
                page = plain.read(self._clients, url, subscription, request).body
            except RequestFailedError as error:
                if error.failure.kind is FailureClass.NOT_FOUND and not found:
                    return {}  # what it would be in is not there
                raise
            value = page.get("value")
            if not isinstance(value, list):
                raise malformed(request, "a page has no `value` list")
            for body in value:
                if not (kind.is_extension and _is_from_above(body)):
                    found[_id_of(body, request)] = body
            next_link = page.get("nextLink")
            if not next_link:
                return found
            if not isinstance(next_link, str) or next_link in seen:
                raise malformed(request, "its nextLink is no text, or leads in a circle")
            seen.add(next_link)
            url = next_link


def _is_from_above(body: Any) -> bool:
    """Whether a listed entry is attached to no subscription, but to what all of them are in.

    A list of role assignments shows those of management groups, too.
    https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest
    """
    text = body.get("id") if isinstance(body, Mapping) else None
    return isinstance(text, str) and text.lower().startswith("/providers/microsoft.")


def _id_of(body: Any, request: str) -> ResourceId:
    """Return a listed resource's id; an entry without one makes the whole list worthless."""
    text = body.get("id") if isinstance(body, Mapping) else None
    if not isinstance(text, str) or not text.startswith("/subscriptions/") or text.endswith("/"):
        raise malformed(request, "an entry has no id")
    return ResourceId(text)
