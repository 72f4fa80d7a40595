"""The verification of a domain: begun and cancelled by POST, decided by DNS or set by a test.

Recorded, azure-cli-extensions, March 2025: 202 with ``null``; the first poll says ``Succeeded``,
and the domain ``VerificationInProgress``.
https://learn.microsoft.com/azure/communication-services/quickstarts/email/add-custom-verified-domains
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciler.emulator.arm import bodies, operations
from reconciler.emulator.arm.call import Call
from reconciler.emulator.communication.email_services import DOMAINS
from reconciler.emulator.communication.geography import NAMESPACE
from reconciler.emulator.state.behaviour import Behaviour
from reconciler.emulator.state.rows import Operation, Record
from reconciler.emulator.state.transaction import Transaction
from reconciler.emulator.wire import errors, look_up
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.look_up import Wanted
from reconciler.emulator.wire.messages import JsonObject, Response, write_json
from reconciler.emulator.wire.routes import fold

CHECKS = ("Domain", "SPF", "DKIM", "DKIM2", "DMARC")
"""What of a domain is verified, in the order of answers."""

IN_PROGRESS = "VerificationInProgress"
FAILED = "VerificationFailed"
VERIFIED = "Verified"

STATUSES = (
    "NotStarted", "VerificationRequested", IN_PROGRESS, FAILED, VERIFIED, "CancellationRequested",
)  # fmt: skip
"""The values of ``status`` (specification 2025-09-01)."""


@dataclass(frozen=True, slots=True)
class Open:
    """A verification that is in progress and can be decided now."""

    operation: Operation
    wanted: Wanted
    last: bool
    """Whether its time is over, so that a record that is not there fails it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verification has come to."""

    operation: Operation
    state: JsonObject


@invented(
    "verification-again",
    "Beginning a verification that is in progress, has failed or was cancelled begins it anew.",
)
def initiate(call: Call, record: Record) -> Response:
    """Answer ``initiateVerification``."""
    state = {"status": IN_PROGRESS, "errorCode": ""}
    return _change(call, record, state, operations.VERIFY)


def cancel(call: Call, record: Record) -> Response:
    """Answer ``cancelVerification``."""
    state = {"status": "CancellationRequested", "errorCode": "None"}
    return _change(call, record, state, operations.ACTION)


@invented(
    "verified-stays",
    "Beginning or cancelling a verification that has the status `Verified` changes nothing.",
)
def _change(call: Call, record: Record, state: JsonObject, effect: str) -> Response:
    content = call.content if isinstance(call.content, dict) else {}
    name = content.get("verificationType")
    if name not in CHECKS:
        message = f"'verificationType' must be one of {', '.join(CHECKS)}."
        raise errors.invalid_payload(message)
    body = record.content()
    states = body["properties"]["verificationStates"]
    key = record.key
    if states[name]["status"] == VERIFIED:
        effect = operations.ACTION
    else:
        states[name] = state
        key = _key(record.key, name)
        call.state.end(key)
    body["systemData"] = bodies.system_data(call, body)
    call.state.put_resource(replace(record, body=write_json(body), etag=call.etag()))
    operation = operations.ended(call, key, record.id, effect)
    headers = operations.status_headers(call, operation, NAMESPACE)
    return Response(202, b"null", operations.with_location(headers))


@invented(
    "verification-waits",
    "Without a DNS server, a verification that was begun stays in progress until a test sets its "
    "status.",
)
@invented(
    "verification-time",
    "With a DNS server, a verification is decided by the first request that comes "
    "`verificationSeconds` after it was begun; a record that is not as wanted is looked up again "
    "at each request, until `verificationWindow` seconds more have passed and the verification is "
    "`VerificationFailed`.",
)
def undecided(state: Transaction, behaviour: Behaviour, now: float) -> list[Open]:
    """Return the verifications in progress whose records are to be looked up now."""
    if behaviour.dns is None:
        return []
    found: list[Open] = []
    for operation in state.running(operations.VERIFY):
        since = now - operation.started - behaviour.verification_seconds
        domain, _, check = operation.resource_key.rpartition(_BELOW)
        record = state.resource(domain)
        if since < 0 or record is None:
            continue
        wanted = _wanted(record.content()["properties"], check)
        found.append(Open(operation, wanted, last=since >= behaviour.verification_window))
    return found


def decide(undecided: Sequence[Open], behaviour: Behaviour) -> list[Outcome]:
    """Look the records up, outside of any transaction, and return what has been decided."""
    outcomes: list[Outcome] = []
    for one in undecided:
        if behaviour.dns is None:
            break
        code = look_up.error_code(behaviour.dns, one.wanted)
        if not code:
            outcomes.append(Outcome(one.operation, {"status": VERIFIED}))
        elif one.last:
            outcomes.append(Outcome(one.operation, {"status": FAILED, "errorCode": code}))
    return outcomes


def settle(state: Transaction, outcomes: Sequence[Outcome]) -> None:
    """Write what was decided, unless it was cancelled or begun anew meanwhile."""
    for outcome in outcomes:
        operation = state.operation(outcome.operation.name)
        domain, _, check = outcome.operation.resource_key.rpartition(_BELOW)
        record = state.resource(domain)
        if operation is None or operation.settled or record is None:
            continue
        state.put_operation(replace(operation, settled=1))
        _set(state, record, {_spelled(check): outcome.state})


def set_states(state: Transaction, content: object) -> None:
    """Set the states of a domain: ``{"domain": id, "states": {"SPF": "Verified"}}``.

    A state may also be ``{"status": "VerificationFailed", "errorCode": "Any"}``.

    Raises:
        errors.ArmError: 400 ``EmulatorInvalidControlRequest``.

    """
    given = content if isinstance(content, dict) else {}
    domain, states = given.get("domain"), given.get("states")
    if not isinstance(domain, str) or not isinstance(states, dict) or len(given) != 2:
        message = "give the id of a domain and states, and nothing else"
        raise errors.invalid_control_request(message)
    wanted = {n: s if isinstance(s, dict) else {"status": s} for n, s in states.items()}
    if not all(name in CHECKS and _is_state(one) for name, one in wanted.items()):
        message = (
            f"states are of {', '.join(CHECKS)}, and one of {', '.join(STATUSES)}, or an object "
            "with such a `status` and a text as `errorCode`"
        )
        raise errors.invalid_control_request(message)
    record = state.resource(fold(domain).rstrip("/"))
    if record is None or record.type != DOMAINS:
        message = f"there is no domain {domain}"
        raise errors.invalid_control_request(message)
    for name in wanted:
        state.end(_key(record.key, name))
    _set(state, record, wanted)


_BELOW = "/verificationstates/"
"""What the key of a verification has between that of its domain and its own name."""


def _key(domain: str, check: str) -> str:
    return f"{domain}{_BELOW}{fold(check)}"


def _spelled(check: str) -> str:
    return next(name for name in CHECKS if fold(name) == check)


def _is_state(given: JsonObject) -> bool:
    code = given.get("errorCode", "")
    return (
        set(given) <= {"status", "errorCode"}
        and isinstance(code, str)
        and given.get("status") in STATUSES
    )


def _set(state: Transaction, record: Record, states: JsonObject) -> None:
    body = record.content()
    body["properties"]["verificationStates"] |= states
    state.put_resource(replace(record, body=write_json(body)))


def _wanted(properties: JsonObject, check: str) -> Wanted:
    """Return the record that decides a check."""
    domain = properties["fromSenderDomain"]
    record = properties["verificationRecords"].get(_spelled(check))
    if record is None:
        return Wanted("TXT", f"_dmarc.{domain}", "")
    name = record["name"]
    whole = name if name == domain else f"{name}.{domain}"
    return Wanted(record["type"], whole, record["value"])
