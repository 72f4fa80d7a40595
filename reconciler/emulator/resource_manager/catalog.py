"""What ARM itself says of all resources of a subscription or group.

https://learn.microsoft.com/rest/api/resources/resources/list; the filters and expansions are those
azure-cli 2.91.0 sends, and those of the documentation.
"""

import json
import re
from collections.abc import Callable

from reconciler.emulator.arm import nesting
from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.paging import list_page
from reconciler.emulator.registry import ROWS
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.wire.routes import fold

TRACKED = {key: row for key, row in ROWS.items() if row.tracked}
"""The rows that ARM lists among the resources, by folded full type."""

_CLAUSE = re.compile(
    r"(resourceType|resourceGroup|name|location|tagName|tagValue)\s+eq\s+'([^']*)'", re.IGNORECASE
)
_MEMBERS = ("location", "tags", "identity")
_EXPANDED = {"createdtime": "createdAt", "changedtime": "lastModifiedAt"}
_JSON = (("Content-Type", JSON_TYPE),)


@invented(
    "resource-list",
    "The list of all resources has the tracked ones, sorted by id, with `type` as the provider "
    "registered it; its `$filter` is `eq` of `resourceType`, `resourceGroup`, `name`, `location`, "
    "`tagName` or `tagValue`, joined by `and`, any other is 400 `InvalidFilter`. `$expand` gives "
    "the times of resources that have `systemData`.",
)
def answer_resources(call: Call) -> Response:
    """Answer ``GET .../resources`` of a subscription or a resource group.

    Raises:
        ArmError: 404: the group does not exist; 400: the filter is not known.

    """
    if call.request.method != "GET":
        raise errors.not_implemented(call.request.method, call.request.path)
    clauses = _clauses(call.request.parameter("$filter") or "")
    wanted = clauses.pop("resourcetype", None)
    kinds = tuple(kind for kind in TRACKED if wanted in (None, kind)) or ("none",)
    asked = clauses.pop("resourcegroup", None)
    group = fold(nesting.group_name(call)) if call.route.group else asked
    expanded = fold(call.request.parameter("$expand") or "").split(",")

    def fetch(after: str, limit: int) -> list[Record]:
        subscription = fold(call.route.subscription)
        if not clauses:
            return call.state.page(subscription, group, kinds, after, limit)
        records = call.state.page(subscription, group, kinds, after, -1)
        return [record for record in records if _takes(clauses, record)][:limit]

    return Response(200, list_page(call, fetch, _show(expanded)).encode(), _JSON)


def _clauses(text: str) -> dict[str, str]:
    """Return the folded values a filter asks for, by folded name."""
    found: dict[str, str] = {}
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE):
        match = _CLAUSE.fullmatch(part)
        if match:
            found[fold(match[1])] = fold(match[2])
        elif part:
            message = f"The filter '{text}' is not supported."
            raise ArmError(400, "InvalidFilter", message)
    return found


def _takes(clauses: dict[str, str], record: Record) -> bool:
    """Tell whether a resource is what the filter asks for, besides its type and group."""
    body = record.content()
    name, value = clauses.get("tagname"), clauses.get("tagvalue")
    tagged = any(
        name in (None, fold(tag)) and value in (None, fold(text))
        for tag, text in (body.get("tags") or {}).items()
    )
    return (
        clauses.get("name") in (None, record.name)
        and clauses.get("location") in (None, fold(body["location"]))
        and (tagged or (name is None and value is None))
    )


def _show(expanded: list[str]) -> Callable[[Record], str]:
    def show(record: Record) -> str:
        row, body = TRACKED[record.type], json.loads(record.body)
        names = record.id.partition("/providers/")[2].split("/")[2::2]
        item: JsonObject = {
            "id": record.id,
            "name": "/".join(names),
            "type": f"{row.namespace}/{row.registered}",
        }
        item |= {name: body[name] for name in _MEMBERS if name in body}
        system = body.get("systemData") or {}
        for name, member in _EXPANDED.items():
            if name in expanded and member in system:
                item[name.replace("time", "Time")] = system[member]
        if "provisioningstate" in expanded:
            item["provisioningState"] = record.state
        return write_json(item)

    return show
