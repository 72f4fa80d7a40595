"""Whom the client believes: authorities and proxies that the environment names, and no netrc."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.core.rest import HttpRequest

from reconciler.arm.target import PUBLIC_AZURE, Target
from reconciler.arm.transport import READS, GuardedTransport
from reconciler.emulator import EmulatorServer
from reconciler.emulator.wire.certificates import authority
from reconciler.engine.clock import SystemClock
from reconciler.model.errors import UnavailableError

QUESTION = "/metadata/endpoints?api-version=2022-09-01"
VARIABLES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")
Ask = Callable[[str], Any]


@pytest.fixture
def emulator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[EmulatorServer, Path]]:
    """An emulator that speaks https, also in the place of Azure, and its authority."""
    for name in (*VARIABLES, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with EmulatorServer(certificates=tmp_path, proxy=0) as server:
        yield server, authority(tmp_path)


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Send a question to an endpoint, and return the answer."""
    opened = []

    def send(endpoint: str) -> Any:
        opened.append(GuardedTransport(Target(endpoint), READS, 2, SystemClock().sleep))
        return opened[-1].send(HttpRequest("GET", f"{endpoint}{QUESTION}"))

    yield send
    for transport in opened:
        transport.close()


def test_an_authority_that_is_not_named_is_not_believed(
    emulator: tuple[EmulatorServer, Path], ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, bundle = emulator
    with pytest.raises(ServiceRequestError, match="CERTIFICATE_VERIFY_FAILED"):
        ask(server.url)
    for name in ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(bundle))
        assert ask(server.url).status_code == 200
        monkeypatch.delenv(name)


def test_authorities_that_cannot_be_read_are_named(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for content in (None, "no certificate"):
        bundle = tmp_path / "bundle.pem"
        if content is not None:
            bundle.write_text(content, encoding="utf-8")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
        with pytest.raises(UnavailableError, match=r"the authorities in .+ cannot be read"):
            ask("https://localhost:1")


def test_azure_is_asked_through_the_proxy_and_without_the_password_of_a_netrc(
    emulator: tuple[EmulatorServer, Path],
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    server, bundle = emulator
    netrc = tmp_path / "netrc"
    netrc.write_text("machine management.azure.com login me password secret\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTPS_PROXY", server.proxy_url)
    with pytest.raises(ServiceRequestError, match="CERTIFICATE_VERIFY_FAILED"):
        ask(PUBLIC_AZURE)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    answer = ask(PUBLIC_AZURE)
    assert answer.status_code == 200
    assert "Authorization" not in answer.internal_response.request.headers
