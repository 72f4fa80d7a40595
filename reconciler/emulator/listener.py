"""The sockets of the emulator: HTTP/1.1 with keep-alive, one thread for each connection."""

import re
import socket
import ssl
import sys
import threading
import traceback
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from reconciler.emulator.app import App
from reconciler.emulator.control.doors import PREFIX
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.messages import JSON_TYPE, Request, Response, split_target, write_json

LARGEST_BODY = 4 * 1024 * 1024
"""Greatest size of a request body in bytes (ARM's limit on a request)."""

LARGEST_SNAPSHOT = 256 * 1024 * 1024
"""Greatest size of a request body in bytes at the control endpoint."""

_STOP_SECONDS = 5.0
_CHUNK = 65536
_MOST_DRAINED = 16 * LARGEST_BODY
_LENGTH = re.compile(r"[0-9]{1,12}")
_STATUSES = frozenset(int(status) for status in HTTPStatus)


class Listener(ThreadingHTTPServer):
    """The listening socket and the connections it has accepted."""

    app: App
    """What answers the requests."""
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], tls: ssl.SSLContext | None = None) -> None:
        """Listen on (host, port), with https when there is a certificate.

        :attr:`app` must be set before the first connection.
        """
        self.tls = tls
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; its thread shakes hands, so that nobody else waits for it."""
        connection, address = super().get_request()
        if self.tls is not None:
            connection = self.tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a new connection in a thread of its own."""
        thread = threading.Thread(
            target=self._serve_connection, args=(request, client_address), daemon=True
        )
        with self._lock:
            self._connections[request] = thread
        thread.start()

    def _serve_connection(self, request: Any, client_address: Any) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self._lock:
                del self._connections[request]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a client that went away; report anything else on standard error."""
        del request, client_address
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            traceback.print_exc(file=sys.stderr)

    def hang_up(self) -> None:
        """End every open connection and wait for its thread."""
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            try:
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in connections.values():
            thread.join(_STOP_SECONDS)


class _Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, writes each response in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            return
        path, query = split_target(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        scheme = "https" if self.server.tls else "http"
        request = Request(self.command, path, query, headers, body, scheme)
        response = self.server.app.handle(request)
        if response is None:
            self.close_connection = True
            return
        self._write(response)

    do_GET = do_HEAD = do_PUT = do_PATCH = do_POST = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    def _read_body(self) -> bytes | None:
        """Read the body; None when the request was refused and answered."""
        if self.headers.get("Transfer-Encoding"):
            self.send_error(HTTPStatus.LENGTH_REQUIRED, "Send a Content-Length.")
            return None
        text = self.headers.get("Content-Length", "0")
        if not _LENGTH.fullmatch(text):
            self.send_error(HTTPStatus.BAD_REQUEST, "Content-Length is not a number.")
            return None
        length = int(text)
        largest = LARGEST_SNAPSHOT if self.path.startswith(PREFIX) else LARGEST_BODY
        if length > largest:
            self._drain(min(length, _MOST_DRAINED))
            self._refuse(errors.request_content_too_large(largest))
            return None
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return None
        return body

    def _drain(self, length: int) -> None:
        """Read and forget, so that the client gets to reading the answer."""
        while length > 0:
            chunk = self.rfile.read(min(length, _CHUNK))
            if not chunk:
                return
            length -= len(chunk)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a request that is not proper HTTP and close the connection."""
        del explain
        text = message or HTTPStatus(code).phrase
        self._refuse(errors.ArmError(int(code), "EmulatorBadHttpRequest", text))

    def _refuse(self, error: errors.ArmError) -> None:
        self.close_connection = True
        body = write_json(error.content()).encode()
        self._write(Response(error.status, body, (("Content-Type", JSON_TYPE),)))

    def _write(self, response: Response) -> None:
        """Send head and body in one piece."""
        phrase = HTTPStatus(response.status).phrase if response.status in _STATUSES else "Unknown"
        lines = [f"HTTP/1.1 {response.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if response.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {len(response.body)}")
        lines.append(f"Date: {formatdate(usegmt=True)}")
        if self.close_connection:
            lines.append("Connection: close")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        bodyless = self.command == "HEAD" or response.status == HTTPStatus.NO_CONTENT
        self.wfile.write(head if bodyless else head + response.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the stdlib
        """Write nothing: the request log is the log."""
