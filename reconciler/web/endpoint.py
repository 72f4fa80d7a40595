"""A small HTTP endpoint for those who look after a service: fixed paths, plain text, only GET."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

from reconciler.model.errors import UnavailableError

PATIENCE = 5.0
"""Seconds that a client may keep its connection waiting."""

POLL = 0.05
"""Seconds until the endpoint notices that it is to end."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a path answers with."""

    text: str
    status: HTTPStatus = HTTPStatus.OK
    kind: str = "text/plain; charset=utf-8"
    """The media type."""


@contextmanager
def served(host: str, port: int, pages: Mapping[str, Callable[[], Page]]) -> Iterator[str]:
    """Yield the address of an endpoint that answers while the block runs.

    Args:
        host: the address to listen at, such as ``127.0.0.1`` or ``::1``.
        port: 0 for any that is free.
        pages: by path; each is asked anew for every request, from threads of its own.

    Raises:
        UnavailableError: nobody can listen there.

    """

    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE

        def do_GET(self) -> None:  # the name that http.server calls
            page = pages.get(self.path.partition("?")[0])
            found = page() if page is not None else Page("not found\n", HTTPStatus.NOT_FOUND)
            body = found.text.encode()
            self.send_response(found.status)
            self.send_header("Content-Type", found.kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def version_string(self) -> str:
            return "acs-reconciler"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Log nothing: stderr is for the runs."""

    class Server(ThreadingTCPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Let a client that has gone be gone."""

    try:
        server = Server((host, port), Handler)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise UnavailableError(
            f"cannot listen at {host}, port {port}: {reason}", "give another --metrics-port"
        ) from error
    with server:
        threading.Thread(target=server.serve_forever, args=(POLL,), daemon=True).start()
        try:
            shown = f"[{host}]" if ":" in host else host
            yield f"http://{shown}:{server.server_address[1]}"
        finally:
            server.shutdown()
