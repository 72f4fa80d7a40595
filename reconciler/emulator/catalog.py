"""What ARM itself says of providers, and of all resources of a subscription or group.

https://learn.microsoft.com/rest/api/resources/providers and
https://learn.microsoft.com/rest/api/resources/resources/list.
"""

import json
import re
from functools import partial

from reconciler.emulator import errors, nesting
from reconciler.emulator.call import Call
from reconciler.emulator.errors import ArmError
from reconciler.emulator.invented import invented
from reconciler.emulator.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.paging import list_page
from reconciler.emulator.registry import EXTENSIONS, NAMESPACES, ROWS
from reconciler.emulator.resource_type import ResourceType
from reconciler.emulator.role_assignments import NAMESPACE as AUTHORIZATION
from reconciler.emulator.routes import fold
from reconciler.emulator.rows import Record

TRACKED = {key: row for key, row in ROWS.items() if row.tracked}
"""The rows that ARM lists among the resources, by folded full type."""

_FILTER = re.compile(r"resourceType\s+eq\s+'([^']*)'", re.IGNORECASE)
_MEMBERS = ("location", "tags", "identity")
_JSON = (("Content-Type", JSON_TYPE),)


@invented(
    "provider-registered",
    "Every emulated provider is `Registered` from the start, and `register` changes nothing.",
)
def answer_provider(call: Call) -> Response:
    """Answer ``GET /subscriptions/{s}/providers/{namespace}``, and its registration.

    Raises:
        ArmError: 501: another provider, or another method.

    """
    registers = [fold(kind) for kind in call.route.types] == ["register"]
    method = "POST" if registers else "GET"
    namespace = NAMESPACES.get(fold(call.route.namespace))
    if namespace is None or call.request.method != method:
        raise errors.not_implemented(call.request.method, call.request.path)
    content = {
        "id": f"/subscriptions/{call.route.subscription}/providers/{namespace}",
        "namespace": namespace,
        "resourceTypes": _types(namespace),
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationRequired",
    }
    return Response(200, write_json(content).encode(), _JSON)


@invented(
    "provider-operations",
    "The operations of a provider are those of the types that are emulated, with their names for "
    "texts.",
)
def answer_operations(call: Call) -> Response:
    """Answer ``GET /providers/{namespace}/operations``.

    Raises:
        ArmError: 501: another provider, or another method.

    """
    rows = [row for row in ROWS.values() if fold(row.namespace) == fold(call.route.namespace)]
    if not rows or call.request.method != "GET":
        raise errors.not_implemented(call.request.method, call.request.path)
    value = [
        _operation(row, verb)
        for row in rows
        for verb in ("read", "write", "delete", *(f"{name}/action" for name in row.actions))
    ]
    return Response(200, write_json({"value": value}).encode(), _JSON)


def _operation(row: ResourceType, verb: str) -> JsonObject:
    name = f"{row.namespace}/{row.registered}/{verb}"
    texts = {"resource": row.registered, "operation": verb, "description": name}
    return {"name": name, "isDataAction": False, "display": {"provider": row.namespace} | texts}


@invented(
    "resource-list",
    "The list of all resources has the tracked ones, sorted by id, with `type` as the provider "
    "registered it; its only `$filter` is `resourceType eq`, any other is 400 `InvalidFilter`.",
)
def answer_resources(call: Call) -> Response:
    """Answer ``GET .../resources`` of a subscription or a resource group.

    Raises:
        ArmError: 404: the group does not exist; 400: the filter is not known.

    """
    if call.request.method != "GET":
        raise errors.not_implemented(call.request.method, call.request.path)
    text = call.request.parameter("$filter")
    kinds = tuple(TRACKED)
    if text:
        match = _FILTER.fullmatch(text.strip())
        if match is None:
            message = f"The filter '{text}' is not supported."
            raise ArmError(400, "InvalidFilter", message)
        kinds = tuple(kind for kind in kinds if kind == fold(match[1])) or ("none",)
    group = fold(nesting.group_name(call)) if call.route.group else None
    fetch = partial(call.state.page, fold(call.route.subscription), group, kinds)
    return Response(200, list_page(call, fetch, _listed).encode(), _JSON)


def _listed(record: Record) -> str:
    row, body = TRACKED[record.type], json.loads(record.body)
    names = record.id.partition("/providers/")[2].split("/")[2::2]
    item: JsonObject = {
        "id": record.id,
        "name": "/".join(names),
        "type": f"{row.namespace}/{row.registered}",
    }
    return write_json(item | {name: body[name] for name in _MEMBERS if name in body})


def _types(namespace: str) -> list[JsonObject]:
    """Return the types of a provider with their api-versions, the newest first."""
    if namespace == AUTHORIZATION:
        known = [(name, list(versions), False) for name, versions in EXTENSIONS.values()]
    else:
        known = [
            (row.registered, list(row.api_versions), row.tracked)
            for row in ROWS.values()
            if row.namespace == namespace
        ]
    return [
        {
            "resourceType": name,
            "locations": ["global"] if fold(name).startswith(("comm", "email")) else [],
            "apiVersions": sorted(versions, reverse=True),
            "capabilities": "SupportsTags, SupportsLocation" if tracked else "None",
        }
        for name, versions, tracked in sorted(known)
    ]
