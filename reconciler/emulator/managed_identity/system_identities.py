"""Microsoft.ManagedIdentity: ``identities/default``, the system identity of a resource.

https://learn.microsoft.com/rest/api/managedidentity/system-assigned-identities
"""

import uuid

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.scopes import check_scope
from reconciler.emulator.managed_identity.identities import API_VERSIONS, NAMESPACE
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.wire.routes import RouteKind, scope_key

__all__ = ["API_VERSIONS", "NAMESPACE", "answer"]

_JSON = (("Content-Type", JSON_TYPE),)


@invented(
    "system-identity",
    "The client id of a system identity is derived from its principal; a resource without one is "
    "404 `NotFound`, and `clientSecretUrl` leads nowhere.",
)
def answer(call: Call) -> Response:
    """Answer ``GET {scope}/providers/Microsoft.ManagedIdentity/identities/default``.

    Raises:
        ArmError: 404: the resource is missing, or has no system identity; 501: another request.

    """
    scope = call.route.scope
    if call.request.method != "GET" or call.route.names != ("default",) or scope is None:
        raise errors.not_implemented(call.request.method, call.request.path)
    check_scope(call)
    record = call.state.resource(scope_key(scope)) if scope.kind is RouteKind.ITEM else None
    body = record.content() if record else {}
    principal = (body.get("identity") or {}).get("principalId")
    if principal is None:
        message = f"The resource '{call.route.scope_id}' has no system-assigned identity."
        raise ArmError(404, "NotFound", message)
    identifier = f"{call.route.scope_id}/providers/{NAMESPACE}/identities/default"
    content: JsonObject = {
        "id": identifier,
        "name": "default",
        "type": f"{NAMESPACE}/identities",
        "location": body["location"],
        "tags": body.get("tags") or {},
        "properties": {
            "tenantId": body["identity"]["tenantId"],
            "principalId": principal,
            "clientId": str(uuid.uuid5(uuid.UUID(principal), "client")),
            "clientSecretUrl": f"https://emulator.invalid{identifier}/credentials",
        },
    }
    return Response(200, write_json(content).encode(), _JSON)
