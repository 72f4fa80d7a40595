"""A server on this machine that records whatever arrives, and answers what it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Arrived:
    """A request that was not held back."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    body: bytes
    authorization: str | None
    headers: Mapping[str, str] = field(default_factory=dict)
    """By name in lower case."""


@dataclass(frozen=True)
class Answer:
    """What to answer."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def fine(request: Arrived) -> Answer:
    """Answer as a service does that has nothing to say."""
    if request.method == "DELETE":
        return Answer(204)
    return Answer(200, {"id": request.path, "value": []})


@dataclass
class Recorder:
    """A running server."""

    url: str = ""
    requests: list[Arrived] = field(default_factory=list)
    answer: Callable[[Arrived], Answer] = fine


@contextmanager
def recorder() -> Iterator[Recorder]:
    """Run a server on a free port."""
    record = Recorder()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self.handle_any
            raise AttributeError(name)

        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            arrived = Arrived(
                self.command,
                parts.path,
                parse_qs(parts.query),
                body,
                self.headers.get("Authorization"),
                {name.lower(): value for name, value in self.headers.items()},
            )
            record.requests.append(arrived)
            answer = record.answer(arrived)
            content = b"" if answer.body is None else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    record.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield record
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
