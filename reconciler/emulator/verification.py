"""The verification of a domain: begun and cancelled by POST, and set by a test.

Recorded, azure-cli-extensions, March 2025: 202 with ``null``; the first poll says ``Succeeded``.
https://learn.microsoft.com/azure/communication-services/quickstarts/email/add-custom-verified-domains
"""

import json
from dataclasses import replace

from reconciler.emulator import bodies, errors, operations
from reconciler.emulator.call import Call
from reconciler.emulator.email_services import DOMAINS
from reconciler.emulator.geography import NAMESPACE
from reconciler.emulator.invented import invented
from reconciler.emulator.messages import JsonObject, Response, write_json
from reconciler.emulator.routes import fold
from reconciler.emulator.rows import Record
from reconciler.emulator.transaction import Transaction

CHECKS = ("Domain", "SPF", "DKIM", "DKIM2", "DMARC")
"""What of a domain is verified, in the order of answers."""

STATUSES = (
    "NotStarted", "VerificationRequested", "VerificationInProgress", "VerificationFailed",
    "Verified", "CancellationRequested",
)  # fmt: skip
"""The values of ``status`` (specification 2025-09-01)."""


def initiate(call: Call, record: Record) -> Response:
    """Answer ``initiateVerification``."""
    return _change(call, record, {"status": "VerificationInProgress", "errorCode": ""})


def cancel(call: Call, record: Record) -> Response:
    """Answer ``cancelVerification``."""
    return _change(call, record, {"status": "CancellationRequested", "errorCode": "None"})


@invented(
    "verified-stays",
    "Beginning or cancelling a verification that has the status `Verified` changes nothing.",
)
@invented(
    "verification-waits",
    "A verification that was begun stays in progress until a test sets its status.",
)
def _change(call: Call, record: Record, state: JsonObject) -> Response:
    content = call.content if isinstance(call.content, dict) else {}
    name = content.get("verificationType")
    if name not in CHECKS:
        message = f"'verificationType' must be one of {', '.join(CHECKS)}."
        raise errors.invalid_payload(message)
    body = json.loads(record.body)
    states = body["properties"]["verificationStates"]
    if states[name]["status"] != "Verified":
        states[name] = state
    body["systemData"] = bodies.system_data(call, body)
    call.state.put_resource(replace(record, body=write_json(body), etag=call.etag()))
    operation = operations.ended(call, record.key, record.id)
    headers = operations.status_headers(call, operation, NAMESPACE)
    return Response(202, b"null", operations.with_location(headers))


def set_states(state: Transaction, content: object) -> None:
    """Set the states of a domain: ``{"domain": id, "states": {"SPF": "Verified"}}``.

    Raises:
        errors.ArmError: 400 ``EmulatorInvalidControlRequest``.

    """
    given = content if isinstance(content, dict) else {}
    domain, states = given.get("domain"), given.get("states")
    if not isinstance(domain, str) or not isinstance(states, dict) or len(given) != 2:
        message = "give the id of a domain and states, and nothing else"
        raise errors.invalid_control_request(message)
    if not all(name in CHECKS and status in STATUSES for name, status in states.items()):
        message = f"states are of {', '.join(CHECKS)}, and one of {', '.join(STATUSES)}"
        raise errors.invalid_control_request(message)
    record = state.resource(fold(domain).rstrip("/"))
    if record is None or record.type != DOMAINS:
        message = f"there is no domain {domain}"
        raise errors.invalid_control_request(message)
    body = json.loads(record.body)
    for name, status in states.items():
        body["properties"]["verificationStates"][name] = {"status": status}
    state.put_resource(replace(record, body=write_json(body)))
