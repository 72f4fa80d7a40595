"""How a stored resource is shown: in a GET, and what of it a PUT answers."""

import json

from reconciler.emulator.arm import bodies
from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.resource_type import Faces, ResourceType
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire.messages import JsonObject, write_json


def shown(record: Record) -> str:
    """Return the JSON text of a GET, which shows the state while an operation runs."""
    if record.state == "Succeeded":
        return record.body
    body = json.loads(record.body)
    body["properties"]["provisioningState"] = record.state
    return write_json(body)


def read(call: Call, row: ResourceType, record: Record) -> str:
    """Return the JSON text of a resource in a GET or a list."""
    if row.faces is None:
        return shown(record)
    above, _, _ = record.key.rsplit("/", 2)
    body = {
        "id": f"{above}/{row.faces.segment}/{record.name}",
        "name": record.name,
        "type": row.faces.shown,
        "properties": row.faces.read(call, json.loads(record.body)["properties"]),
    }
    return write_json(body)


def put_face(call: Call, faces: Faces, body: JsonObject) -> JsonObject:
    """Return the body a PUT answers for a type of two faces; ``createdAt`` is always now."""
    return {
        "id": body["id"],
        "name": call.route.names[-1],
        "type": body["type"],
        "systemData": bodies.system_data(call, {}),
        "properties": faces.answered(call, body["properties"]),
    }
