"""The reads and writes of one transaction on the state."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, astuple

from reconciler.emulator.state.history import Change, Event
from reconciler.emulator.state.rows import Operation, Record, Subscription

MOST = 10_000
"""How many writes, and how many changes, are kept."""


class NotWritableError(Exception):
    """A write in a transaction that was begun for reading; begin again, for writing.

    SQLite lets a reader become a writer only while nobody else has written, and refuses at once,
    without waiting, when somebody has (``SQLITE_BUSY_SNAPSHOT``).
    """


class Transaction:
    """One transaction on the state; every read and write of a request goes through it."""

    def __init__(self, connection: sqlite3.Connection, *, writable: bool) -> None:
        """Wrap a connection that is inside a transaction."""
        self._connection = connection
        self._writable = writable
        self.changes: list[tuple[Record | None, Record | None]] = []
        """Every resource that was written, before and after."""

    def fact(self, name: str) -> str:
        """Return a text that was fixed when the state was created.

        Raises:
            KeyError: There is no such fact.

        """
        for (value,) in self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)):
            return str(value)
        raise KeyError(name)

    def facts(self) -> dict[str, str]:
        """Return the texts that were fixed when the state was created, by name."""
        rows = self._connection.execute("SELECT name, value FROM facts ORDER BY name")
        return {str(name): str(value) for name, value in rows}

    def put_facts(self, facts: dict[str, str]) -> None:
        """Replace the texts that were fixed when the state was created."""
        self._write("DELETE FROM facts")
        for item in sorted(facts.items()):
            self._write("INSERT INTO facts VALUES (?, ?)", item)

    def resources(self) -> list[Record]:
        """Return everything that is kept as a resource, by key."""
        rows = self._connection.execute("SELECT * FROM resources ORDER BY key")
        return [Record(*row) for row in rows]

    def operations(self) -> list[Operation]:
        """Return every long-running operation, by name."""
        rows = self._connection.execute("SELECT * FROM operations ORDER BY name")
        return [Operation(*row) for row in rows]

    def resource(self, key: str) -> Record | None:
        """Return the resource with this folded id, or None."""
        rows = self._connection.execute("SELECT * FROM resources WHERE key = ?", (key,))
        return next((Record(*row) for row in rows), None)

    def named(self, kind: str, name: str) -> Record | None:
        """Return a resource by folded type and folded name, in whatever subscription it is."""
        sql = "SELECT * FROM resources WHERE type = ? AND name = ?"
        rows = self._connection.execute(sql, (kind, name))
        return next((Record(*row) for row in rows), None)

    def page(
        self, subscription: str, group: str | None, kinds: tuple[str, ...], after: str, limit: int
    ) -> list[Record]:
        """Return up to ``limit`` resources of some types whose keys follow ``after``, by key.

        Args:
            subscription: Folded subscription id.
            group: Folded resource group name; None for the whole subscription.
            kinds: Folded full types.
            after: Folded id after which to begin; empty for the beginning.
            limit: Greatest number of records.

        """
        types = f"({','.join('?' * len(kinds))})"
        if group is None:
            sql = (
                f"SELECT * FROM resources WHERE subscription = ? AND type IN {types} AND key > ? "  # noqa: S608 - only question marks
                "ORDER BY key LIMIT ?"
            )
            rows = self._connection.execute(sql, (subscription, *kinds, after, limit))
        else:
            sql = (
                "SELECT * FROM resources WHERE subscription = ? AND group_name = ? "  # noqa: S608 - only question marks
                f"AND type IN {types} AND key > ? ORDER BY key LIMIT ?"
            )
            rows = self._connection.execute(sql, (subscription, group, *kinds, after, limit))
        return [Record(*row) for row in rows]

    def below(self, key: str, kind: str, after: str = "", limit: int = -1) -> list[Record]:
        """Return the resources of a type whose ids begin with ``key`` and a slash, by key.

        Args:
            key: Folded id of an ancestor.
            kind: Folded full type.
            after: Folded id after which to begin; empty for the beginning.
            limit: Greatest number of records; negative for all.

        """
        sql = "SELECT * FROM resources WHERE type = ? AND key > ? AND key < ? ORDER BY key LIMIT ?"
        rows = self._connection.execute(sql, (kind, max(after, f"{key}/"), f"{key}0", limit))
        return [Record(*row) for row in rows]

    def with_member(self, kind: str, member: str) -> list[Record]:
        """Return the resources of a type that have a member, by key.

        Args:
            kind: Folded full type.
            member: JSON path, such as ``$.properties.linkedDomains``.

        """
        sql = (
            "SELECT * FROM resources WHERE type = ? AND "
            "json_extract(body, ?) IS NOT NULL ORDER BY key"
        )
        return [Record(*row) for row in self._connection.execute(sql, (kind, member))]

    def having(self, kind: str, member: str, value: str) -> list[Record]:
        """Return the resources of a type whose member is a text, ignoring case, by key."""
        sql = (
            "SELECT * FROM resources WHERE type = ? AND lower(json_extract(body, ?)) = ? "
            "ORDER BY key"
        )
        rows = self._connection.execute(sql, (kind, member, value.lower()))
        return [Record(*row) for row in rows]

    def holder(self, kind: str, member: str, value: str) -> str | None:
        """Return the id of a resource of a type whose member has a value, or None."""
        sql = "SELECT id FROM resources WHERE type = ? AND json_extract(body, ?) = ? LIMIT 1"
        for (identifier,) in self._connection.execute(sql, (kind, member, value)):
            return str(identifier)
        return None

    def put_resource(self, record: Record) -> None:
        """Insert or replace a resource."""
        self.changes.append((self.resource(record.key), record))
        values = (
            record.key, record.subscription, record.group, record.type, record.name,
            record.id, record.body, record.etag, record.state,
        )  # fmt: skip
        marks = ",".join("?" * len(values))
        self._write(f"INSERT OR REPLACE INTO resources VALUES ({marks})", values)  # noqa: S608 - only question marks

    def set_state(self, key: str, state: str) -> None:
        """Set the provisioning state of a resource, if it is there."""
        self._write("UPDATE resources SET state = ? WHERE key = ?", (state, key))

    def delete_resource(self, key: str) -> None:
        """Delete a resource, if it is there, with everything below it; end operations there."""
        self._note_deleted("key = ? OR (key > ? AND key < ?)", key, f"{key}/", f"{key}0")
        self._end_below(key)
        below = (key, f"{key}/", f"{key}0")
        self._write("DELETE FROM resources WHERE key = ? OR (key > ? AND key < ?)", below)

    def delete_group(self, subscription: str, group: str) -> None:
        """Delete a resource group with everything in it and end the operations in it."""
        self._note_deleted("subscription = ? AND group_name = ?", subscription, group)
        key = f"/subscriptions/{subscription}/resourcegroups/{group}"
        self._end_below(key)
        sql = "DELETE FROM resources WHERE subscription = ? AND group_name = ?"
        self._write(sql, (subscription, group))

    def operation(self, name: str) -> Operation | None:
        """Return an operation by name, or None."""
        rows = self._connection.execute("SELECT * FROM operations WHERE name = ?", (name,))
        return next((Operation(*row) for row in rows), None)

    def unsettled(self, resource_key: str) -> Operation | None:
        """Return the operation in whose middle a resource is, or None."""
        sql = "SELECT * FROM operations WHERE settled = 0 AND resource_key = ?"
        rows = self._connection.execute(sql, (resource_key,))
        return next((Operation(*row) for row in rows), None)

    def due(self, now: float) -> list[Operation]:
        """Return the timed operations whose resource should have changed over by ``now``."""
        sql = "SELECT * FROM operations WHERE settled = 0 AND settles <= ? ORDER BY settles"
        return [Operation(*row) for row in self._connection.execute(sql, (now,))]

    def running(self, effect: str) -> list[Operation]:
        """Return the operations with an effect that have not settled, oldest first."""
        sql = "SELECT * FROM operations WHERE settled = 0 AND effect = ? ORDER BY started, name"
        return [Operation(*row) for row in self._connection.execute(sql, (effect,))]

    def end(self, resource_key: str) -> None:
        """Let the operations that work on a key have no more effect."""
        sql = "UPDATE operations SET settled = 1 WHERE settled = 0 AND resource_key = ?"
        self._write(sql, (resource_key,))

    def put_operation(self, operation: Operation) -> None:
        """Insert or replace an operation."""
        values = (
            operation.name, operation.subscription, operation.effect, operation.resource_key,
            operation.resource_id, operation.started, operation.settles, operation.finished,
            operation.polls_left, operation.settled, operation.failure,
        )  # fmt: skip
        marks = ",".join("?" * len(values))
        self._write(f"INSERT OR REPLACE INTO operations VALUES ({marks})", values)  # noqa: S608 - only question marks

    def subscriptions(self) -> list[Subscription]:
        """Return the declared subscriptions by id; empty while any is accepted."""
        sql = "SELECT id, display_name, tenant FROM subscriptions ORDER BY key"
        return [Subscription(*map(str, row)) for row in self._connection.execute(sql)]

    def used_subscriptions(self) -> list[str]:
        """Return the folded ids of the subscriptions that hold anything, sorted."""
        sql = "SELECT DISTINCT subscription FROM resources ORDER BY subscription"
        return [str(row[0]) for row in self._connection.execute(sql)]

    def tenant(self, subscription: str) -> str:
        """Return the tenant of a subscription: the declared one, or that of the state."""
        sql = "SELECT tenant FROM subscriptions WHERE key = ? AND tenant <> ''"
        for (tenant,) in self._connection.execute(sql, (subscription.casefold(),)):
            return str(tenant)
        return self.fact("tenant")

    def declare_subscriptions(self, rows: list[Subscription]) -> None:
        """Replace the declared subscriptions."""
        self._write("DELETE FROM subscriptions")
        for row in rows:
            values = (row.id.casefold(), row.id, row.name, row.tenant)
            self._write("INSERT OR REPLACE INTO subscriptions VALUES (?,?,?,?)", values)

    def clear(self) -> None:
        """Forget everything but the facts."""
        for table in ("resources", "operations", "subscriptions"):
            self._write(f"DELETE FROM {table}")  # noqa: S608 - the names above

    def add_event(self, event: Event) -> None:
        """Keep a write that was answered, and forget the oldest ones."""
        self._write("INSERT INTO events VALUES (NULL, ?, ?, ?, ?, ?, ?)", astuple(event))
        self._forget_oldest("events")

    def add_changes(self, changes: Iterable[Change]) -> None:
        """Keep what was changed, and forget the oldest changes."""
        for change in changes:
            sides = (_packed(change.before), _packed(change.after))
            values = (change.time, change.correlation, change.caller, *sides)
            self._write("INSERT INTO changes VALUES (NULL, ?, ?, ?, ?, ?)", values)
            self._forget_oldest("changes")

    def events(self) -> list[Event]:
        """Return the writes that were answered, oldest first."""
        sql = "SELECT time, method, path, status, correlation, caller FROM events ORDER BY number"
        return [Event(*row) for row in self._connection.execute(sql)]

    def past_changes(self) -> list[Change]:
        """Return what was changed, oldest first."""
        rows = self._connection.execute("SELECT * FROM changes ORDER BY number")
        return [
            Change(number, time, correlation, caller, _unpacked(before), _unpacked(after))
            for number, time, correlation, caller, before, after in rows
        ]

    def forget_history(self) -> None:
        """Forget what happened."""
        self._write("DELETE FROM events")
        self._write("DELETE FROM changes")

    def _forget_oldest(self, table: str) -> None:
        sql = f"DELETE FROM {table} WHERE number <= (SELECT max(number) FROM {table}) - ?"  # noqa: S608 - the names above
        self._write(sql, (MOST,))

    def _end_below(self, key: str) -> None:
        """Let the operations on a resource, and on what is below it, have no more effect."""
        sql = (
            "UPDATE operations SET settled = 1 WHERE settled = 0 AND "
            "(resource_key = ? OR (resource_key > ? AND resource_key < ?))"
        )
        self._write(sql, (key, f"{key}/", f"{key}0"))

    def _note_deleted(self, which: str, *values: str) -> None:
        rows = self._connection.execute(f"SELECT * FROM resources WHERE {which}", values)  # noqa: S608 - the texts above
        self.changes += [(Record(*row), None) for row in rows]

    def _write(self, sql: str, values: tuple[object, ...] = ()) -> None:
        if not self._writable:
            raise NotWritableError
        self._connection.execute(sql, values)


def _packed(record: Record | None) -> str | None:
    return None if record is None else json.dumps(asdict(record))


def _unpacked(text: str | None) -> Record | None:
    return None if text is None else Record(**json.loads(text))
