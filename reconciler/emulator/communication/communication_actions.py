"""What one can POST to a communication service, and to its provider.

Recorded: azure-powershell, July 2024 (``checkNameAvailability``); azure-cli-extensions, March
2025 (``listKeys``, ``regenerateKey``, ``linkNotificationHub``): 200, synchronous.
"""

import json
import re
from dataclasses import replace

from reconciler.emulator.arm.call import Call
from reconciler.emulator.communication.links import SERVICES
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.wire.routes import fold

_KEYS = "emulator/keys"
_KINDS = ("Primary", "Secondary")

NAME_RULE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
"""What the name of a communication service must match in full."""


@invented(
    "fake-keys",
    "Keys are texts that say they are none: `not-a-key-of-the-emulator-primary-1`, counted up by "
    "`regenerateKey`.",
)
def list_keys(call: Call, record: Record) -> Response:
    """Answer ``listKeys``: both keys with their connection strings."""
    counts = _counts(call, record)
    pairs = [_pair(record, kind, counts[kind]) for kind in _KINDS]
    keys = {name: text for pair in pairs for name, text in pair.items() if name.endswith("Key")}
    return _json(keys | pairs[0] | pairs[1])


def regenerate_key(call: Call, record: Record) -> Response:
    """Answer ``regenerateKey``: only the pair that is new."""
    kind = _sent(call).get("keyType")
    if kind not in _KINDS:
        message = f"'keyType' must be one of {', '.join(_KINDS)}."
        raise errors.invalid_payload(message)
    counts = _counts(call, record)
    counts[kind] += 1
    key = f"{record.key}/{_KEYS}"
    stored = replace(record, key=key, type=_KEYS, name="keys", body=write_json(counts), etag="")
    call.state.put_resource(stored)
    return _json(_pair(record, kind, counts[kind]))


def link_notification_hub(call: Call, record: Record) -> Response:
    """Answer ``linkNotificationHub``; the connection string is not kept."""
    sent = _sent(call)
    hub, secret = sent.get("resourceId"), sent.get("connectionString")
    if not isinstance(hub, str) or not isinstance(secret, str):
        message = "'resourceId' and 'connectionString' must be strings."
        raise errors.invalid_payload(message)
    body = json.loads(record.body)
    body["properties"]["notificationHubId"] = hub
    call.state.put_resource(replace(record, body=write_json(body), etag=call.etag()))
    return _json({"resourceId": hub})


@invented(
    "name-invalid",
    "`checkNameAvailability` answers the reason `Invalid` for a name that breaks the rule, and "
    "400 for another type than communication services.",
)
def check_name_availability(call: Call) -> Response:
    """Answer ``checkNameAvailability``: one's own name is taken, too (recorded)."""
    sent = _sent(call)
    name, kind = sent.get("name"), sent.get("type")
    if not isinstance(name, str) or not isinstance(kind, str) or fold(kind) != SERVICES:
        message = (
            "'name' must be a string and 'type' 'Microsoft.Communication/CommunicationServices'."
        )
        raise errors.invalid_payload(message)
    answer: JsonObject = {"nameAvailable": True}
    if not NAME_RULE.fullmatch(name):
        message = f"Resource name '{name}' is invalid."
        answer = {"nameAvailable": False, "reason": "Invalid", "message": message}
    elif call.state.named(SERVICES, fold(name)):
        message = "Resource name already exists"
        answer = {"nameAvailable": False, "reason": "AlreadyExists", "message": message}
    content = _json(answer)
    headers = (("Content-Type", JSON_TYPE), ("x-ms-providerhub-traffic", "True"))
    return Response(200, content.body, headers)


@invented(
    "exchange-online",
    "No domain is verified in Exchange Online: `listVerifiedExchangeOnlineDomains` is empty.",
)
def list_exchange_domains(call: Call) -> Response:
    """Answer ``listVerifiedExchangeOnlineDomains``: a list of names."""
    del call
    return Response(200, b"[]", (("Content-Type", JSON_TYPE), ("x-ms-providerhub-traffic", "True")))


def _counts(call: Call, record: Record) -> dict[str, int]:
    stored = call.state.resource(f"{record.key}/{_KEYS}")
    counts: dict[str, int] = json.loads(stored.body) if stored else dict.fromkeys(_KINDS, 1)
    return counts


def _pair(record: Record, kind: str, count: int) -> dict[str, str]:
    host = json.loads(record.body)["properties"]["hostName"]
    key = f"not-a-key-of-the-emulator-{kind.lower()}-{count}"
    name = kind.lower()
    return {
        f"{name}Key": key,
        f"{name}ConnectionString": f"endpoint=https://{host}/;accesskey={key}",
    }


def _sent(call: Call) -> JsonObject:
    return call.content if isinstance(call.content, dict) else {}


def _json(content: JsonObject) -> Response:
    return Response(200, write_json(content).encode())
