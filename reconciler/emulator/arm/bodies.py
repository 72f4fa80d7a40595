"""How the body of a resource comes from what was sent, what was there and what Azure adds."""

from typing import Any

from reconciler.emulator.arm import identity, tags
from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.resource_type import ResourceType, same
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JsonObject
from reconciler.emulator.wire.sources import timestamp

PRINCIPAL = "00000000-0000-0000-0000-00000000acce"
"""Who ``systemData`` says made every change."""


@invented(
    "put-replaces-all",
    "PUT on an existing resource also drops `tags`, `identity` and `isolationScope` that it does "
    "not send, and sets `userEngagementTracking` back to `Disabled` (on record is only "
    "`linkedDomains`).",
)
def replaced(
    call: Call, row: ResourceType, content: JsonObject, before: JsonObject, resource_id: str
) -> JsonObject:
    """Return the settled body after a PUT; ``before`` is empty at creation.

    Raises:
        errors.ArmError: 400 or 409: something sent is missing, malformed or fixed.

    """
    keeps = call.settings.behaviour.keeps_unknown
    values = _fields(row, content, before, keeps_unknown=keeps)
    name = before.get("name", call.route.names[-1])
    body: JsonObject = {"id": resource_id, "name": name, "type": row.shown}
    if not row.tracked:
        return body | {"properties": values}
    body["location"] = values.pop("location")
    if content.get("tags") is not None:
        body["tags"] = tags.checked(content["tags"])
    elif row.always_tags:
        body["tags"] = {}
    if row.provider_hub:
        body["systemData"] = system_data(call, before)
    if row.identity and content.get("identity") is not None:
        body["identity"] = identity.replaced(
            call, resource_id, content["identity"], before.get("identity")
        )
    body["properties"] = _properties(call, row, before) | values
    return body


@invented(
    "patch-members",
    "PATCH refuses with 400 members of `properties` it cannot change; a create-only member is "
    "accepted when it is unchanged (on record for the location of an identity).",
)
@invented(
    "patch-identity-face",
    "PATCH answers what a GET answers next, with `clientId` and `principalId` of user identities.",
)
def patched(call: Call, row: ResourceType, content: JsonObject, before: JsonObject) -> JsonObject:
    """Return the body after a PATCH: tags are replaced, properties merged.

    Raises:
        errors.ArmError: 400 or 409: something sent is malformed or cannot be changed.

    """
    _unknown(row, content, kept=call.settings.behaviour.keeps_unknown)
    properties = dict(before["properties"])
    for field in row.fields:
        sent = field.get(content)
        if sent is None:
            continue
        value = field.checked(sent)
        if field.patchable:
            properties[field.path[-1]] = value
        elif not same(value, field.get(before)):
            raise _unchangeable(before, field.dotted, value)
    body = before | {"properties": properties}
    if content.get("tags") is not None:
        body["tags"] = tags.checked(content["tags"])
    if row.identity and "identity" in content:
        body["identity"] = identity.patched(
            call, before["id"], content["identity"], before.get("identity")
        )
    if row.provider_hub:
        body["systemData"] = system_data(call, before)
    return body


def put_face(
    row: ResourceType, body: JsonObject, content: JsonObject, *, created: bool
) -> JsonObject:
    """Return the body as a long-running PUT that sent ``content`` answers it.

    The state is ``Accepted`` and, at creation, what the service generates or adds by default is
    not there yet (recorded, azure-cli-extensions, March 2025).
    """
    hidden: frozenset[str] = frozenset()
    if created:
        unsent = {field.path[-1] for field in row.fields if field.get(content) is None}
        hidden = row.read_only | unsent
    properties = {name: value for name, value in body["properties"].items() if name not in hidden}
    face = body | {"properties": properties | {"provisioningState": "Accepted"}}
    if "identity" in face:
        face["identity"] = identity.put_face(face["identity"])
    return face


def _fields(
    row: ResourceType, content: JsonObject, before: JsonObject, *, keeps_unknown: bool
) -> dict[str, Any]:
    """Return what a PUT sends, by the last part of its place; create-only as first spelled."""
    values = _unknown(row, content, kept=keeps_unknown)
    for field in row.fields:
        sent, kept = field.get(content), field.get(before)
        if sent is None:
            if field.required:
                raise _missing(field.dotted)
            if field.default is not None:
                values[field.path[-1]] = field.default
            continue
        value = field.checked(sent)
        if field.create_only and before:
            if not same(value, kept):
                raise _unchangeable(before, field.dotted, value)
            value = kept
        values[field.path[-1]] = value
    return values


def _unknown(row: ResourceType, content: JsonObject, *, kept: bool) -> dict[str, Any]:
    """Return unknown properties, or refuse them; other unknown members are passed over (recorded).

    Raises:
        errors.ArmError: 400: there are some, and they are not to be kept.

    """
    known = {field.path[-1] for field in row.fields if field.path[0] == "properties"}
    unknown = sorted(set(content.get("properties") or {}) - known - row.read_only)
    if unknown and not kept:
        message = f"Additional properties not allowed: {', '.join(unknown)}."
        raise errors.invalid_payload(message)
    return {name: content["properties"][name] for name in unknown}


def _missing(place: str) -> errors.ArmError:
    if place == "location":
        return errors.location_required()
    return errors.invalid_payload(f"Missing required property: '{place}'.")


def _unchangeable(before: JsonObject, place: str, value: str) -> errors.ArmError:
    if place == "location":
        group = before["id"].split("/")[4]
        return errors.invalid_resource_location(before["name"], before["location"], group, value)
    return errors.property_change_not_allowed(place)


def _properties(call: Call, row: ResourceType, before: JsonObject) -> JsonObject:
    """Return the properties a client cannot send: kept, or generated at creation."""
    old = before.get("properties", {})
    kept = {name: value for name, value in old.items() if name in row.read_only}
    state = {"provisioningState": "Succeeded"} if row.provider_hub else {}
    return state | (kept or row.generated(call))


def system_data(call: Call, before: JsonObject) -> JsonObject:
    """Return ``systemData`` after a change now; ``createdAt`` survives updates (recorded)."""
    now = timestamp(call.now())
    first = {"createdBy": PRINCIPAL, "createdByType": "Application", "createdAt": now}
    return (before.get("systemData") or first) | {
        "lastModifiedBy": PRINCIPAL,
        "lastModifiedByType": "Application",
        "lastModifiedAt": now,
    }
