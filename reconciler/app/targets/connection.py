"""From the word after ``--target`` to a reader and a writer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.app.targets.emulation import STATE
from reconciler.arm.clients import Clients
from reconciler.arm.reader import ArmReader
from reconciler.arm.sending import Sending
from reconciler.arm.target import PUBLIC_AZURE, Target
from reconciler.dns.servers import ENVIRONMENT
from reconciler.engine.clock import clock_for
from reconciler.engine.interrupt import Interrupt, WatchedClock
from reconciler.engine.ports import Clock, Listener, Past, Reader, Recorder, Writer
from reconciler.kinds import KINDS
from reconciler.model.errors import UnavailableError
from reconciler.model.ids import ResourceId

if TYPE_CHECKING:
    from reconciler.arm.probe import ArmProbe

AZURE = "azure"
EMULATOR = "emulator"


def _unheard(_event: object) -> None:
    """Hear nothing."""


@dataclass(frozen=True, slots=True)
class Oversight:
    """Who hears of requests, and what ends them."""

    listener: Listener = _unheard
    """Hears of every wait."""
    recorders: Sequence[Recorder] = ()
    """Hear of every write before it leaves, and how it was answered."""
    interrupt: Interrupt | None = None
    """Ends every wait when the run has to end."""


UNSEEN = Oversight()


def heard_by(oversight: Oversight, recorder: Recorder) -> Oversight:
    """Return an oversight in which one more recorder hears of every write."""
    return replace(oversight, recorders=(*oversight.recorders, recorder))


@dataclass(frozen=True, slots=True)
class Connection:
    """A control plane that can be talked to."""

    target: Target
    reader: Reader
    clock: Clock
    _clients: Clients
    _writer: Writer | None

    @property
    def probe(self) -> ArmProbe:
        """What asks about the control plane and the caller instead of resources."""
        from reconciler.arm.probe import ArmProbe

        return ArmProbe(self._clients, self.target)

    @property
    def past(self) -> Past:
        """What asks who changed what; Resource Graph only if the connection may."""
        from reconciler.arm.past import ArmPast

        return ArmPast(self._clients)

    @property
    def writer(self) -> Writer:
        """The writer of a connection that was opened for writing."""
        assert self._writer is not None, "this connection cannot write"
        return self._writer


@contextmanager
def connect(
    word: str,
    root: Path,
    *,
    writes: bool = False,
    existing: Iterable[ResourceId] = (),
    tenants: Mapping[str, str] | None = None,
    oversight: Oversight = UNSEEN,
    asks_graph: bool = False,
) -> Iterator[Connection]:
    """Open a connection, and close it with everything behind it.

    Args:
        word: ``azure``, ``emulator`` (embedded in this process), or an endpoint's address.
        root: the project's folder, below which the embedded emulator keeps its state.
        writes: whether the client may send anything but reads.
        existing: resource groups that the specs call existing, which an embedded emulator is given.
        tenants: tenant ids by subscription id, where they are not that of the sign-in.
        oversight: who hears of requests, and what ends them.
        asks_graph: whether Resource Graph may be asked: by a POST, which only reads.

    Raises:
        UsageError: the word is no target.
        UnavailableError: the emulator could not be started.

    """
    with ExitStack() as cleanup:
        if word == EMULATOR:
            target = Target(cleanup.enter_context(_embedded(root, existing)))
        else:
            target = target_of(word)
        clock: Clock = clock_for(local=target.is_local)
        if oversight.interrupt is not None:
            clock = WatchedClock(clock, oversight.interrupt)
        sending = Sending(clock, oversight.listener, oversight.recorders)
        clients = Clients(
            target, writes=writes, tenants=tenants, sending=sending, asks_graph=asks_graph
        )
        cleanup.callback(clients.close)
        writer = _writing(clients) if writes else None
        yield Connection(target, ArmReader(clients), clock, clients, writer)


def _writing(clients: Clients) -> Writer:
    """Return the writer, which a plan has no need to load."""
    from reconciler.arm.writer import ArmWriter

    return ArmWriter(clients)


def target_of(word: str) -> Target:
    """Return the target of a word that is not the embedded emulator.

    Raises:
        UsageError: the word is no target.

    """
    return Target(PUBLIC_AZURE if word == AZURE else word.rstrip("/"))


@contextmanager
def _embedded(root: Path, existing: Iterable[ResourceId]) -> Iterator[str]:
    """Yield the address of an emulator in this process, which has the existing groups."""
    from reconciler.emulator import EmulatorError, EmulatorServer

    state = root / STATE
    state.parent.mkdir(parents=True, exist_ok=True)
    dns = os.environ.get(ENVIRONMENT)
    try:
        with EmulatorServer(state=state, check_links=True, dns=dns) as server:
            for group in existing:
                _ensure(server.url, group)
            yield server.url
    except EmulatorError as error:
        raise UnavailableError(str(error)) from error


def _ensure(url: str, group: ResourceId) -> None:
    """Create a resource group that the specs say is there, as its owner would have done.

    It goes over the wire like any client's request: the emulator has no other door.
    """
    headers = {"Authorization": "Bearer emulator", "Content-Type": "application/json"}
    path = f"{group.text}?api-version={KINDS['ResourceGroup'].api_version}"
    wire = HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        wire.request("GET", path, headers=headers)
        answer = wire.getresponse()
        answer.read()
        if answer.status == HTTPStatus.NOT_FOUND:
            wire.request("PUT", path, body=b'{"location": "westeurope"}', headers=headers)
            wire.getresponse().read()
    finally:
        wire.close()
