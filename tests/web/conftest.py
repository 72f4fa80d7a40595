"""A web server on loopback that remembers what it was sent, and the homes that it can be."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

import pytest

from tests.web.fake_azure_devops import FakeAzureDevOps
from tests.web.fake_github import FakeGitHub
from tests.web.fake_gitlab import FakeGitLab
from tests.web.fake_home import FakeHome
from tests.web.services import Service


@pytest.fixture
def service() -> Iterator[Service]:
    """A running service."""
    state = Service()

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.loads(content) if content else None
            state.requests.append((self.command, self.path, body))
            state.headers.append(dict(self.headers))
            reply = state.answer(self.command, self.path, body)
            data = b"" if reply.body is None else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_request(self, code: object = "-", size: object = "-") -> None:
            pass

    for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.respond)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


HOMES: tuple[type[FakeHome], ...] = (FakeGitHub, FakeGitLab, FakeAzureDevOps)
OF_PIPELINES = ("GITHUB_", "GITLAB_", "CI_", "SYSTEM_", "BUILD_", "TF_BUILD")


H = TypeVar("H", bound=FakeHome)


def settled(kind: type[H], service: Service, monkeypatch: pytest.MonkeyPatch) -> H:
    """Return a home, with the variables of its pipelines and none of others."""
    for name in [name for name in os.environ if name.startswith(OF_PIPELINES)]:
        monkeypatch.delenv(name)
    fake = kind(service)
    for name, value in fake.environ.items():
        monkeypatch.setenv(name, value)
    return fake


@pytest.fixture(params=HOMES, ids=[home.name for home in HOMES])
def home(
    request: pytest.FixtureRequest, service: Service, monkeypatch: pytest.MonkeyPatch
) -> FakeHome:
    """Each home in turn: what a test asks of it holds for all."""
    kind: type[FakeHome] = request.param
    return settled(kind, service, monkeypatch)


@pytest.fixture
def hub(service: Service, monkeypatch: pytest.MonkeyPatch) -> FakeGitHub:
    """A repository on GitHub."""
    return settled(FakeGitHub, service, monkeypatch)


@pytest.fixture
def project(service: Service, monkeypatch: pytest.MonkeyPatch) -> FakeGitLab:
    """A project on GitLab."""
    return settled(FakeGitLab, service, monkeypatch)


@pytest.fixture
def devops(service: Service, monkeypatch: pytest.MonkeyPatch) -> FakeAzureDevOps:
    """A project on Azure DevOps."""
    return settled(FakeAzureDevOps, service, monkeypatch)
