"""A proxy that leads the clients of Azure to the emulator, and lets nothing else out.

A client with ``HTTPS_PROXY`` set asks it for a tunnel (``CONNECT``) to a host of Azure and gets one
to the https port of the emulator; any other host is refused, so that nothing can leave.
https://www.rfc-editor.org/rfc/rfc9110#name-connect
"""

import contextlib
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler

from reconciler.emulator.wire.certificates import CLOUD_NAMES

_CHUNK = 65536
_POLL_SECONDS = 0.02


class Proxy(socketserver.ThreadingTCPServer):
    """The proxy, on the loopback interface."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, target: tuple[str, int]) -> None:
        """Listen on a port of 127.0.0.1; tunnels lead to ``target``, host and port."""
        super().__init__(("127.0.0.1", port), _Tunnel)
        self.target = target
        threading.Thread(
            target=self.serve_forever, args=(_POLL_SECONDS,), name="proxy", daemon=True
        ).start()

    def stop(self) -> None:
        """Close the port; tunnels end when their clients or the emulator do."""
        self.shutdown()
        self.server_close()


class _Tunnel(BaseHTTPRequestHandler):
    """One client of the proxy."""

    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_CONNECT(self) -> None:
        """Open a tunnel to the emulator, or refuse."""
        self.close_connection = True
        host, _, port = self.path.rpartition(":")
        if host.casefold() not in CLOUD_NAMES or port != "443":
            self.send_error(403, "The emulator stands for Azure alone.")
            return
        with socket.create_connection(self.server.target) as there:
            self.send_response_only(200, "Connection established")
            self.end_headers()
            back = threading.Thread(target=_pump, args=(there, self.connection), daemon=True)
            back.start()
            _pump(self.connection, there)
            back.join()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - stdlib's name
        """Write nothing: the emulator logs the requests."""


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Copy bytes until the source ends, and then say so to the sink."""
    with contextlib.suppress(OSError):
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
