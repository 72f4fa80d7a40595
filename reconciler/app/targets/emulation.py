"""What somebody asks of an emulator besides ARM: its state, taken, put back and forgotten."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reconciler.model.errors import UnavailableError, UsageError

STATE = Path(".reconciler") / "emulator.sqlite"
"""Where the embedded emulator keeps what it was told, below the project's root."""

SECONDS = 60
"""How long an answer may take; the state of thousands of resources is one answer."""


def snapshot(state: Path | None, url: str | None) -> str:
    """Return the whole state as JSON text that ends in a line break.

    Args:
        state: the state file of an emulator, used when there is no address; None for that of the
            embedded one.
        url: the address of an emulator that runs; None for the state file.

    Raises:
        UsageError: the address is none.
        UnavailableError: there is no emulator, or no state file.

    """
    with _door(state, url, must_exist=True) as address:
        content = _ask(address, "GET", "/emulator/snapshot")
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def change(
    state: Path | None, url: str | None, method: str, place: str, file: Path | None = None
) -> None:
    """Ask for a change of the state, with the JSON of a file if there is one.

    Raises:
        UsageError: the file cannot be read, or the emulator refuses what is in it.
        UnavailableError: there is no emulator.

    """
    content = None if file is None else _content(file)
    with _door(state, url) as address:
        _ask(address, method, f"/emulator/{place}", content)


def _content(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as reason:
        raise UsageError(f"{file} is not JSON that can be read: {reason}") from reason


@contextmanager
def _door(file: Path | None, url: str | None, *, must_exist: bool = False) -> Iterator[str]:
    """Yield the address of the emulator that runs, or of one that serves the state file."""
    from reconciler.emulator import EmulatorError, EmulatorServer

    if url is not None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise UsageError(f"{url} is not the address of an emulator")
        yield url
        return
    state = file or STATE
    if must_exist and not state.exists():
        mend = "name a state file with --state, or a running emulator with --url"
        raise UnavailableError(f"there is no state file {state}", mend)
    state.parent.mkdir(parents=True, exist_ok=True)
    try:
        with EmulatorServer(state=state) as server:
            yield server.url
    except EmulatorError as error:
        raise UnavailableError(str(error)) from error


def _wire(address: str) -> HTTPConnection:
    """Return a connection; REQUESTS_CA_BUNDLE or SSL_CERT_FILE names what https trusts."""
    parts = urlsplit(address)
    if parts.scheme == "http":
        return HTTPConnection(parts.netloc, timeout=SECONDS)
    trusted = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    context = ssl.create_default_context(cafile=trusted)
    return HTTPSConnection(parts.netloc, timeout=SECONDS, context=context)


def _ask(address: str, method: str, path: str, content: Any = None) -> Any:
    wire = _wire(address)
    try:
        wire.request(method, path, None if content is None else json.dumps(content))
        answer = wire.getresponse()
        text = answer.read()
        value: Any = json.loads(text) if text else None
    except (OSError, HTTPException, ValueError) as reason:
        mend = "start one with: reconciler emulator serve"
        raise UnavailableError(f"no emulator answers at {address}: {reason}", mend) from reason
    finally:
        wire.close()
    if answer.status >= 400:
        raise UsageError(f"the emulator refuses: {value['error']['message']}")
    return value
