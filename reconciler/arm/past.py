"""Asks Azure for the past of resources: Resource Graph, and the Activity Log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from reconciler.arm import plain
from reconciler.arm.clients import Clients
from reconciler.arm.transport import RESOURCE_GRAPH
from reconciler.model.ids import ResourceId
from reconciler.model.record import Record, to_the_second

GRAPH_VERSION = "2022-10-01"
"""https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources."""
LOG_VERSION = "2015-04-01"
"""https://learn.microsoft.com/rest/api/monitor/activity-logs/list."""
AT_ONCE = 100
"""Resources that one query is about."""
MOST = 1_000
"""Rows of one answer; the newest come first, so that older ones are not missed."""
PAGES = 5
"""Pages of the log that are read of one resource; the newest come first."""
UNSPECIFIED = "unspecified"


class ArmPast:
    """Implements `reconciler.engine.ports.Past`."""

    def __init__(self, clients: Clients) -> None:
        """Ask through ``clients``, which must be allowed to ask Resource Graph."""
        self._clients = clients

    def changes(self, resources: Sequence[ResourceId]) -> list[Record]:
        """Return the changes of resources that Resource Graph has, of the last 14 days.

        Raises:
            RequestFailedError: nothing is known.

        """
        found: list[Record] = []
        for subscription in sorted({resource.subscription.lower() for resource in resources}):
            own = [r for r in resources if r.subscription.lower() == subscription]
            for start in range(0, len(own), AT_ONCE):
                found += self._changes(subscription, own[start : start + AT_ONCE])
        return found

    def _changes(self, subscription: str, resources: Sequence[ResourceId]) -> Iterator[Record]:
        """Yield the changes of some resources of one subscription."""
        listed = ", ".join(f"'{_quoted(resource.folded)}'" for resource in resources)
        query = (
            "resourcechanges"
            " | extend target = tolower(tostring(properties.targetResourceId))"
            " | extend at = todatetime(properties.changeAttributes.timestamp)"
            f" | where target in ({listed}) | order by at desc"
        )
        body = {
            "subscriptions": [subscription],
            "query": query,
            "options": {"resultFormat": "objectArray", "$top": MOST},
        }
        url = f"{RESOURCE_GRAPH}?api-version={GRAPH_VERSION}"
        answer = plain.post(self._clients, url, subscription, "POST resourcechanges", body)
        rows = answer.get("data")
        if not isinstance(rows, list):
            raise plain.malformed("POST resourcechanges", "it has no `data` list")
        known = {resource.folded: resource for resource in resources}
        for row in rows:
            properties = _object(_object(row).get("properties"))
            resource = known.get(str(properties.get("targetResourceId", "")).lower())
            if resource is not None:
                yield _change(resource, properties)

    def writes(self, resource: ResourceId, since: str) -> list[Record]:
        """Return the writes of one resource that succeeded, as the Activity Log has them.

        Args:
            resource: what was written.
            since: a moment in UTC, at most 90 days ago.

        Raises:
            RequestFailedError: nothing is known.

        """
        clauses = f"eventTimestamp ge '{since}' and resourceUri eq '{_quoted(resource.text)}'"
        root = f"/subscriptions/{resource.subscription}/providers/Microsoft.Insights"
        url = f"{root}/eventtypes/management/values?api-version={LOG_VERSION}"
        url += f"&$filter={quote(clauses)}"
        events: list[Any] = []
        for _ in range(PAGES):
            page = plain.read(self._clients, url, resource.subscription, "GET activity log").body
            values = page.get("value")
            if not isinstance(values, list):
                raise plain.malformed("GET activity log", "it has no `value` list")
            events += values
            url = str(page.get("nextLink") or "")
            if not url:
                break
        return list(_writes(resource, events))


def _change(resource: ResourceId, properties: Mapping[str, Any]) -> Record:
    """Return one row of ``resourcechanges``."""
    about = _object(properties.get("changeAttributes"))
    client = str(about.get("clientType") or "")
    return Record(
        resource,
        to_the_second(about.get("timestamp")),
        str(about.get("changedBy") or ""),
        "" if client.lower() == UNSPECIFIED else client,
        str(about.get("operation") or ""),
        str(properties.get("changeType") or ""),
        str(about.get("correlationId") or ""),
        frozenset(str(path).lower() for path in _object(properties.get("changes"))),
    )


def _writes(resource: ResourceId, events: Iterable[Any]) -> Iterator[Record]:
    """Yield the events that are writes which succeeded."""
    for event in map(_object, events):
        operation = str(_object(event.get("operationName")).get("value", ""))
        status = str(_object(event.get("status")).get("value", "")).lower()
        is_write = operation.lower().rpartition("/")[2] in ("write", "delete")
        if is_write and status in ("succeeded", "accepted") and event.get("caller"):
            when = to_the_second(event.get("eventTimestamp"))
            caller, request = str(event["caller"]), str(event.get("correlationId") or "")
            yield Record(resource, when, caller, "", operation, correlation=request)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _quoted(text: str) -> str:
    """Return text for between single quotes; names of resources have none, so nothing is lost."""
    return text.replace("\\", "").replace("'", "")
