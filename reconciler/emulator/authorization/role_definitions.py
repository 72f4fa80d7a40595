"""Microsoft.Authorization: ``roleDefinitions``, a few built-in ones and those of the customer.

https://learn.microsoft.com/rest/api/authorization/role-definitions; texts of errors:
https://learn.microsoft.com/azure/role-based-access-control/troubleshooting.
"""

import re
from typing import Any

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.scopes import check_scope
from reconciler.emulator.authorization.roles import BUILT_IN, Role
from reconciler.emulator.state.behaviour import checked_permission
from reconciler.emulator.state.rows import Record
from reconciler.emulator.state.transaction import Transaction
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.wire.routes import fold

API_VERSIONS = ("2015-07-01", "2018-01-01-preview", "2022-04-01", "2022-05-01-preview")

TYPE = "microsoft.authorization/roledefinitions"
"""The folded type under which the customer's roles are stored."""

_KIND = "Microsoft.Authorization/roleDefinitions"
_NAME = re.compile(r"roleName\s+eq\s+'([^']*)'", re.IGNORECASE)
_SORT = re.compile(r"type\s+eq\s+'(BuiltInRole|CustomRole)'", re.IGNORECASE)
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_JSON = (("Content-Type", JSON_TYPE),)
_MOST = -1


@invented(
    "role-definitions",
    "Only twelve built-in roles are known, without their descriptions; the permissions of those "
    "for one service are abridged. `$filter` can be `roleName eq`, `type eq` or "
    "`atScopeAndBelow()`, any other is 400 `InvalidFilter`.",
)
def answer(call: Call) -> Response:
    """Answer a request to the role definitions at a scope, or to one of them.

    Raises:
        ArmError: The error to answer.

    """
    check_scope(call)
    method = call.request.method
    if not call.route.names and method == "GET":
        found = [*_built_in(call), *_custom(call)]
        value = _filtered(call.request.parameter("$filter"), found)
        return Response(200, write_json({"value": value}).encode(), _JSON)
    if not call.route.names or method not in ("GET", "PUT", "DELETE"):
        raise errors.not_implemented(method, call.request.path)
    name = fold(call.route.names[-1])
    if method == "PUT":
        return _put(call, name)
    shown = next((body for body in _built_in(call) if body["name"] == name), None)
    record = call.state.resource(_key(call.route.subscription, name))
    if method == "DELETE":
        return _delete(call, record)
    if shown is None and record is not None:
        shown = record.content()
    if shown is None:
        raise _missing(call)
    return Response(200, write_json(shown).encode(), _JSON)


def permissions(state: Transaction, role: str) -> list[JsonObject]:
    """Return the permissions of a role by the id of its definition; none when it is unknown."""
    guid = fold(role.rpartition("/")[2])
    for known in BUILT_IN:
        if known.guid == guid:
            return [known.permission()]
    record = state.named(TYPE, guid)
    return list(record.content()["properties"]["permissions"]) if record else []


@invented(
    "custom-roles",
    "A role of the customer needs a `roleName` nobody else has in the subscription, `permissions` "
    "and `assignableScopes`; it is kept by subscription whatever scope it is put at, and cannot be "
    "deleted while it is assigned. Both PUTs answer 201.",
)
def _put(call: Call, name: str) -> Response:
    given = call.content.get("properties") if isinstance(call.content, dict) else None
    if not _GUID.fullmatch(name) or not isinstance(given, dict):
        message = "A role definition is named by a GUID and has properties."
        raise ArmError(400, "InvalidRoleDefinition", message)
    subscription = call.route.subscription
    for body in (*_built_in(call), *_custom(call)):
        same = fold(body["properties"]["roleName"]) == fold(str(given.get("roleName", "")))
        if same and body["name"] != name:
            message = f"A custom role with the name '{given['roleName']}' already exists."
            raise ArmError(409, "RoleDefinitionWithSameNameExists", message)
    body = {
        "properties": _checked(given),
        "id": f"/subscriptions/{subscription}/providers/{_KIND}/{name}",
        "type": _KIND,
        "name": name,
    }
    call.state.put_resource(
        Record(
            key=_key(subscription, name),
            subscription=fold(subscription),
            group="",
            type=TYPE,
            name=name,
            id=str(body["id"]),
            body=write_json(body),
            etag="",
            state="Succeeded",
        )
    )
    return Response(201, write_json(body).encode(), _JSON)


def _checked(given: JsonObject) -> JsonObject:
    name, scopes, listed = (given.get(n) for n in ("roleName", "assignableScopes", "permissions"))
    if not isinstance(name, str) or not isinstance(scopes, list) or not isinstance(listed, list):
        message = "A role definition has a roleName, assignableScopes and permissions."
        raise ArmError(400, "InvalidRoleDefinition", message)
    try:
        granted = [checked_permission(entry) for entry in listed]
    except ArmError as error:
        raise ArmError(400, "InvalidRoleDefinition", error.message) from error
    return {
        "roleName": name,
        "type": "CustomRole",
        "description": str(given.get("description") or ""),
        "assignableScopes": scopes,
        "permissions": granted,
    }


def _delete(call: Call, record: Record | None) -> Response:
    if record is None:
        return Response(204)
    member = "$.properties.roleDefinitionId"
    if call.state.having("microsoft.authorization/roleassignments", member, record.id):
        message = "There are existing role assignments referencing role definition."
        raise ArmError(400, "RoleDefinitionHasAssignments", message)
    call.state.delete_resource(record.key)
    return Response(200, record.body.encode(), _JSON)


def _filtered(text: str | None, found: list[JsonObject]) -> list[JsonObject]:
    asked = (text or "").strip()
    if match := _NAME.fullmatch(asked):
        return [b for b in found if fold(b["properties"]["roleName"]) == fold(match[1])]
    if match := _SORT.fullmatch(asked):
        return [b for b in found if fold(b["properties"]["type"]) == fold(match[1])]
    if fold(asked) in ("", "atscopeandbelow()"):
        return found
    message = f"The filter '{text}' is not supported."
    raise ArmError(400, "InvalidFilter", message)


def _built_in(call: Call) -> list[JsonObject]:
    return [_shown(call.route.subscription, role) for role in BUILT_IN]


def _custom(call: Call) -> list[JsonObject]:
    records = call.state.page(fold(call.route.subscription), None, (TYPE,), "", _MOST)
    return [record.content() for record in records]


def _shown(subscription: str, role: Role) -> JsonObject:
    properties: dict[str, Any] = {
        "roleName": role.name,
        "type": "BuiltInRole",
        "description": "",
        "assignableScopes": ["/"],
        "permissions": [role.permission()],
    }
    return {
        "properties": properties,
        "id": f"/subscriptions/{subscription}/providers/{_KIND}/{role.guid}",
        "type": _KIND,
        "name": role.guid,
    }


def _missing(call: Call) -> ArmError:
    name = call.route.names[-1].replace("-", "")
    message = f"The specified role definition with ID '{name}' does not exist."
    return ArmError(404, "RoleDefinitionDoesNotExist", message)


def _key(subscription: str, name: str) -> str:
    return fold(f"/subscriptions/{subscription}/providers/{TYPE}/{name}")
