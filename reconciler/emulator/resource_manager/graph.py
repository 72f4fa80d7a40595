"""Microsoft.ResourceGraph: ``resources``, queries over the resources of several subscriptions.

https://learn.microsoft.com/rest/api/azureresourcegraph and
https://learn.microsoft.com/azure/governance/resource-graph/how-to/get-resource-changes
"""

import base64
import uuid
from typing import Any

from reconciler.emulator.arm.call import Call
from reconciler.emulator.authorization import rights
from reconciler.emulator.resource_manager import kql
from reconciler.emulator.resource_manager.catalog import TRACKED
from reconciler.emulator.resource_manager.kql_functions import Row, UnsupportedError
from reconciler.emulator.resource_manager.resources import GROUP_TYPE
from reconciler.emulator.state import history
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.wire.routes import fold
from reconciler.emulator.wire.sources import timestamp

MOST_ROWS = 1000
DEFAULT_ROWS = 100

_ROLES = "microsoft.authorization/roleassignments"
_MEMBERS = ("location", "tags", "identity", "properties")


@invented(
    "resource-graph",
    "Resource Graph has the tables `resources`, `resourcecontainers`, `authorizationresources` and "
    "`resourcechanges`, as they are now and without delay; of the query language what "
    "`reconciler/emulator/resource_manager/kql.py` says, anything else is 501 "
    "`EmulatorNotImplemented`. Without `subscriptions` all are meant. Answers are lists of "
    "objects, in pages of 100 to 1000 rows.",
)
def answer(call: Call) -> Response:
    """Answer ``POST /providers/Microsoft.ResourceGraph/resources``.

    Raises:
        ArmError: 400: there is no query; 501: it has something that is not emulated.

    """
    content: Any = call.content if isinstance(call.content, dict) else {}
    text = content.get("query")
    if call.request.method != "POST" or not isinstance(text, str):
        raise ArmError(400, "BadRequest", "Please provide a query.")
    options = content.get("options") or {}
    if options.get("resultFormat", "objectArray") != "objectArray":
        raise errors.not_implemented("the result format", str(options["resultFormat"]))
    try:
        query = kql.parse(text, call.now())
        rows = query.run(_table(call, query.table, content.get("subscriptions")))
    except UnsupportedError as reason:
        raise errors.not_implemented(f"the query, because {reason}:", text) from reason
    return _paged(rows, options)


def _paged(rows: list[Row], options: JsonObject) -> Response:
    start = int(base64.b64decode(options["$skipToken"])) if options.get("$skipToken") else 0
    start += int(options.get("$skip") or 0)
    size = min(int(options.get("$top") or DEFAULT_ROWS), MOST_ROWS)
    page = rows[start : start + size]
    content: JsonObject = {
        "totalRecords": len(rows),
        "count": len(page),
        "resultTruncated": "false",
        "facets": [],
        "data": page,
    }
    if start + size < len(rows):
        content["$skipToken"] = base64.b64encode(str(start + size).encode()).decode()
    quota = (("x-ms-user-quota-remaining", "14"), ("x-ms-user-quota-resets-after", "00:00:05"))
    headers = (("Content-Type", JSON_TYPE), *quota)
    return Response(200, write_json(content).encode(), headers)


def _table(call: Call, name: str, subscriptions: object) -> list[Row]:
    """Return the rows of a table that the caller may see.

    Raises:
        UnsupportedError: There is no such table.

    """
    asked = None if not isinstance(subscriptions, list) else {fold(str(s)) for s in subscriptions}
    seen = [
        subscription
        for subscription in call.state.used_subscriptions()
        if (asked is None or subscription in asked) and rights.sees(call, subscription)
    ]
    if name == "resourcechanges":
        return _changes(call, seen)
    kinds = {
        "resources": tuple(TRACKED),
        "resourcecontainers": (GROUP_TYPE,),
        "authorizationresources": (_ROLES,),
    }
    if name not in kinds:
        message = f"there is no table {name!r}; there are {', '.join(kinds)}, resourcechanges"
        raise UnsupportedError(message)
    return [
        _row(call, record)
        for subscription in seen
        for record in call.state.page(subscription, None, kinds[name], "", -1)
        if rights.reads(call, record)
    ]


def _row(call: Call, record: Record) -> Row:
    """Return a resource as Resource Graph shows it: with every column, most of them empty."""
    body = record.content()
    row: Row = {
        "id": record.id,
        "name": body["name"],
        "type": "microsoft.resources/subscriptions/resourcegroups"
        if record.type == GROUP_TYPE
        else record.type,
        "tenantId": call.state.tenant(record.subscription),
        "kind": "",
        "location": "",
        "resourceGroup": record.group,
        "subscriptionId": record.subscription,
        "managedBy": "",
        "sku": None,
        "plan": None,
        "properties": {},
        "tags": None,
        "identity": None,
        "zones": None,
        "extendedLocation": None,
    }
    row |= {name: body[name] for name in _MEMBERS if name in body}
    row["location"] = fold(row["location"])
    if "systemData" in body:
        row["systemData"] = body["systemData"]
    return row


def _changes(call: Call, seen: list[str]) -> list[Row]:
    """Return what was changed of the resources that ARM tracks, the newest last."""
    return [
        _changed(call, change)
        for change in call.state.past_changes()
        for record in (change.after or change.before,)
        if record is not None and record.type in TRACKED and record.subscription in seen
        if rights.reads(call, record)
    ]


def _changed(call: Call, change: history.Change) -> Row:
    record = change.after or change.before
    assert record is not None, "a change is of a resource"
    name = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{record.key} {change.number}"))
    before = change.before.content() if change.before else {}
    after = change.after.content() if change.after else {}
    kind = "Update" if before and after else "Create" if after else "Delete"
    pairs = history.differences(before, after) if kind == "Update" else {}
    mine = change.caller not in ("System", history.NOBODY)
    properties = {
        "targetResourceId": record.id,
        "targetResourceType": record.type,
        "changeType": kind,
        "changeAttributes": {
            "timestamp": timestamp(change.time),
            "correlationId": change.correlation,
            "changesCount": len(pairs),
            "changedBy": change.caller,
            "changedByType": "Application" if mine else "System",
            "clientType": "Unspecified",
            "operation": f"{record.type}/{'delete' if kind == 'Delete' else 'write'}",
        },
        "changes": {
            path: {
                "previousValue": old,
                "newValue": new,
                "changeCategory": "System" if path.startswith("systemData") else "User",
                "propertyChangeType": "Update",
            }
            for path, (old, new) in pairs.items()
        },
    }
    return {
        "id": f"{record.id}/providers/Microsoft.Resources/changes/{name}",
        "name": name,
        "type": "microsoft.resources/changes",
        "tenantId": call.state.tenant(record.subscription),
        "resourceGroup": record.group,
        "subscriptionId": record.subscription,
        "properties": properties,
    }
