"""Finds the zone of a name and its servers, from the top down.

Resolvers are asked for the servers of the top-level domain and for addresses only. From there on
the zones' own servers are asked, so that no resolver comes to remember that a record is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import dns.flags
import dns.message

from reconciler.dns.answers import glue, referral
from reconciler.dns.servers import Server
from reconciler.dns.wire import NoAnswerError

ASKED_ABOVE = 3
"""How many servers of a zone above are tried."""

MOST_SERVERS = 8
"""How many servers of the zone itself are asked."""

REGISTRY_LABELS = frozenset(
    {"ac", "co", "com", "edu", "gob", "gov", "gv", "ltd", "net", "or", "org"}
)
"""Names such as ``co`` in ``co.uk``: below them, as below a top-level domain, names are bought."""

Ask: TypeAlias = Callable[[Server, str, str], dns.message.Message]
"""Asks one server without recursion."""

Resolve: TypeAlias = Callable[[str, str], tuple[str, ...]]
"""Asks a resolver for a name and type; empty for none."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A zone and who answers for it."""

    zone: str = ""
    servers: tuple[Server, ...] = ()
    delegated: tuple[str, ...] = ()
    """Their names, as the zone above has them."""
    no_zone: bool = False
    """Whether it is certain that there is none; ``zone`` is then the one that is missing."""
    error: str = ""


class Finder:
    """Walks down to the zone of a name."""

    def __init__(self, ask: Ask, resolve: Resolve, port_of: Callable[[str], int]) -> None:
        """Ask through these.

        Args:
            ask: asks one server without recursion.
            resolve: asks a resolver.
            port_of: the port at which the server at an address is asked.

        """
        self._ask = ask
        self._resolve = resolve
        self._port_of = port_of

    def find(self, name: str) -> Cut:
        """Return the zone of a name.

        Raises:
            NoAnswerError: no resolver answered, or the name cannot be.

        """
        labels = start_of(name).split(".")
        top = labels[-1]
        names = self._resolve(top, "NS")
        cut = Cut(top, self.servers(names), names)
        for count in range(2, len(labels) + 1):
            suffix = ".".join(labels[-count:])
            below = self._below(cut, suffix)
            if below is None:
                return self._by_resolver(labels)
            if below.no_zone:
                return below if _is_registry(cut.zone) else cut
            cut = below
        if _is_registry(cut.zone):
            return self._by_resolver(labels)
        return self._completed(cut)

    def servers(
        self,
        names: Iterable[str],
        message: dns.message.Message | None = None,
        *,
        delegated: bool = True,
    ) -> tuple[Server, ...]:
        """Return servers with their addresses: those that came along, or those looked up."""
        found: list[Server] = []
        for name in [*names][:MOST_SERVERS]:
            address = glue(message, name) if message is not None else ""
            if not address:
                address = self.address_of(name)
            if address:
                found.append(Server(address, self._port_of(address), name, delegated))
        return tuple(found)

    def address_of(self, name: str) -> str:
        """Return an address of a server, empty if there is none or nobody knows."""
        try:
            addresses = self._resolve(name, "A") or self._resolve(name, "AAAA")
        except NoAnswerError:
            return ""
        return addresses[0] if addresses else ""

    def _below(self, cut: Cut, name: str) -> Cut | None:
        """Return the zone of ``name`` as the servers of the zone above know it, None if silent."""
        message = self._first(cut.servers[:ASKED_ABOVE], name)
        if message is None:
            return None
        zone, names = referral(message)
        if zone and _is_within(name, zone) and _is_within(zone, cut.zone) and zone != cut.zone:
            return Cut(zone, self.servers(names, message), names)
        if not message.flags & dns.flags.AA:
            return None
        if message.rcode() == 3:
            return Cut(name, no_zone=True)
        return cut

    def _first(self, servers: Sequence[Server], name: str) -> dns.message.Message | None:
        """Return the first answer that says something about a name's servers."""
        for server in servers:
            try:
                message = self._ask(server, name, "NS")
            except NoAnswerError:
                continue
            if message.rcode() in (0, 3):
                return message
        return None

    def _completed(self, cut: Cut) -> Cut:
        """Add the servers that only the zone itself names."""
        message = self._first(cut.servers[:ASKED_ABOVE], cut.zone)
        if message is None or not message.flags & dns.flags.AA:
            return cut
        zone, names = referral(message)
        others = [name for name in names if zone == cut.zone and name not in cut.delegated]
        more = self.servers(others, message, delegated=False)
        known = {server.host for server in cut.servers}
        return replace(cut, servers=cut.servers + tuple(s for s in more if s.host not in known))

    def _by_resolver(self, labels: Sequence[str]) -> Cut:
        """Return the zone as a resolver knows it, where the zones above do not answer us."""
        for start in range(len(labels)):
            zone = ".".join(labels[start:])
            names = self._resolve(zone, "NS")
            if names and not _is_registry(zone):
                return Cut(zone, self.servers(names), names)
        whole = ".".join(labels)
        return Cut(whole, no_zone=True)


def start_of(name: str) -> str:
    """Return the part of a record's name that may be a zone: without ``selector._domainkey``."""
    labels = name.split(".")
    last = max((i for i, label in enumerate(labels) if label.startswith("_")), default=-1)
    return ".".join(labels[last + 1 :])


def _is_registry(zone: str) -> bool:
    """Whether names directly below a zone are bought and sold, as far as that can be seen."""
    labels = zone.split(".")
    if len(labels) == 2:
        return len(labels[1]) == 2 and labels[0] in REGISTRY_LABELS
    return len(labels) == 1


def _is_within(name: str, zone: str) -> bool:
    """Whether a name is a zone's, or below it."""
    return name == zone or name.endswith(f".{zone}")
