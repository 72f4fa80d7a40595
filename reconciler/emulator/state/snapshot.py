"""The whole state as one JSON document, and back.

The document has a version of its own, apart from that of the state file, so that a snapshot can be
kept with a test and read by a later release. What belongs to the process is not in it: settings,
faults, principals, permissions and the request log.
"""

from dataclasses import asdict, fields
from typing import Any

from reconciler.emulator.state.rows import Operation, Record, Subscription
from reconciler.emulator.state.transaction import Transaction
from reconciler.emulator.wire.errors import invalid_control_request
from reconciler.emulator.wire.messages import JsonObject, write_json

FORMAT = "acs-reconciler-emulator-state"
"""The value of ``format`` in every snapshot."""

VERSION = 1
"""The ``version`` this release writes and reads."""

_LISTS = ("subscriptions", "resources", "operations")
_MEMBERS = {"format", "version", "facts", *_LISTS}


def take(state: Transaction) -> JsonObject:
    """Return the state as a JSON value, sorted, so that two snapshots can be compared as text."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "facts": state.facts(),
        "subscriptions": [asdict(entry) for entry in state.subscriptions()],
        "resources": [_unpacked(record) for record in state.resources()],
        "operations": [asdict(operation) for operation in state.operations()],
    }


def restore(state: Transaction, content: object) -> None:
    """Replace the whole state by that of a snapshot.

    Raises:
        ArmError: 400 ``EmulatorInvalidControlRequest``: it is no snapshot, or one of a newer
            release; nothing is changed.

    """
    given = _checked(content)
    subscriptions = [_row(Subscription, entry) for entry in given["subscriptions"]]
    records = [_row(Record, _packed(entry)) for entry in given["resources"]]
    operations = [_row(Operation, entry) for entry in given["operations"]]
    state.clear()
    state.put_facts(given["facts"])
    state.declare_subscriptions(subscriptions)
    for record in records:
        state.put_resource(record)
    for operation in operations:
        state.put_operation(operation)


def _checked(content: object) -> dict[str, Any]:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        message = f"a snapshot is an object whose format is {FORMAT!r}"
        raise invalid_control_request(message)
    if content.get("version") != VERSION:
        message = (
            f"the snapshot has version {content.get('version')}, this release reads {VERSION}; "
            "take it again with this release"
        )
        raise invalid_control_request(message)
    lists = all(isinstance(content.get(name), list) for name in _LISTS)
    if set(content) != _MEMBERS or not lists or not _is_facts(content["facts"]):
        message = f"a snapshot has {', '.join(sorted(_MEMBERS))}"
        raise invalid_control_request(message)
    return content


def _is_facts(facts: object) -> bool:
    if not isinstance(facts, dict) or "tenant" not in facts:
        return False
    return all(isinstance(text, str) for text in facts.values())


def _unpacked(record: Record) -> JsonObject:
    """Return a record with its body as a JSON value instead of text."""
    return asdict(record) | {"body": record.content()}


def _packed(entry: object) -> object:
    if isinstance(entry, dict) and isinstance(entry.get("body"), dict):
        return entry | {"body": write_json(entry["body"])}
    return entry


def _row(kind: type[Any], entry: object) -> Any:
    """Return a row of the state from its JSON object.

    Raises:
        ArmError: 400: a member is missing, unknown or of another type.

    """
    types: dict[str, Any] = {field.name: field.type for field in fields(kind)}
    if not isinstance(entry, dict) or set(entry) != set(types):
        message = f"every {kind.__name__.lower()} has {', '.join(sorted(types))}"
        raise invalid_control_request(message)
    for name, value in entry.items():
        number = float(value) if isinstance(value, int) and types[name] is not int else value
        if not isinstance(number, types[name]) or isinstance(value, bool):
            message = f"{name} of a {kind.__name__.lower()} cannot be {write_json(value)}"
            raise invalid_control_request(message)
    return kind(**entry)
