"""The HTTP/1.1 server of the emulator, on the loopback interface unless told otherwise."""

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from reconciler.emulator.arm.call import Settings
from reconciler.emulator.arm.operations import parse_schedule
from reconciler.emulator.running import HOST, Doors, Running
from reconciler.emulator.state.behaviour import Behaviour
from reconciler.emulator.state.consistency import IMMEDIATE
from reconciler.emulator.state.rows import Subscription
from reconciler.emulator.wire.errors import EmulatorError
from reconciler.emulator.wire.look_up import DnsServer, parse_server
from reconciler.emulator.wire.sources import (
    Clock,
    Identifiers,
    RandomIdentifiers,
    SystemClock,
    VirtualClock,
)

DEFAULT_PAGE_SIZE = 1000


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
        consistency: str = IMMEDIATE,
        speed: float = 1.0,
    ) -> None:
        """Prepare an emulator; nothing is opened before :meth:`start`.

        Args:
            state: SQLite file that outlives the run and may be shared by several emulators;
                None keeps the state in memory.
            port: TCP port; 0 takes a free one.
            operations: How long-running operations behave: ``immediate``, ``polls:N`` (running
                for N polls), ``seconds:S`` or ``recorded`` (17 seconds).
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
            consistency: When what was written is seen: ``immediate``, ``recorded`` or
                ``adversarial:SEED``.
            speed: How many seconds go by in the emulator while one does outside.

        Raises:
            EmulatorError: One of them is not valid.

        """
        if speed <= 0:
            message = f"speed={speed} is not valid; give more than 0"
            raise EmulatorError(message)
        if page_size is not None and page_size < 1:
            message = f"page_size={page_size} is not valid; give 1 or more"
            raise EmulatorError(message)
        self._settings = Settings(
            schedule=parse_schedule(operations),
            page_size=page_size or DEFAULT_PAGE_SIZE,
            clock=VirtualClock(clock or SystemClock(), speed),
            identifiers=identifiers or RandomIdentifiers(),
            behaviour=Behaviour(
                check_links=check_links,
                dns=_server(dns),
                authorization=authorization,
                consistency=consistency,
            ),
        )
        if proxy is not None and certificates is None:
            message = "a proxy needs https; give a folder for the certificates too"
            raise EmulatorError(message)
        folder = None if certificates is None else Path(certificates)
        self._doors = Doors(host, port, folder, proxy)
        self._state = None if state is None else Path(state)
        self._log = None if log is None else Path(log)
        self._running: Running | None = None

    @property
    def url(self) -> str:
        """The URL to give to clients, without a slash at the end.

        Raises:
            EmulatorError: The emulator is not running.

        """
        port = self._open.listener.server_port
        if self._doors.certificates is None:
            return f"http://{self._doors.host}:{port}"
        return f"https://{'localhost' if self._doors.host == HOST else self._doors.host}:{port}"

    @property
    def proxy_url(self) -> str:
        """The URL of the proxy, for ``HTTPS_PROXY``.

        Raises:
            EmulatorError: The emulator is not running, or has no proxy.

        """
        proxy = self._open.proxy
        if proxy is None:
            message = "there is no proxy; give proxy=0 and a folder for the certificates"
            raise EmulatorError(message)
        return f"http://{HOST}:{proxy.server_address[1]}"

    @property
    def tenant(self) -> str:
        """The id of the tenant that the state has from its beginning.

        Raises:
            EmulatorError: The emulator is not running.

        """
        with self._open.store.transaction(write=False) as state:
            return state.fact("tenant")

    def declare_subscriptions(self, identifiers: Iterable[str]) -> None:
        """Declare which subscriptions exist, by id; any does while none is declared.

        Raises:
            EmulatorError: The emulator is not running.

        """
        opened = self._open
        rows = [Subscription(identifier, identifier, "") for identifier in identifiers]
        if rows:
            with opened.store.transaction(write=True) as state:
                state.declare_subscriptions(rows)

    @property
    def _open(self) -> Running:
        if self._running is None:
            message = "the emulator is not running; call start() or use it in a with statement"
            raise EmulatorError(message)
        return self._running

    def start(self) -> Self:
        """Open state and port; connections are accepted when this returns.

        Raises:
            EmulatorError: The port is in use, or a file cannot be used.

        """
        if self._running is not None:
            message = f"the emulator is already running at {self.url}; stop() it first"
            raise EmulatorError(message)
        self._running = Running(self._state, self._doors, self._log, self._settings)
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


def _server(text: str | None) -> DnsServer | None:
    try:
        return parse_server(text) if text else None
    except ValueError as reason:
        raise EmulatorError(str(reason)) from reason
