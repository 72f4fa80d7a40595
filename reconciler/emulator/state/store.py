"""What the emulator remembers, in SQLite.

One table holds every resource, resource groups among them, keyed by folded ARM id; a second one
holds the long-running operations; two more hold what happened. Every request runs in a transaction
of its own and nothing is kept in memory between requests, so that several emulators may share one
state file.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.emulator.state.transaction import Transaction
from reconciler.emulator.wire.errors import EmulatorError

SCHEMA_VERSION = 3
"""The ``user_version`` of state files this release reads and writes."""

APPLICATION_ID = 0x41435345
"""The ``application_id`` of a state file: the letters ``ACSE``."""

BUSY_SECONDS = 30.0
"""Seconds to wait for another process that is writing to the same state file."""

_HISTORY = """
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, method TEXT NOT NULL,
    path TEXT NOT NULL, status INTEGER NOT NULL, correlation TEXT NOT NULL, caller TEXT NOT NULL);
CREATE TABLE changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, correlation TEXT NOT NULL,
    caller TEXT NOT NULL, before TEXT, after TEXT);
"""

_UPWARD = {
    1: "ALTER TABLE subscriptions ADD COLUMN tenant TEXT NOT NULL DEFAULT ''",
    2: _HISTORY,
}
"""What brings a state file from each earlier schema to the next."""

_SCHEMA = f"""
{_HISTORY}
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE subscriptions (key TEXT PRIMARY KEY, id TEXT NOT NULL, display_name TEXT NOT NULL,
    tenant TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE resources (
    key TEXT PRIMARY KEY, subscription TEXT NOT NULL, group_name TEXT NOT NULL,
    type TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    etag TEXT NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX resources_by_subscription ON resources (subscription, type, key);
CREATE INDEX resources_by_group ON resources (subscription, group_name, type, key);
CREATE INDEX resources_by_name ON resources (type, name);
CREATE TABLE operations (
    name TEXT PRIMARY KEY, subscription TEXT NOT NULL, effect TEXT NOT NULL,
    resource_key TEXT NOT NULL, resource_id TEXT NOT NULL, started REAL NOT NULL,
    settles REAL, finished REAL, polls_left INTEGER NOT NULL, settled INTEGER NOT NULL,
    failure TEXT) WITHOUT ROWID;
CREATE INDEX operations_unsettled ON operations (settled, settles) WHERE settled = 0;
CREATE INDEX operations_by_resource ON operations (resource_key) WHERE settled = 0;
"""


class Store:
    """An open state file, or a state in memory."""

    def __init__(self, path: Path | None, facts: dict[str, str]) -> None:
        """Open the state, creating it with ``facts`` when it is new.

        Raises:
            EmulatorError: The file cannot be opened, is not a state file of the emulator, or
                was written by a newer release.

        """
        self._lock = threading.Lock()
        self._connection = _connect(path)
        try:
            _write_ahead(self._connection)
            self._connection.execute("PRAGMA synchronous = NORMAL")
            with self.transaction(write=True):
                _prepare(self._connection, facts, path)
        except sqlite3.Error as reason:
            self._connection.close()
            message = (
                f"the state file {path} cannot be used: {reason}; "
                "name a file written by the emulator, or one that does not exist yet"
            )
            raise EmulatorError(message) from reason
        except EmulatorError:
            self._connection.close()
            raise

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Transaction]:
        """Open a transaction that commits at the end and rolls back on an exception."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield Transaction(self._connection, writable=write)
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the state; closing twice is harmless."""
        with self._lock:
            self._connection.close()


def _connect(path: Path | None) -> sqlite3.Connection:
    target = ":memory:" if path is None else str(path)
    try:
        return sqlite3.connect(
            target, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as reason:
        message = f"the state file {path} cannot be opened: {reason}; check folder and permissions"
        raise EmulatorError(message) from reason


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side, which the file remembers.

    SQLite does not wait for others while it changes this, whatever the timeout
    (https://www.sqlite.org/c3ref/busy_handler.html): several processes that open a new file at once
    have to try again.
    """
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as reason:
            if "locked" not in str(reason) or time.monotonic() > end:
                raise
            threading.Event().wait(0.01)
        else:
            return


def _prepare(connection: sqlite3.Connection, facts: dict[str, str], path: Path | None) -> None:
    """Create the schema in an empty database, or check that it is one this release knows."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if not tables and not version and not application:
        _carry_out(connection, _SCHEMA)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.executemany("INSERT INTO facts VALUES (?, ?)", sorted(facts.items()))
    elif application != APPLICATION_ID:
        message = (
            f"{path} is an SQLite file, but not of the emulator; "
            "name a file written by the emulator, or one that does not exist yet"
        )
        raise EmulatorError(message)
    elif version > SCHEMA_VERSION:
        message = (
            f"the state file {path} has schema {version}, this release reads up to "
            f"{SCHEMA_VERSION}; use a newer release, or another file"
        )
        raise EmulatorError(message)
    else:
        for older in range(version, SCHEMA_VERSION):
            _carry_out(connection, _UPWARD[older])
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _carry_out(connection: sqlite3.Connection, statements: str) -> None:
    """Carry out several statements within the transaction that is open."""
    for statement in statements.split(";"):
        connection.execute(statement)
