"""The open parts of a started emulator: its ports, its state, its log and its thread."""

import errno
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from reconciler.emulator.app import App
from reconciler.emulator.arm.call import Settings
from reconciler.emulator.listener import Listener
from reconciler.emulator.state.request_log import RequestLog
from reconciler.emulator.state.store import Store
from reconciler.emulator.wire.errors import EmulatorError
from reconciler.emulator.wire.proxy import Proxy

HOST = "127.0.0.1"
"""Where the emulator listens unless told otherwise: on this machine only."""

_ACCEPT_SECONDS = 0.02
_Opened = TypeVar("_Opened")


@dataclass(frozen=True, slots=True)
class Doors:
    """Where clients come in."""

    host: str
    """The address to listen on."""
    port: int
    """The TCP port; 0 for a free one."""
    certificates: Path | None
    """The folder of the certificates; None for http."""
    proxy: int | None
    """The TCP port of the proxy; 0 for a free one, None for no proxy."""


class Running:
    """The open parts of a started emulator."""

    def __init__(
        self, state: Path | None, doors: Doors, log: Path | None, settings: Settings
    ) -> None:
        """Open everything.

        Raises:
            EmulatorError: A port is in use, or a file cannot be used.

        """
        self.listener = _listen(doors)
        self.proxy: Proxy | None = None
        try:
            if doors.proxy is not None:
                self.proxy = _proxy(doors.proxy, (doors.host, self.listener.server_port))
            self.store = Store(state, {"tenant": settings.identifiers.guid()})
        except BaseException:
            self._close_doors()
            raise
        try:
            self.log = RequestLog(log)
        except BaseException:
            self.store.close()
            self._close_doors()
            raise
        settings.behaviour.reset()
        self.listener.app = App(self.store, settings, self.log)
        self.thread = threading.Thread(
            target=self.listener.serve_forever,
            kwargs={"poll_interval": _ACCEPT_SECONDS},
            name="emulator",
            daemon=True,
        )
        self.thread.start()

    def stop(self) -> None:
        """Close everything."""
        self.listener.app.closing.set()
        self.listener.app.faults.held.release()
        self.listener.shutdown()
        self.thread.join()
        self._close_doors()
        self.listener.hang_up()
        self.store.close()
        self.log.close()

    def _close_doors(self) -> None:
        self.listener.server_close()
        if self.proxy is not None:
            self.proxy.stop()


def _listen(doors: Doors) -> Listener:
    tls = None
    if doors.certificates is not None:
        from reconciler.emulator.wire.certificates import context

        tls = context(doors.certificates)
    return _opened(doors.host, doors.port, lambda: Listener((doors.host, doors.port), tls))


def _proxy(port: int, target: tuple[str, int]) -> Proxy:
    return _opened(HOST, port, lambda: Proxy(port, target))


def _opened(host: str, port: int, listen: Callable[[], _Opened]) -> _Opened:
    """Open a port.

    Raises:
        EmulatorError: It is in use, not allowed, or no port.

    """
    try:
        return listen()
    except OSError as reason:
        if host != HOST:
            message = f"{host}, port {port}, cannot be opened: {reason.strerror}; choose others"
        elif reason.errno == errno.EADDRINUSE:
            message = f"port {port} is in use; choose another, or 0 for a free one"
        else:
            message = f"port {port} cannot be opened: {reason.strerror}; choose another, or 0"
        raise EmulatorError(message) from reason
    except OverflowError as reason:
        message = f"port {port} is not a port; choose one from 0 to 65535"
        raise EmulatorError(message) from reason
