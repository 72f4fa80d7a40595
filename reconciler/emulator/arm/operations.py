"""Long-running operations: their beginning, their polls and their end.

Recorded (azure-cli-extensions, March 2025; ASO, March 2026): the status URL is absolute, signed,
below the subscription, with an asterisk in the operation id; no answer carries ``Retry-After``.
A PUT's operation says ``Accepted`` with 200 until ``Succeeded``, a DELETE's says ``Deleting``
with 202 and fresh headers. The resource settles a little before the operation reports its end.
https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

import hashlib
import json
from dataclasses import replace
from urllib.parse import urlencode

from reconciler.emulator.arm.call import Call, Schedule
from reconciler.emulator.state.rows import Operation
from reconciler.emulator.state.transaction import Transaction
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import (
    JSON_TYPE,
    JsonObject,
    Response,
    encode_segment,
    write_json,
)
from reconciler.emulator.wire.routes import fold
from reconciler.emulator.wire.sources import timestamp

WRITE = "write"
DELETE = "delete"
DELETE_GROUP = "delete group"
ACTION = "action"
VERIFY = "verify"
"""An action that has ended for who polls it, while the verification that it began goes on."""

RECORDED_SECONDS = 17.0
"""How long operations took in the sessions of March 2026; a year before it was 67 to 128."""

OF_A_SERVICE = 8
"""The slashes in the id of a communication or e-mail service. The operation that deletes one tells
no time and no percentage at its end, that of a domain does (recorded, azure-cli-extensions, March
2025)."""

RETRY_AFTER = ("Retry-After", "15")
"""Sent with the deletion of a resource group only (recorded, ASO, March 2026); in seconds."""

_CERTIFICATE = "MIIHpTCCBo2gAwIBAgITfwTY" + "emulator" * 360
"""Stands for the certificate that makes recorded status URLs 3.3 to 4 KB long."""


def parse_schedule(text: str) -> Schedule:
    """Read ``immediate``, ``polls:N``, ``seconds:S`` or ``recorded``.

    Raises:
        errors.EmulatorError: The text is none of these.

    """
    word, _, number = text.partition(":")
    try:
        match word:
            case "immediate" if not number:
                return Schedule()
            case "recorded" if not number:
                return Schedule(seconds=RECORDED_SECONDS)
            case "polls" if int(number) >= 0:
                return Schedule(polls=int(number))
            case "seconds" if 0 <= float(number) < float("inf"):
                return Schedule(seconds=float(number))
    except ValueError:
        pass
    known = "'immediate', 'polls:3', 'seconds:1.5' or 'recorded'"
    message = f"operations={text!r} is not known; write {known}"
    raise errors.EmulatorError(message)


@invented(
    "settling",
    "With `seconds:S` a written resource shows its final state after three quarters of S, with "
    "`polls:N` on the N-th poll; reading the resource itself counts as a poll.",
)
@invented("deleting-state", "While it is being deleted, a resource shows `Deleting` in a GET.")
def begin(call: Call, effect: str, key: str, resource_id: str) -> Operation:
    """Begin an operation; with nothing to wait for, it takes effect at once."""
    now, schedule = call.now(), call.settings.schedule
    identifiers = call.settings.identifiers
    failure = call.failure
    share = 0.75 if effect == WRITE else 1.0
    operation = Operation(
        name=f"{identifiers.guid()}*{identifiers.hexadecimal(64).upper()}",
        subscription=fold(call.route.subscription),
        effect=effect,
        resource_key=key,
        resource_id=resource_id,
        started=now,
        settles=None if schedule.polls else now + schedule.seconds * share,
        finished=None if schedule.polls else now + schedule.seconds,
        polls_left=schedule.polls,
        settled=0,
        failure=write_json({"code": failure.code, "message": failure.message}) if failure else None,
    )
    call.state.set_state(key, "Accepted" if effect == WRITE else "Deleting")
    if schedule == Schedule():
        return settle(call.state, operation)
    call.state.put_operation(operation)
    return operation


def ended(call: Call, key: str, resource_id: str, effect: str = ACTION) -> Operation:
    """Return the operation of an action, which has ended at its first poll (recorded)."""
    identifiers = call.settings.identifiers
    failure = call.failure
    operation = Operation(
        name=f"{identifiers.guid()}*{identifiers.hexadecimal(64).upper()}",
        subscription=fold(call.route.subscription),
        effect=effect,
        resource_key=key,
        resource_id=resource_id,
        started=call.now(),
        settles=None,
        finished=call.now(),
        polls_left=0,
        settled=int(effect != VERIFY),
        failure=write_json({"code": failure.code, "message": failure.message}) if failure else None,
    )
    call.state.put_operation(operation)
    return operation


@invented(
    "failed-operation",
    "When an injected fault lets an operation fail, a written resource keeps the new body with "
    "provisioningState `Failed`, and a deleted one stays, also `Failed`.",
)
def settle(state: Transaction, operation: Operation) -> Operation:
    """Let the resource change over: it is written, gone, or has failed."""
    settled = replace(operation, settled=1)
    state.put_operation(settled)
    if operation.failure is not None:
        state.set_state(operation.resource_key, "Failed")
    elif operation.effect == WRITE:
        state.set_state(operation.resource_key, "Succeeded")
    elif operation.effect == DELETE:
        state.delete_resource(operation.resource_key)
    else:
        group = operation.resource_key.rpartition("/")[2]
        state.delete_group(operation.subscription, group)
    return settled


def poll(state: Transaction, operation: Operation, now: float) -> Operation:
    """Count one poll; the last one that reports the operation as running settles it."""
    if operation.finished is not None:
        return operation
    if operation.polls_left == 0:
        ended = replace(operation, finished=now)
        state.put_operation(ended)
        return ended
    counted = replace(operation, polls_left=operation.polls_left - 1)
    if counted.polls_left == 0:
        return settle(state, counted)
    state.put_operation(counted)
    return counted


def status_headers(
    call: Call, operation: Operation, namespace: str, region: str = "WESTUS2"
) -> tuple[tuple[str, str], ...]:
    """Return the ``Azure-AsyncOperation`` header of an operation.

    The region is in upper case at first and in lower case in the polls of a delete (recorded).
    """
    ticks = str(int(call.now() * 10_000_000) + 621_355_968_000_000_000)
    query = urlencode(
        {
            "api-version": call.api_version,
            "t": ticks,
            "c": _CERTIFICATE,
            "s": _signature(operation.name, ticks),
            "h": call.settings.identifiers.hexadecimal(43),
        }
    )
    path = (
        f"/subscriptions/{encode_segment(call.route.subscription)}/providers/{namespace}"
        f"/locations/{region}/operationStatuses/{operation.name}"
    )
    return (("Azure-AsyncOperation", call.request.link(path, query)),)


def with_location(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the headers with ``Location`` set to the URL of ``Azure-AsyncOperation``."""
    return (*headers, *(("Location", url) for _, url in headers))


def answer_status(call: Call) -> Response:
    """Answer a poll of ``operationStatuses``.

    Raises:
        errors.ArmError: The operation is unknown, or the client changed the URL.

    """
    _only_get(call)
    _check_signature(call)
    operation = poll(call.state, _find(call), call.now())
    namespace = operation.resource_id.split("/")[6]
    finished = operation.finished is not None and operation.finished <= call.now()
    headers: tuple[tuple[str, str], ...] = (("ETag", call.etag()), ("Content-Type", JSON_TYPE))
    running = "Accepted" if operation.effect == WRITE else "Deleting"
    content: JsonObject = {
        "id": f"/subscriptions/{call.route.subscription}/providers/{namespace}"
        f"/locations/WESTUS2/operationStatuses/{operation.name}",
        "name": operation.name,
        "resourceId": operation.resource_id,
        "status": _status(operation, running, finished=finished),
        "startTime": timestamp(operation.started),
    }
    status = 200
    if finished:
        content |= _ending(operation)
    elif operation.effect != WRITE:
        status = 202
        headers += with_location(status_headers(call, operation, namespace, "westus2"))
    return Response(status, write_json(content).encode(), headers)


def group_headers(call: Call, operation: Operation) -> tuple[tuple[str, str], ...]:
    """Return ``Location`` and ``Retry-After`` of the deletion of a resource group."""
    token = encode_segment(operation.name)
    path = f"/subscriptions/{encode_segment(call.route.subscription)}/operationresults/{token}"
    query = urlencode({"api-version": call.api_version})
    return (("Location", call.request.link(path, query)), RETRY_AFTER)


@invented(
    "group-delete-failed",
    "A failed deletion of a resource group ends its operation result with 409 and the code of "
    "the fault.",
)
def answer_result(call: Call) -> Response:
    """Answer a poll of ``operationresults``: 202 with the same headers, then 200 empty."""
    _only_get(call)
    operation = poll(call.state, _find(call), call.now())
    if operation.finished is None or operation.finished > call.now():
        return Response(202, headers=group_headers(call, operation))
    if operation.failure is not None:
        failure = json.loads(operation.failure)
        raise errors.ArmError(409, failure["code"], failure["message"])
    return Response(200)


def _status(operation: Operation, running: str, *, finished: bool) -> str:
    if not finished:
        return running
    return "Succeeded" if operation.failure is None else "Failed"


def _ending(operation: Operation) -> JsonObject:
    end = timestamp(operation.finished or operation.started)
    if operation.failure is not None:
        return {"endTime": end, "error": json.loads(operation.failure)}
    if operation.effect in (ACTION, VERIFY):
        return {"endTime": end, "properties": None}
    if operation.effect == DELETE and operation.resource_id.count("/") == OF_A_SERVICE:
        return {"properties": None}
    return {"endTime": end, "percentComplete": 100.0, "properties": None}


def _only_get(call: Call) -> None:
    if call.request.method != "GET":
        raise errors.not_implemented(call.request.method, call.request.path)


def _find(call: Call) -> Operation:
    operation = call.state.operation(call.route.operation)
    if operation is None or operation.subscription != fold(call.route.subscription):
        raise errors.operation_not_found()
    return operation


def _signature(name: str, ticks: str) -> str:
    return hashlib.sha256(f"{name} {ticks}".encode()).hexdigest()


def _check_signature(call: Call) -> None:
    ticks = call.request.parameter("t") or ""
    if call.request.parameter("s") != _signature(call.route.operation, ticks):
        raise errors.operation_url_changed()
