"""The ``identity`` block of a resource: its validation and its changes.

Shape: ``{"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {id: {}}}``; the type
and the keys are echoed as sent (recorded, azure-sdk-for-net, September 2023).
https://learn.microsoft.com/azure/templates/microsoft.communication/communicationservices
"""

import json
import re
from typing import Any

from reconciler.emulator.arm.call import Call
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JsonObject

_USER_ASSIGNED_ID = re.compile(
    r"/subscriptions/[^/]+/resourcegroups/[^/]+"
    r"/providers/microsoft\.managedidentity/userassignedidentities/[^/]+",
    re.IGNORECASE,
)
_TYPES = {"none", "systemassigned", "userassigned"}


def replaced(call: Call, resource_id: str, sent: Any, before: JsonObject | None) -> JsonObject:
    """Return the identity block after a PUT that sends ``sent``.

    A system identity that stays enabled keeps its principal.

    Raises:
        errors.ArmError: The block is malformed or names an identity that does not exist.

    """
    wanted = _checked(sent)
    keys = wanted.get("userAssignedIdentities") or {}
    if any(value is None for value in keys.values()):
        raise errors.invalid_identity_values()
    return _finished(call, resource_id, wanted["type"], list(keys), before)


@invented(
    "patch-identity-merges",
    "PATCH of `identity.userAssignedIdentities` merges: `{}` adds, null removes (also a key that "
    "is not there), a key not named is kept; a type without `UserAssigned` drops all.",
)
def patched(call: Call, resource_id: str, sent: Any, before: JsonObject | None) -> JsonObject:
    """Return the identity block after a PATCH that sends ``sent``.

    Raises:
        errors.ArmError: As :func:`replaced`.

    """
    wanted = _checked(sent)
    named = wanted.get("userAssignedIdentities") or {}
    keys = {key.casefold(): key for key in (before or {}).get("userAssignedIdentities") or {}}
    if "userassigned" not in _parts(wanted["type"]):
        keys = {}
    for key, value in named.items():
        if value is None:
            keys.pop(key.casefold(), None)
        else:
            keys.setdefault(key.casefold(), key)
    return _finished(call, resource_id, wanted["type"], list(keys.values()), before)


def put_face(block: JsonObject) -> JsonObject:
    """Return the block as a PUT answers it: every user identity is ``{}`` (recorded)."""
    if "userAssignedIdentities" not in block:
        return block
    return block | {"userAssignedIdentities": {key: {} for key in block["userAssignedIdentities"]}}


@invented(
    "identity-null",
    "`identity: null` and an identity block without a valid `type` are refused with 400.",
)
def _checked(sent: Any) -> JsonObject:
    if not isinstance(sent, dict) or not isinstance(sent.get("type"), str):
        message = "'identity' must be an object with a 'type'."
        raise errors.invalid_payload(message)
    parts = _parts(sent["type"])
    if not parts <= _TYPES or ("none" in parts and len(parts) > 1):
        message = f"'{sent['type']}' is not a type of identity."
        raise errors.invalid_payload(message)
    keys = sent.get("userAssignedIdentities")
    if keys is None:
        return sent
    if not isinstance(keys, dict):
        message = "'identity.userAssignedIdentities' must be an object."
        raise errors.invalid_payload(message)
    for key, value in keys.items():
        if not _USER_ASSIGNED_ID.fullmatch(key):
            raise errors.linked_invalid_property_id(key, "identity.userAssignedIdentities")
        if value is not None and not isinstance(value, dict):
            raise errors.invalid_identity_values()
    return sent


@invented(
    "identity-agreement",
    "The type must agree with the final set of user identities: `UserAssigned` needs at least "
    "one, other types none; otherwise 400 `FailedIdentityOperation`.",
)
@invented(
    "identity-none",
    'An identity of type `None` is shown as `{"type":"None"}`, after PUT as after PATCH (an '
    "example of the specification shows it after PATCH).",
)
def _finished(
    call: Call, resource_id: str, kind: str, keys: list[str], before: JsonObject | None
) -> JsonObject:
    parts = _parts(kind)
    if keys and "userassigned" not in parts:
        # Text: https://github.com/Azure/azure-rest-api-specs/issues/17650
        reason = (
            "The request format was unexpected, a non-UserAssigned identity type should not "
            "contain: userAssignedIdentities"
        )
        raise errors.failed_identity_operation(resource_id, "BadRequest", reason)
    if not keys and "userassigned" in parts:
        reason = "The identity type UserAssigned needs at least one user assigned identity."
        raise errors.failed_identity_operation(resource_id, "BadRequest", reason)
    block: JsonObject = {}
    if "systemassigned" in parts:
        principal = (before or {}).get("principalId") or call.guid()
        block |= {"principalId": principal, "tenantId": call.tenant()}
    block["type"] = kind
    if keys:
        unique = {key.casefold(): key for key in reversed(keys)}
        block["userAssignedIdentities"] = {
            key: _principals(call, resource_id, key) for key in keys if key in unique.values()
        }
    return block


@invented(
    "identity-exists",
    "Every user identity of the final set must exist, not only the new ones; in PUT and in a "
    "PATCH that has an `identity`.",
)
def _principals(call: Call, resource_id: str, key: str) -> JsonObject:
    record = call.state.resource(key.casefold())
    if record is None or call.hides(record):
        reason = f"Resource '{key}' was not found."
        raise errors.failed_identity_operation(resource_id, "BadRequest", reason)
    properties = json.loads(record.body)["properties"]
    return {"clientId": properties["clientId"], "principalId": properties["principalId"]}


def _parts(kind: str) -> set[str]:
    return {part.strip().casefold() for part in kind.split(",")}
