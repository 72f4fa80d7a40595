"""Microsoft.Resources: ``tags`` of a resource group or a resource, apart from the rest of it.

https://learn.microsoft.com/rest/api/resources/tags
"""

from dataclasses import replace
from typing import Any

from reconciler.emulator.arm import bodies, tags
from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.nesting import refuse_if_busy
from reconciler.emulator.arm.scopes import check_scope
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.wire.routes import RouteKind, scope_key

API_VERSIONS = ("2019-10-01", "2021-04-01", "2022-09-01", "2024-11-01", "2025-04-01")
NAMESPACE = "Microsoft.Resources"

_JSON = (("Content-Type", JSON_TYPE),)


@invented(
    "tags-scope",
    "Tags are there for resource groups and emulated resources, not for subscriptions. What is "
    "changed through them moves `lastModifiedAt` and the entity tag.",
)
def answer(call: Call) -> Response:
    """Answer a request for ``{scope}/providers/Microsoft.Resources/tags/default``.

    Raises:
        ArmError: The error to answer.

    """
    scope = call.route.scope
    known = call.route.names == ("default",) and scope is not None
    if not known or scope is None or scope.kind not in (RouteKind.GROUP, RouteKind.ITEM):
        raise errors.not_implemented(call.request.method, call.request.path)
    check_scope(call)
    record = call.state.resource(scope_key(scope))
    if record is None:
        raise errors.not_implemented(call.request.method, call.request.path)
    before = record.content().get("tags") or {}
    match call.request.method:
        case "GET":
            return _shown(call, before)
        case "PUT":
            return _changed(call, record, _sent(call))
        case "PATCH":
            return _changed(call, record, _patched(call, before))
        case "DELETE":
            _changed(call, record, {})
            return Response(200)
    raise errors.not_implemented(call.request.method, call.request.path)


def _patched(call: Call, before: dict[str, str]) -> dict[str, str]:
    """Return the tags after ``Merge``, ``Replace`` or ``Delete``; names ignore case."""
    content: Any = call.content
    sent = _sent(call)
    named = {name.casefold() for name in sent}
    kept = {name: value for name, value in before.items() if name.casefold() not in named}
    match content.get("operation"):
        case "Replace":
            return sent
        case "Delete":
            return kept
        case "Merge":
            spelled = {name.casefold(): name for name in before}
            return before | {spelled.get(name.casefold(), name): sent[name] for name in sent}
    message = "'operation' must be one of Merge, Replace, Delete."
    raise ArmError(400, "InvalidTagPatchOperation", message)


def _sent(call: Call) -> dict[str, str]:
    content = call.content if isinstance(call.content, dict) else {}
    properties = content.get("properties")
    sent = properties.get("tags") if isinstance(properties, dict) else None
    return tags.checked({} if sent is None else sent)


def _changed(call: Call, record: Record, wanted: dict[str, str]) -> Response:
    refuse_if_busy(record)
    body = record.content() | {"tags": tags.checked(wanted)}
    if "systemData" in body:
        body["systemData"] = bodies.system_data(call, body)
    etag = call.etag() if record.etag else ""
    call.state.put_resource(replace(record, body=write_json(body), etag=etag))
    return _shown(call, wanted)


def _shown(call: Call, found: dict[str, str]) -> Response:
    content: JsonObject = {
        "id": f"{call.route.scope_id}/providers/{NAMESPACE}/tags/default",
        "name": "default",
        "type": f"{NAMESPACE}/tags",
        "properties": {"tags": found},
    }
    return Response(200, write_json(content).encode(), _JSON)
