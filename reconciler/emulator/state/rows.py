"""The rows of the state: resources, long-running operations, and subscriptions."""

import json
from dataclasses import dataclass

from reconciler.emulator.wire.messages import JsonObject


@dataclass(frozen=True, slots=True)
class Record:
    """One stored resource or resource group."""

    key: str
    """The folded ARM id."""
    subscription: str
    """The folded subscription id."""
    group: str
    """The folded name of the resource group."""
    type: str
    """The folded full type, such as ``microsoft.communication/communicationservices``."""
    name: str
    """The folded name."""
    id: str
    """The ARM id as answers show it."""
    body: str
    """The JSON text of a GET once the resource has settled."""
    etag: str
    """The entity tag, with its quotation marks; empty when the type has none."""
    state: str
    """The provisioning state: Accepted, Deleting, Succeeded or Failed."""

    def content(self) -> JsonObject:
        """Return the body as a JSON value."""
        body: JsonObject = json.loads(self.body)
        return body


@dataclass(frozen=True, slots=True)
class Operation:
    """One long-running operation; times are in seconds since the epoch."""

    name: str
    """Its name: ``{guid}*{64 hexadecimal digits}``."""
    subscription: str
    """The folded subscription id."""
    effect: str
    """What it does: ``write``, ``delete``, ``delete group``, ``action`` or ``verify``."""
    resource_key: str
    """The folded id of the resource it works on."""
    resource_id: str
    """The id of the resource it works on."""
    started: float
    """When it was accepted."""
    settles: float | None
    """When the resource changes over; None when polls decide."""
    finished: float | None
    """When the operation reports its end; None when polls decide and it has not ended."""
    polls_left: int
    """How many more polls report it as running."""
    settled: int
    """1 when the resource has changed over, else 0."""
    failure: str | None
    """JSON text of ``{"code", "message"}`` when the operation fails."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One declared subscription."""

    id: str
    """Its id as it was declared."""
    name: str
    """Its display name."""
    tenant: str
    """The id of its tenant; empty for the tenant of the state."""
