"""Microsoft.Authorization: ``roleAssignments`` at any scope.

Recorded, ASO, March 2026: a PUT answers 201 with ``createdBy: null``, a DELETE 200 with the body,
a GET of a missing one ``RoleAssignmentNotFound``; ``scope`` and ``id`` are spelled as the client
did. Fields: https://learn.microsoft.com/rest/api/authorization/role-assignments.
"""

import json
import re
from typing import Any

from reconciler.emulator.arm.bodies import PRINCIPAL
from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.paging import list_page
from reconciler.emulator.arm.principals import TYPES, checked_type
from reconciler.emulator.arm.scopes import check_scope
from reconciler.emulator.authorization import role_filters
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.wire.routes import fold, scope_key
from reconciler.emulator.wire.sources import timestamp

NAMESPACE = "Microsoft.Authorization"
TYPE = "microsoft.authorization/roleassignments"
"""The folded type under which assignments are stored."""

API_VERSIONS = (
    "2015-07-01",
    "2018-07-01",
    "2020-04-01-preview",
    "2020-08-01-preview",
    "2022-04-01",
)

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ROLE = re.compile(
    rf"(/subscriptions/[^/]+)?/providers/microsoft\.authorization/roledefinitions/({_GUID.pattern})",
    re.IGNORECASE,
)
_JSON = (("Content-Type", JSON_TYPE),)
_OPTIONAL = (
    "principalType", "condition", "conditionVersion", "delegatedManagedIdentityResourceId",
    "description",
)  # fmt: skip


def answer(call: Call) -> Response:
    """Answer a request to the role assignments at a scope, or to one of them.

    Raises:
        ArmError: The error to answer.

    """
    check_scope(call)
    if not call.route.names:
        if call.request.method != "GET":
            raise errors.not_implemented(call.request.method, call.request.path)
        return _list(call)
    record = call.state.resource(_key(call))
    if call.request.method == "PUT":
        return _put(call, record)
    if call.request.method not in ("GET", "DELETE"):
        raise errors.not_implemented(call.request.method, call.request.path)
    if call.request.method == "DELETE":
        if record is None:
            return Response(204)
        call.state.delete_resource(record.key)
    if record is None:
        raise _missing(call)
    return Response(200, record.body.encode(), _JSON)


def _list(call: Call) -> Response:
    wanted = role_filters.parse(call.request.parameter("$filter"))
    assert call.route.scope is not None, "the path has a scope"
    scope, subscription = scope_key(call.route.scope), fold(call.route.subscription)

    def fetch(after: str, limit: int) -> list[Record]:
        records = call.state.page(subscription, None, (TYPE,), after, -1)
        return [record for record in records if wanted.takes(record, scope)][:limit]

    text = list_page(call, fetch, lambda record: record.body)
    return Response(200, text.encode(), _JSON)


@invented(
    "role-any",
    "Any GUID is accepted as a role definition, in the table of built-in roles or not.",
)
@invented(
    "role-same-put",
    "A PUT that changes nothing but `description` and `condition` answers 200, and moves "
    "`updatedOn`.",
)
def _put(call: Call, record: Record | None) -> Response:
    route, name = call.route, call.route.names[-1]
    if not _GUID.fullmatch(name):
        message = (
            f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."
        )
        raise ArmError(400, "InvalidRoleAssignmentId", message)
    sent = checked(call.content)
    role = role_id(route.subscription, sent["roleDefinitionId"])
    elsewhere = call.state.named(TYPE, fold(name))
    if elsewhere is not None:
        _refuse_change(elsewhere, _key(call), role, sent)
    else:
        sent["principalType"] = checked_type(call, sent["principalId"], sent["principalType"])
        _refuse_twin(call, role, sent["principalId"])
    before = json.loads(record.body)["properties"] if record else {}
    now = timestamp(call.now())
    properties = {
        "roleDefinitionId": role,
        "principalId": sent["principalId"],
        "principalType": before.get("principalType", sent["principalType"]),
        "scope": before.get("scope", route.scope_id),
        "condition": sent["condition"],
        "conditionVersion": sent["conditionVersion"],
        "createdOn": before.get("createdOn", now),
        "updatedOn": now,
        "createdBy": PRINCIPAL,
        "updatedBy": PRINCIPAL,
        "delegatedManagedIdentityResourceId": sent["delegatedManagedIdentityResourceId"],
        "description": sent["description"],
    }
    resource_id = f"{properties['scope']}/providers/{NAMESPACE}/roleAssignments/{name}"
    body = {
        "properties": properties,
        "id": record.id if record else resource_id,
        "type": f"{NAMESPACE}/roleAssignments",
        "name": name,
    }
    store(call, body)
    if record is not None:
        return Response(200, write_json(body).encode(), _JSON)
    face = body | {"properties": properties | {"createdBy": None}}
    return Response(201, write_json(face).encode(), _JSON)


def role_id(subscription: str, sent: str) -> str:
    """Return the id of a role as answers show it: below a subscription, whatever was sent."""
    guid = sent.rpartition("/")[2]
    return f"/subscriptions/{subscription}/providers/{NAMESPACE}/roleDefinitions/{guid}"


def store(call: Call, body: JsonObject) -> None:
    """Keep the body of a role assignment."""
    record = Record(
        key=_key(call),
        subscription=fold(call.route.subscription),
        group=fold(call.route.group),
        type=TYPE,
        name=fold(body["name"]),
        id=body["id"],
        body=write_json(body),
        etag="",
        state="Succeeded",
    )
    call.state.put_resource(record)


@invented(
    "role-payload",
    "A role assignment without `roleDefinitionId` or `principalId`, with one that is no id of a "
    "role or no GUID, an unknown `principalType`, a `conditionVersion` other than `2.0`, or one "
    "of `condition` and `conditionVersion` without the other, is 400 `BadRequestFormat`.",
)
def checked(content: object) -> dict[str, Any]:
    """Return the properties of a role assignment as sent, with None for those that were not.

    Raises:
        ArmError: 400 ``BadRequestFormat``.

    """
    given = content.get("properties") if isinstance(content, dict) else None
    if not isinstance(given, dict):
        raise _bad("The request has no properties.")
    sent = {name: given.get(name) for name in ("roleDefinitionId", "principalId", *_OPTIONAL)}
    if not all(value is None or isinstance(value, str) for value in sent.values()):
        raise _bad("Every property must be a string.")
    if not _ROLE.fullmatch(sent["roleDefinitionId"] or ""):
        raise _bad("'roleDefinitionId' must be the id of a role definition.")
    if not _GUID.fullmatch(sent["principalId"] or ""):
        raise _bad("'principalId' must be a GUID.")
    if sent["principalType"] is not None and sent["principalType"] not in TYPES:
        raise _bad(f"'{sent['principalType']}' is not a value of principalType.")
    if (sent["condition"] is None) != (sent["conditionVersion"] is None):
        raise _bad("'condition' and 'conditionVersion' must be given together.")
    if sent["conditionVersion"] not in (None, "2.0"):
        raise _bad("'conditionVersion' must be '2.0'.")
    return sent


def _bad(message: str) -> ArmError:
    return ArmError(400, "BadRequestFormat", message)


def _refuse_change(record: Record, key: str, role: str, sent: JsonObject) -> None:
    """Refuse to give a name that is in use to another role, principal or scope.

    Text: https://github.com/Azure/Enterprise-Scale/issues/1747
    """
    kept = json.loads(record.body)["properties"]
    kind = sent["principalType"]
    same = (
        record.key == key
        and _tail(kept["roleDefinitionId"]) == _tail(role)
        and fold(kept["principalId"]) == fold(sent["principalId"])
        and kind in (None, kept["principalType"])
        and kept["delegatedManagedIdentityResourceId"] == sent["delegatedManagedIdentityResourceId"]
    )
    if not same:
        message = (
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
        )
        raise ArmError(400, "RoleAssignmentUpdateNotPermitted", message)


def _refuse_twin(call: Call, role: str, principal: str) -> None:
    """Refuse a second assignment of a role to a principal at a scope.

    Text: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
    """
    assert call.route.scope is not None, "the path has a scope"
    above = f"{scope_key(call.route.scope)}/providers/{TYPE}"
    for record in call.state.below(above, TYPE):
        kept = json.loads(record.body)["properties"]
        if _tail(kept["roleDefinitionId"]) != _tail(role):
            continue
        if fold(kept["principalId"]) == fold(principal):
            message = (
                "The role assignment already exists. The ID of the existing role assignment is "
                f"{record.name.replace('-', '')}."
            )
            raise ArmError(409, "RoleAssignmentExists", message)


def _missing(call: Call) -> ArmError:
    message = f"The role assignment '{call.route.names[-1]}' is not found."
    return ArmError(404, "RoleAssignmentNotFound", message)


def _key(call: Call) -> str:
    assert call.route.scope is not None, "the path has a scope"
    return f"{scope_key(call.route.scope)}/providers/{TYPE}/{fold(call.route.names[-1])}"


def _tail(role: str) -> str:
    return fold(role.rpartition("/")[2])
