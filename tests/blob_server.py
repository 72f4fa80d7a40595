"""What Azure Storage answers about one blob and its lease: enough for a lock and for a history.

Statuses, headers and codes are those of the reference of Lease Blob, Put Blob, Get Blob, Set Blob
Metadata and Get Blob Properties. https://learn.microsoft.com/rest/api/storageservices/lease-blob
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Loopback


@dataclass
class Blob:
    """One blob."""

    content: bytes = b""
    version: int = 1
    holder: str = ""
    lease: str = ""
    expires: float = 0.0

    @property
    def leased(self) -> bool:
        """Whether somebody holds the lease."""
        return bool(self.lease) and time.monotonic() < self.expires


@dataclass(frozen=True)
class Trouble:
    """What a request is answered with, instead of what it asks for."""

    status: int
    """0 carries the request out and hangs up."""
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class State:
    """All blobs, and what was asked."""

    blobs: dict[str, Blob] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    meanwhile: Callable[[str], Trouble | None] = lambda _method: None
    """What happens when a request has arrived, by its method."""


class BlobServer(Loopback):
    """Serves blobs on this machine."""

    def __init__(self) -> None:
        self.state = State()
        state = self.state

        class Handler(_Handler):
            blobs = state

        super().__init__(Handler)


class _Handler(BaseHTTPRequestHandler):
    blobs: State
    _body = b""
    _hangs_up = False

    def do_HEAD(self) -> None:
        _path, blob = self._asked()
        with self.blobs.lock:
            if blob is None:
                self._answer(404, "BlobNotFound")
            elif (mine := self.headers.get("x-ms-lease-id")) and mine != blob.lease:
                self._answer(412, "LeaseIdMismatchWithBlobOperation")
            else:
                state = "leased" if blob.leased else "expired" if blob.lease else "available"
                self._answer(200, "", {"x-ms-lease-state": state, "x-ms-meta-holder": blob.holder})

    def do_GET(self) -> None:
        path = self._asked()[0]
        if self._is_in_trouble():
            return
        with self.blobs.lock:
            if blob := self.blobs.blobs.get(path):
                self._answer(200, "", {"ETag": f'"{blob.version}"'}, blob.content)
            else:
                nowhere = path.startswith("/account/nowhere/")
                self._answer(404, "ContainerNotFound" if nowhere else "BlobNotFound")

    def do_PUT(self) -> None:
        path = self._asked()[0]
        if self._is_in_trouble():
            return
        with self.blobs.lock:
            blob = self.blobs.blobs.get(path)
            match parse_qs(urlsplit(self.path).query).get("comp", [""])[0]:
                case "lease" if blob is not None:
                    self._lease(blob)
                case "metadata" if blob is not None:
                    self._metadata(blob)
                case "":
                    self._put(path, blob)
                case _:
                    self._answer(404, "BlobNotFound")

    def _put(self, path: str, blob: Blob | None) -> None:
        wanted = self.headers.get("If-Match")
        if blob is not None and self.headers.get("If-None-Match") == "*":
            self._answer(409, "BlobAlreadyExists")
        elif wanted is not None and (blob is None or wanted != f'"{blob.version}"'):
            self._answer(412, "ConditionNotMet")
        else:
            version = 1 if blob is None else blob.version + 1
            self.blobs.blobs[path] = Blob(self._body, version)
            self._answer(201, "", {"ETag": f'"{version}"'})

    def _is_in_trouble(self) -> bool:
        """Let happen what the test wants; return whether that was the answer."""
        self._hangs_up = False
        trouble = self.blobs.meanwhile(self.command)
        if trouble is not None and trouble.status:
            self._answer(trouble.status, trouble.code, trouble.headers)
            return True
        self._hangs_up = trouble is not None
        return False

    def _lease(self, blob: Blob) -> None:
        action = self.headers["x-ms-lease-action"]
        if action == "acquire":
            wanted = self.headers["x-ms-proposed-lease-id"]
            if blob.leased and blob.lease != wanted:
                self._answer(409, "LeaseAlreadyPresent")
                return
            blob.lease = wanted
            blob.expires = time.monotonic() + int(self.headers["x-ms-lease-duration"])
            self._answer(201, "", {"x-ms-lease-id": wanted})
        elif self.headers["x-ms-lease-id"] != blob.lease:
            self._answer(409, "LeaseIdMismatchWithLeaseOperation")
        else:
            blob.expires = time.monotonic() + 60 if action == "renew" else 0.0
            blob.lease = blob.lease if action == "renew" else ""
            self._answer(200)

    def _metadata(self, blob: Blob) -> None:
        if blob.leased and self.headers.get("x-ms-lease-id") != blob.lease:
            self._answer(412, "LeaseIdMissing")
            return
        blob.holder = self.headers.get("x-ms-meta-holder", "")
        self._answer(200)

    def _asked(self) -> tuple[str, Blob | None]:
        """Note a request, read its body, and return the path and its blob."""
        self._body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        assert self.headers["x-ms-version"], "every request names its version"
        with self.blobs.lock:
            self.blobs.asked.append(f"{self.command} {self.path}")
            return path, self.blobs.blobs.get(path)

    def _answer(
        self,
        status: int,
        code: str = "",
        headers: dict[str, str] | None = None,
        content: bytes = b"",
    ) -> None:
        if self._hangs_up:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        if code:
            self.send_header("x-ms-error-code", code)
        self.end_headers()
        self.wfile.write(content)

    def log_message(
        self,
        format: str,  # noqa: A002
        *args: Any,
    ) -> None:
        """Print nothing."""
