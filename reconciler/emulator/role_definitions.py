"""Microsoft.Authorization: ``roleDefinitions``, a few of the built-in ones.

https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
"""

import re

from reconciler.emulator import errors
from reconciler.emulator.call import Call
from reconciler.emulator.errors import ArmError
from reconciler.emulator.invented import invented
from reconciler.emulator.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.routes import fold
from reconciler.emulator.scopes import check_scope

API_VERSIONS = ("2015-07-01", "2018-01-01-preview", "2022-04-01", "2022-05-01-preview")

BUILT_IN = {
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "Communication and Email Service Owner": "09976791-48a7-449e-bb21-39d1a415f350",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Managed Identity Contributor": "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59",
    "Managed Identity Operator": "f1a07417-d97a-45cb-824c-7a7467783830",
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Role Based Access Control Administrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
}
"""The GUID of each role, by name; the same in every tenant."""

_FILTER = re.compile(r"roleName\s+eq\s+'([^']*)'", re.IGNORECASE)
_EVERY = re.compile(r"(atScopeAndBelow\(\)|type\s+eq\s+'BuiltInRole')?", re.IGNORECASE)
_JSON = (("Content-Type", JSON_TYPE),)


@invented(
    "role-definitions",
    "Only twelve built-in roles are known, and their `permissions` are empty; `$filter` can be "
    "`roleName eq`, `type eq 'BuiltInRole'` or `atScopeAndBelow()`, any other is 400 "
    "`InvalidFilter`.",
)
def answer(call: Call) -> Response:
    """Answer a GET of the role definitions at a scope, or of one of them.

    Raises:
        ArmError: The error to answer.

    """
    if call.request.method != "GET":
        raise errors.not_implemented(call.request.method, call.request.path)
    check_scope(call)
    if not call.route.names:
        value = [_shown(call, name) for name in _filtered(call.request.parameter("$filter"))]
        return Response(200, write_json({"value": value}).encode(), _JSON)
    wanted = call.route.names[-1]
    for name, guid in BUILT_IN.items():
        if guid == fold(wanted):
            return Response(200, write_json(_shown(call, name)).encode(), _JSON)
    message = f"The specified role definition with ID '{wanted.replace('-', '')}' does not exist."
    raise ArmError(404, "RoleDefinitionDoesNotExist", message)


def _filtered(text: str | None) -> list[str]:
    match = _FILTER.fullmatch((text or "").strip())
    if match:
        return [name for name in BUILT_IN if fold(name) == fold(match[1])]
    if _EVERY.fullmatch((text or "").strip()):
        return sorted(BUILT_IN)
    message = f"The filter '{text}' is not supported."
    raise ArmError(400, "InvalidFilter", message)


def _shown(call: Call, name: str) -> JsonObject:
    guid, kind = BUILT_IN[name], "Microsoft.Authorization/roleDefinitions"
    return {
        "properties": {
            "roleName": name,
            "type": "BuiltInRole",
            "description": "",
            "assignableScopes": ["/"],
            "permissions": [],
        },
        "id": f"/subscriptions/{call.route.subscription}/providers/{kind}/{guid}",
        "type": kind,
        "name": guid,
    }
