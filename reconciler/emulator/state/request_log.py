"""What was asked and how it was answered; the ``Authorization`` header is never in it."""

import json
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from reconciler.emulator.wire.errors import EmulatorError
from reconciler.emulator.wire.messages import JsonObject, Request, write_json
from reconciler.emulator.wire.sources import timestamp

LONGEST_QUERY = 500
"""Characters of the query that are kept; status URLs have a signature of 3 KB."""

MOST_ENTRIES = 100_000
"""How many requests are kept in memory; the file, when there is one, keeps all."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is kept of one request; its headers are not."""

    seq: int
    time: float
    method: str
    path: str
    query: str
    status: int | None
    carried_out: int | None
    body: bytes
    client_request_id: str | None


class RequestLog:
    """The requests since the start or the last clearing, and a file of JSON lines."""

    def __init__(self, path: Path | None) -> None:
        """Open the file for appending.

        Raises:
            EmulatorError: The file cannot be written.

        """
        self._entries: deque[_Entry] = deque(maxlen=MOST_ENTRIES)
        self._seq = 0
        self._lock = threading.Lock()
        self._file: TextIO | None = None
        try:
            self._file = path.open("a", encoding="utf-8") if path else None
        except OSError as reason:
            message = f"the request log {path} cannot be written: {reason.strerror}; name another"
            raise EmulatorError(message) from reason

    def add(
        self, time: float, request: Request, status: int | None, carried_out: int | None
    ) -> None:
        """Record a request.

        Args:
            time: seconds since the epoch.
            request: what was asked.
            status: what was answered, None when cut off.
            carried_out: how it ended in the emulator, whatever a fault has made of that; None if a
                fault kept it from being carried out.

        """
        with self._lock:
            self._seq += 1
            entry = _Entry(
                seq=self._seq,
                time=time,
                method=request.method,
                path=request.path,
                query=request.query[:LONGEST_QUERY],
                status=status,
                carried_out=carried_out,
                body=request.body,
                client_request_id=request.headers.get("x-ms-client-request-id"),
            )
            self._entries.append(entry)
            if self._file is not None:
                self._file.write(write_json(_line(entry)) + "\n")
                self._file.flush()

    def entries(self) -> list[JsonObject]:
        """Return the requests, oldest first."""
        with self._lock:
            entries = list(self._entries)
        return [_line(entry) for entry in entries]

    def clear(self) -> None:
        """Forget the requests in memory; numbering goes on."""
        with self._lock:
            self._entries.clear()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


def _line(entry: _Entry) -> JsonObject:
    return {
        "seq": entry.seq,
        "time": timestamp(entry.time),
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "status": entry.status,
        "carried_out": entry.carried_out,
        "request": _content(entry.body),
        "client_request_id": entry.client_request_id,
    }


def _content(body: bytes) -> object:
    """Return the JSON of a body; the secret of ``linkNotificationHub`` is blotted out."""
    if not body:
        return None
    try:
        content: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(content, dict) and "connectionString" in content:
        return content | {"connectionString": "***"}
    return content
