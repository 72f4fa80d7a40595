"""Microsoft.Resources: subscriptions and resource groups.

https://learn.microsoft.com/rest/api/resources/resource-groups. Statuses of PUT and DELETE:
recorded, ASO, March 2026. Both ``resourceGroups`` and ``resourcegroups`` are accepted.
"""

import json
import re
from functools import partial

from reconciler.emulator.arm import operations, tags
from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.faces import shown
from reconciler.emulator.arm.paging import list_page
from reconciler.emulator.authorization import rights
from reconciler.emulator.state.rows import Record, Subscription
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.wire.routes import fold, group_key

GROUP_TYPE = "microsoft.resources/resourcegroups"
"""The folded type under which groups are stored."""

_NAME = re.compile(r"[\w().-]{0,89}[\w()-]")
_JSON = (("Content-Type", JSON_TYPE),)


@invented(
    "subscriptions-open",
    "Any subscription id is accepted until the control endpoint declares which exist; undeclared, "
    "the list shows those in use.",
)
def check_subscription(call: Call) -> None:
    """Refuse a subscription that is not among the declared ones.

    Raises:
        errors.ArmError: 404 ``SubscriptionNotFound``.

    """
    wanted = fold(call.route.subscription)
    declared = call.state.subscriptions()
    if wanted and declared and not any(fold(known.id) == wanted for known in declared):
        raise errors.subscription_not_found(call.route.subscription)


@invented("tenants", "The tenants are that of the state and those of declared subscriptions.")
def answer_tenants(call: Call) -> Response:
    """Answer ``GET /tenants``."""
    _only_get(call)
    own = call.state.fact("tenant")
    known = {own, *(entry.tenant for entry in call.state.subscriptions() if entry.tenant)}
    value = [
        {
            "id": f"/tenants/{tenant}",
            "tenantId": tenant,
            "countryCode": "US",
            "displayName": f"Emulator {tenant}",
            "domains": [f"{tenant}.emulator.invalid"],
            "tenantCategory": "Home" if tenant == own else "ManagedBy",
            "defaultDomain": f"{tenant}.emulator.invalid",
            "tenantType": "AAD",
        }
        for tenant in sorted(known)
    ]
    return Response(200, write_json({"value": value}).encode(), _JSON)


def answer_subscriptions(call: Call) -> Response:
    """Answer ``GET /subscriptions``."""
    _only_get(call)
    used = (Subscription(name, name, "") for name in call.state.used_subscriptions())
    known = [
        entry
        for entry in call.state.subscriptions() or used
        if call.caller is None or rights.sees(call, entry.id)
    ]
    content = {
        "value": [_subscription(call, entry.id, entry.name) for entry in known],
        "count": {"type": "Total", "value": len(known)},
    }
    return Response(200, write_json(content).encode(), _JSON)


def answer_subscription(call: Call) -> Response:
    """Answer ``GET /subscriptions/{id}``."""
    _only_get(call)
    wanted = call.route.subscription
    names = {fold(entry.id): entry.name for entry in call.state.subscriptions()}
    content = _subscription(call, wanted, names.get(fold(wanted), wanted))
    return Response(200, write_json(content).encode(), _JSON)


def _subscription(call: Call, identifier: str, name: str) -> JsonObject:
    return {
        "id": f"/subscriptions/{identifier}",
        "authorizationSource": "RoleBased",
        "subscriptionId": identifier,
        "tenantId": call.state.tenant(identifier),
        "displayName": name,
        "state": "Enabled",
    }


def answer_groups(call: Call) -> Response:
    """Answer the list of resource groups."""
    _only_get(call)
    fetch = partial(call.state.page, fold(call.route.subscription), None, (GROUP_TYPE,))
    return Response(200, list_page(call, fetch, shown).encode(), _JSON)


def answer_group(call: Call) -> Response:
    """Answer a request to one resource group."""
    record = call.state.resource(group_key(call.route.subscription, call.route.group))
    if call.request.method == "HEAD":
        return Response(204 if record else 404)
    if call.request.method == "PUT":
        return _put(call, record)
    if record is None:
        raise errors.resource_group_not_found(call.route.group)
    if call.request.method == "GET":
        return Response(200, shown(record).encode(), _JSON)
    if call.request.method == "PATCH":
        return _patch(call, record)
    if call.request.method == "DELETE":
        return _delete(call, record)
    raise errors.not_implemented(call.request.method, call.request.path)


@invented(
    "group-location",
    "The location of a resource group may be any text of letters and digits; it is stored "
    "without spaces and in lower case.",
)
def _put(call: Call, record: Record | None) -> Response:
    name = call.route.group
    if record is not None and record.state == "Deleting":
        raise errors.resource_group_being_deleted(name)
    if not _NAME.fullmatch(name):
        rule = "It must be 1 to 90 letters, digits, and ._-() and must not end with a period."
        raise errors.invalid_resource_name(name, rule)
    content = call.content if isinstance(call.content, dict) else {}
    location = content.get("location")
    if not isinstance(location, str):
        raise errors.location_required()
    location = location.replace(" ", "").lower()
    if not re.fullmatch(r"[a-z0-9]+", location):
        raise errors.location_not_available(location, "resourceGroups", "every Azure region")
    before: JsonObject = json.loads(record.body) if record else {}
    if before and before["location"] != location:
        raise errors.invalid_resource_group_location(location, before["location"])
    body: JsonObject = {
        "id": before.get("id", f"/subscriptions/{call.route.subscription}/resourceGroups/{name}"),
        "name": before.get("name", name),
        "type": "Microsoft.Resources/resourceGroups",
        "location": location,
    }
    if content.get("tags") is not None:
        body["tags"] = tags.checked(content["tags"])
    body["properties"] = {"provisioningState": "Succeeded"}
    store(call, body)
    return Response(200 if record else 201, write_json(body).encode(), _JSON)


@invented(
    "group-patch",
    "PATCH of a resource group replaces `tags` and ignores every other member.",
)
def _patch(call: Call, record: Record) -> Response:
    if record.state == "Deleting":
        raise errors.resource_group_being_deleted(call.route.group)
    if not isinstance(call.content, dict):
        message = "the body must be a JSON object"
        raise errors.invalid_request_content(message)
    body: JsonObject = json.loads(record.body)
    if call.content.get("tags") is not None:
        properties = body.pop("properties")
        body["tags"] = tags.checked(call.content["tags"])
        body["properties"] = properties
    store(call, body)
    return Response(200, write_json(body).encode(), _JSON)


def store(call: Call, body: JsonObject) -> None:
    """Keep the body of a resource group."""
    route = call.route
    call.state.put_resource(
        Record(
            key=group_key(route.subscription, route.group),
            subscription=fold(route.subscription),
            group=fold(route.group),
            type=GROUP_TYPE,
            name=fold(route.group),
            id=body["id"],
            body=write_json(body),
            etag="",
            state="Succeeded",
        )
    )


def _delete(call: Call, record: Record) -> Response:
    operation = call.state.unsettled(record.key)
    if operation is None:
        operation = operations.begin(call, operations.DELETE_GROUP, record.key, record.id)
    return Response(202, headers=operations.group_headers(call, operation))


def _only_get(call: Call) -> None:
    if call.request.method != "GET":
        raise errors.not_implemented(call.request.method, call.request.path)
