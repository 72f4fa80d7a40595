"""The rows of the state, and the reads and writes of one transaction."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """One stored resource or resource group."""

    key: str
    """The folded ARM id."""
    subscription: str
    """The folded subscription id."""
    group: str
    """The folded name of the resource group."""
    type: str
    """The folded full type, such as ``microsoft.communication/communicationservices``."""
    name: str
    """The folded name."""
    id: str
    """The ARM id as answers show it."""
    body: str
    """The JSON text of a GET once the resource has settled."""
    etag: str
    """The entity tag, with its quotation marks; empty when the type has none."""
    state: str
    """The provisioning state: Accepted, Deleting, Succeeded or Failed."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One long-running operation; times are in seconds since the epoch."""

    name: str
    """Its name: ``{guid}*{64 hexadecimal digits}``."""
    subscription: str
    """The folded subscription id."""
    effect: str
    """What it does: ``write``, ``delete``, ``delete group`` or ``action``."""
    resource_key: str
    """The folded id of the resource it works on."""
    resource_id: str
    """The id of the resource it works on."""
    started: float
    """When it was accepted."""
    settles: float | None
    """When the resource changes over; None when polls decide."""
    finished: float | None
    """When the operation reports its end; None when polls decide and it has not ended."""
    polls_left: int
    """How many more polls report it as running."""
    settled: int
    """1 when the resource has changed over, else 0."""
    failure: str | None
    """JSON text of ``{"code", "message"}`` when the operation fails."""


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

    def fact(self, name: str) -> str:
        """Return a text that was fixed when the state was created.

        Raises:
            KeyError: There is no such fact.

        """
        for (value,) in self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)):
            return str(value)
        raise KeyError(name)

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

    def of_type(self, kind: str, member: str) -> list[tuple[str, str]]:
        """Return folded id and JSON text of the resources of a type that have a member.

        Args:
            kind: Folded full type.
            member: JSON path, such as ``$.properties.linkedDomains``.

        """
        sql = (
            "SELECT key, body FROM resources WHERE type = ? AND "
            "json_extract(body, ?) IS NOT NULL ORDER BY key"
        )
        return [(str(k), str(b)) for k, b in self._connection.execute(sql, (kind, member))]

    def holder(self, kind: str, member: str, value: str) -> str | None:
        """Return the id of a resource of a type whose member has a value, or None."""
        sql = "SELECT id FROM resources WHERE type = ? AND json_extract(body, ?) = ? LIMIT 1"
        for (identifier,) in self._connection.execute(sql, (kind, member, value)):
            return str(identifier)
        return None

    def put_resource(self, record: Record) -> None:
        """Insert or replace a resource."""
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
        below = (key, f"{key}/", f"{key}0")
        sql = (
            "UPDATE operations SET settled = 1 WHERE settled = 0 AND "
            "(resource_key = ? OR (resource_key > ? AND resource_key < ?))"
        )
        self._write(sql, below)
        self._write("DELETE FROM resources WHERE key = ? OR (key > ? AND key < ?)", below)

    def delete_group(self, subscription: str, group: str) -> None:
        """Delete a resource group with everything in it and end the operations in it."""
        sql = (
            "UPDATE operations SET settled = 1 WHERE settled = 0 AND resource_key IN "
            "(SELECT key FROM resources WHERE subscription = ? AND group_name = ?)"
        )
        self._write(sql, (subscription, group))
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

    def put_operation(self, operation: Operation) -> None:
        """Insert or replace an operation."""
        values = (
            operation.name, operation.subscription, operation.effect, operation.resource_key,
            operation.resource_id, operation.started, operation.settles, operation.finished,
            operation.polls_left, operation.settled, operation.failure,
        )  # fmt: skip
        marks = ",".join("?" * len(values))
        self._write(f"INSERT OR REPLACE INTO operations VALUES ({marks})", values)  # noqa: S608 - only question marks

    def declared_subscriptions(self) -> list[tuple[str, str]]:
        """Return id and display name of the subscriptions the store was told of, by id."""
        sql = "SELECT id, display_name FROM subscriptions ORDER BY key"
        return [(str(row[0]), str(row[1])) for row in self._connection.execute(sql)]

    def used_subscriptions(self) -> list[str]:
        """Return the folded ids of the subscriptions that hold anything, sorted."""
        sql = "SELECT DISTINCT subscription FROM resources ORDER BY subscription"
        return [str(row[0]) for row in self._connection.execute(sql)]

    def declare_subscriptions(self, rows: list[tuple[str, str, str]]) -> None:
        """Replace the known subscriptions by (folded id, id, display name) rows."""
        self._write("DELETE FROM subscriptions")
        for row in rows:
            self._write("INSERT OR REPLACE INTO subscriptions VALUES (?,?,?)", row)

    def clear(self) -> None:
        """Forget everything but the facts."""
        for table in ("resources", "operations", "subscriptions"):
            self._write(f"DELETE FROM {table}")  # noqa: S608 - the names above

    def _write(self, sql: str, values: tuple[object, ...] = ()) -> None:
        if not self._writable:
            raise NotWritableError
        self._connection.execute(sql, values)
