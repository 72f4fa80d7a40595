"""The HTTP/1.1 server of the emulator, on the loopback interface unless told otherwise."""

import errno
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from reconciler.emulator.app import App
from reconciler.emulator.behaviour import Behaviour
from reconciler.emulator.call import Settings
from reconciler.emulator.errors import EmulatorError
from reconciler.emulator.listener import Listener
from reconciler.emulator.look_up import DnsServer, parse_server
from reconciler.emulator.operations import parse_schedule
from reconciler.emulator.proxy import Proxy
from reconciler.emulator.request_log import RequestLog
from reconciler.emulator.rows import Subscription
from reconciler.emulator.sources import Clock, Identifiers, RandomIdentifiers, SystemClock
from reconciler.emulator.store import Store

HOST = "127.0.0.1"
"""Where the emulator listens unless told otherwise: on this machine only."""

DEFAULT_PAGE_SIZE = 1000
_ACCEPT_SECONDS = 0.02
_Opened = TypeVar("_Opened")


class EmulatorServer:
    """An emulator of Azure Resource Manager on ``http://127.0.0.1:{port}``, or with https.

    ::

        with EmulatorServer() as emulator:
            client = CommunicationServiceManagementClient(..., base_url=emulator.url)
    """

    def __init__(  # noqa: PLR0913 - keywords of the one public constructor
        self,
        state: Path | str | None = None,
        port: int = 0,
        operations: str = "immediate",
        log: Path | str | None = None,
        page_size: int | None = None,
        *,
        clock: Clock | None = None,
        identifiers: Identifiers | None = None,
        check_links: bool = False,
        dns: str | None = None,
        authorization: bool = False,
        certificates: Path | str | None = None,
        host: str = HOST,
        proxy: int | None = None,
    ) -> None:
        """Prepare an emulator; nothing is opened before :meth:`start`.

        Args:
            state: SQLite file that outlives the run and may be shared by several emulators;
                None keeps the state in memory.
            port: TCP port; 0 takes a free one.
            operations: How long-running operations behave: ``immediate``, ``polls:N`` (running
                for N polls) or ``seconds:S``.
            log: File to which every request is appended as one line of JSON.
            page_size: Greatest number of items on a page of a list; None means 1000.
            clock: Source of the time; the system's by default.
            identifiers: Source of identifiers; random by default.
            check_links: Whether ``linkedDomains`` must exist and be verified, as in Azure; off,
                any id of a domain is accepted.
            dns: The server (``ADDRESS:PORT``) that decides the verification of domains; without
                one, a test sets the outcome.
            authorization: Whether callers need a token of the emulator's, and a role for what
                they ask; off, any token may do everything.
            certificates: Folder of the certificate authority, made there if need be; with it the
                emulator speaks https alone.
            host: The address to listen on. Any but that of this machine lets others in, who need
                no password.
            proxy: TCP port on this machine of a proxy that leads clients of Azure here; 0 takes a
                free one. It needs ``certificates``.

        Raises:
            EmulatorError: ``operations``, ``page_size``, ``dns`` or ``proxy`` is not valid.

        """
        if page_size is not None and page_size < 1:
            message = f"page_size={page_size} is not valid; give 1 or more"
            raise EmulatorError(message)
        self._settings = Settings(
            schedule=parse_schedule(operations),
            page_size=page_size or DEFAULT_PAGE_SIZE,
            clock=clock or SystemClock(),
            identifiers=identifiers or RandomIdentifiers(),
            behaviour=Behaviour(
                check_links=check_links, dns=_server(dns), authorization=authorization
            ),
        )
        if proxy is not None and certificates is None:
            message = "a proxy needs https; give a folder for the certificates too"
            raise EmulatorError(message)
        folder = None if certificates is None else Path(certificates)
        self._doors = _Doors(host, port, folder, proxy)
        self._state = None if state is None else Path(state)
        self._log = None if log is None else Path(log)
        self._running: _Running | None = None

    @property
    def url(self) -> str:
        """The URL to give to clients, without a slash at the end.

        Raises:
            EmulatorError: The emulator is not running.

        """
        if self._running is None:
            message = "the emulator is not running; call start() or use it in a with statement"
            raise EmulatorError(message)
        port = self._running.listener.server_port
        if self._doors.certificates is None:
            return f"http://{self._doors.host}:{port}"
        return f"https://{'localhost' if self._doors.host == HOST else self._doors.host}:{port}"

    @property
    def proxy_url(self) -> str:
        """The URL of the proxy, for ``HTTPS_PROXY``.

        Raises:
            EmulatorError: The emulator is not running, or has no proxy.

        """
        if self._running is None or self._running.proxy is None:
            message = "there is no proxy; give proxy=0 and a folder for the certificates"
            raise EmulatorError(message)
        return f"http://{HOST}:{self._running.proxy.server_address[1]}"

    @property
    def tenant(self) -> str:
        """The id of the tenant that the state has from its beginning.

        Raises:
            EmulatorError: The emulator is not running.

        """
        if self._running is None:
            message = "the emulator is not running; call start() or use it in a with statement"
            raise EmulatorError(message)
        with self._running.store.transaction(write=False) as state:
            return state.fact("tenant")

    def declare_subscriptions(self, identifiers: Iterable[str]) -> None:
        """Declare which subscriptions exist, by id; any does while none is declared.

        Raises:
            EmulatorError: The emulator is not running.

        """
        if self._running is None:
            message = "the emulator is not running; call start() or use it in a with statement"
            raise EmulatorError(message)
        rows = [Subscription(identifier, identifier, "") for identifier in identifiers]
        if rows:
            with self._running.store.transaction(write=True) as state:
                state.declare_subscriptions(rows)

    def start(self) -> Self:
        """Open state and port; connections are accepted when this returns.

        Raises:
            EmulatorError: The port is in use, or a file cannot be used.

        """
        if self._running is not None:
            message = f"the emulator is already running at {self.url}; stop() it first"
            raise EmulatorError(message)
        self._running = _Running(self._state, self._doors, self._log, self._settings)
        return self

    def stop(self) -> None:
        """Close all connections, the port and the files; stopping twice is harmless."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    def __enter__(self) -> Self:
        """Start the emulator."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the emulator."""
        self.stop()


@dataclass(frozen=True, slots=True)
class _Doors:
    """Where clients come in."""

    host: str
    port: int
    certificates: Path | None
    proxy: int | None


class _Running:
    """The open parts of a started emulator."""

    def __init__(
        self, state: Path | None, doors: _Doors, log: Path | None, settings: Settings
    ) -> None:
        self.listener = _listen(doors)
        self.proxy: Proxy | None = None
        try:
            if doors.proxy is not None:
                self.proxy = _proxy(doors.proxy, self.listener.server_port)
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


def _server(text: str | None) -> DnsServer | None:
    try:
        return parse_server(text) if text else None
    except ValueError as reason:
        raise EmulatorError(str(reason)) from reason


def _listen(doors: _Doors) -> Listener:
    tls = None
    if doors.certificates is not None:
        from reconciler.emulator.certificates import context

        tls = context(doors.certificates)
    return _opened(doors.port, lambda: Listener((doors.host, doors.port), tls))


def _proxy(port: int, target: int) -> Proxy:
    return _opened(port, lambda: Proxy(port, (HOST, target)))


def _opened(port: int, listen: Callable[[], _Opened]) -> _Opened:
    """Open a port.

    Raises:
        EmulatorError: It is in use, not allowed, or no port.

    """
    try:
        return listen()
    except OSError as reason:
        if reason.errno == errno.EADDRINUSE:
            message = f"port {port} is in use; choose another, or 0 for a free one"
        else:
            message = f"port {port} cannot be opened: {reason.strerror}; choose another, or 0"
        raise EmulatorError(message) from reason
    except OverflowError as reason:
        message = f"port {port} is not a port; choose one from 0 to 65535"
        raise EmulatorError(message) from reason
