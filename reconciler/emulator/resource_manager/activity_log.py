"""Microsoft.Insights: the activity log, who wrote what and when.

https://learn.microsoft.com/rest/api/monitor/activity-logs/list
"""

import re
from http import HTTPStatus

from reconciler.emulator.arm.call import Call
from reconciler.emulator.resource_manager.kql_functions import moment
from reconciler.emulator.state.history import Event
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.wire.routes import RouteKind, fold, parse
from reconciler.emulator.wire.sources import timestamp

NAMESPACE = "microsoft.insights"
TYPE = "eventtypes/values"

_CLAUSE = re.compile(
    r"(eventTimestamp\s+(?:ge|le)|resourceGroupName\s+eq|resourceUri\s+eq|resourceProvider\s+eq"
    r"|correlationId\s+eq|caller\s+eq)\s+'([^']*)'",
    re.IGNORECASE,
)
_PHRASES = {int(status): status.phrase.replace(" ", "") for status in HTTPStatus}
_NEVER = "9999-12-31"
_VERBS = {"DELETE": "delete", "POST": "action"}


@invented(
    "activity-log",
    "The activity log has the last 10,000 writes that were answered from this state, each as one "
    "event at once (Azure has several, some minutes late). `$filter` needs `eventTimestamp ge`; "
    "besides are `eventTimestamp le`, and `eq` of `resourceGroupName`, `resourceUri`, "
    "`resourceProvider`, `correlationId` and `caller`. `$select` is ignored.",
)
def answer(call: Call) -> Response:
    """Answer ``GET .../providers/Microsoft.Insights/eventtypes/management/values``.

    Raises:
        ArmError: 400: the filter is missing or not known; 501: another request.

    """
    if call.request.method != "GET" or [fold(name) for name in call.route.names] != ["management"]:
        raise errors.not_implemented(call.request.method, call.request.path)
    wanted = _clauses(call.request.parameter("$filter") or "")
    prefix = fold(f"/subscriptions/{call.route.subscription}/")
    events = [event for event in call.state.events() if fold(event.path).startswith(prefix)]
    found = [_shown(call, event) for event in reversed(events)]
    value = [event for event in found if _takes(wanted, event)]
    headers = (("Content-Type", JSON_TYPE),)
    return Response(200, write_json({"value": value}).encode(), headers)


def _clauses(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE):
        match = _CLAUSE.fullmatch(part)
        if match is None:
            message = f"The filter '{text}' is not supported."
            raise ArmError(400, "BadRequest", message)
        found[" ".join(fold(match[1]).split())] = match[2]
    if "eventtimestamp ge" not in found or None in map(moment, _times(found)):
        message = "The filter needs 'eventTimestamp ge' a time such as '2026-01-01T00:00:00Z'."
        raise ArmError(400, "BadRequest", message)
    return found


def _times(clauses: dict[str, str]) -> list[str]:
    return [value for name, value in clauses.items() if name.startswith("eventtimestamp")]


def _takes(clauses: dict[str, str], event: JsonObject) -> bool:
    time = moment(event["eventTimestamp"]) or ""
    resource = fold(event["resourceId"])
    asked = {name.partition(" ")[0]: fold(value) for name, value in clauses.items()}
    since, until = (moment(clauses.get(f"eventtimestamp {word}")) for word in ("ge", "le"))
    return (
        (since or "") <= time <= (until or _NEVER)
        and asked.get("resourcegroupname") in (None, fold(event["resourceGroupName"]))
        and asked.get("resourceuri") in (None, resource)
        and asked.get("resourceprovider") in (None, fold(event["resourceProviderName"]["value"]))
        and asked.get("correlationid") in (None, fold(event["correlationId"]))
        and asked.get("caller") in (None, fold(event["caller"]))
    )


def _shown(call: Call, event: Event) -> JsonObject:
    route = parse(event.path)
    kind = "/".join(filter(None, (route.namespace, *route.types)))
    if route.kind is RouteKind.GROUP:
        kind = "Microsoft.Resources/subscriptions/resourceGroups"
    operation = f"{kind}/{_VERBS.get(event.method, 'write')}"
    resource = event.path.rpartition("/")[0] if event.method == "POST" else event.path
    phrase = _PHRASES.get(event.status, str(event.status))
    works = event.status < 400
    time = timestamp(event.time)
    identifier = f"{resource}/events/{event.correlation}/ticks/{int(event.time * 10_000_000)}"
    return {
        "authorization": {"action": operation, "scope": resource},
        "caller": event.caller,
        "category": _named("Administrative"),
        "channels": "Operation",
        "claims": {},
        "correlationId": event.correlation,
        "description": "",
        "eventDataId": event.correlation,
        "eventName": _named("EndRequest"),
        "eventTimestamp": time,
        "id": identifier,
        "level": "Informational" if works else "Error",
        "operationId": event.correlation,
        "operationName": _named(operation),
        "properties": {"entity": resource, "statusCode": phrase},
        "resourceGroupName": route.group,
        "resourceId": resource,
        "resourceProviderName": _named(route.namespace or "Microsoft.Resources"),
        "resourceType": _named(kind),
        "status": _named("Succeeded" if works else "Failed"),
        "subStatus": {
            "value": phrase,
            "localizedValue": f"{phrase} (HTTP Status Code: {event.status})",
        },
        "submissionTimestamp": time,
        "subscriptionId": route.subscription,
        "tenantId": call.tenant(),
    }


def _named(text: str) -> JsonObject:
    return {"value": text, "localizedValue": text}
