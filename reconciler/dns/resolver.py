"""Looks records up where they are decided, then where the world sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TypeVar

import dns.exception
import dns.message
import dns.name
import dns.resolver

from reconciler.core.mail.judge import may_ask_resolvers
from reconciler.core.mail.spf import is_spf
from reconciler.dns import answers
from reconciler.dns.once import Once
from reconciler.dns.servers import PORT, DnsSettings, Server
from reconciler.dns.wire import NoAnswerError, ask
from reconciler.dns.zones import Cut, Finder
from reconciler.model.dns import NOERROR, Answer, Evidence, ExpectedRecord

MOST_RESOLVERS = 3
MOST_ALIASES = 4
"""How many CNAMEs are followed from zone to zone."""

WORKERS = 8

T = TypeVar("T")
S = TypeVar("S")


class DnsResolver:
    """Implements `reconciler.engine.ports.Resolver`."""

    def __init__(self, settings: DnsSettings) -> None:
        """Ask whom the settings name."""
        self._settings = settings
        self._resolvers = (settings.resolvers or _of_the_system())[:MOST_RESOLVERS]
        self._once = Once()
        self._finder = Finder(self._ask_authority, self._resolve, self._port_of)

    def forget(self) -> None:
        """Forget what was seen, so that the next look is a new one."""
        self._once.clear()

    def evidence(self, expected: ExpectedRecord) -> Evidence:
        """Return what DNS says of a record; never raises for what DNS answers."""
        return self._once(("evidence", expected), partial(self._evidence, expected))

    def published_spf(self, domain: str) -> tuple[tuple[str, ...], str]:
        """Return the SPF records of a name as its zone has them, and why nothing is known."""
        return self._once(("spf", domain), partial(self._published_spf, domain))

    def spf_of(self, domain: str) -> str | None:
        """Return the SPF record of an included name as resolvers see it, None if not one."""
        try:
            found = self._resolve(domain, "TXT")
        except NoAnswerError:
            return None
        records = [text for text in found if is_spf(text)]
        return records[0] if len(records) == 1 else None

    def zone_of(self, name: str) -> str:
        """Return the zone of a name, empty if it was not found out."""
        try:
            cut = self._cut(name)
        except NoAnswerError:
            return ""
        return "" if cut.no_zone else cut.zone

    def _evidence(self, expected: ExpectedRecord) -> Evidence:
        """Ask the zone's servers, then resolvers if that can do no harm."""
        seen = Evidence(expected.name, expected.type)
        if not self._resolvers:
            return replace(seen, error="this system names no resolver")
        try:
            cut = self._cut(expected.name)
        except NoAnswerError as error:
            silent = [Answer(server.label, "", error=str(error)) for server in self._resolvers]
            return replace(seen, error=str(error), resolvers=tuple(silent))
        if cut.no_zone:
            return replace(seen, zone=cut.zone, no_zone=True)
        servers = (*cut.servers, *self._edited_at(cut))
        authoritative = self._of_all(servers, expected.name, expected.type)
        seen = replace(seen, zone=cut.zone, delegated=cut.delegated, authoritative=authoritative)
        if may_ask_resolvers(expected, authoritative):
            asked = partial(self._by_resolver, name=expected.name, kind=expected.type)
            return replace(seen, resolvers=tuple(_side_by_side(asked, self._resolvers)))
        name = f"{expected.name}.{cut.zone}"
        twice = partial(self._by_authority, name=name, kind=expected.type)
        alive = [s for s, a in zip(servers, authoritative, strict=True) if a.is_known]
        found = [a for a in map(twice, alive[:1]) if a.is_known]
        return replace(seen, twice=found[0] if found else None, twice_name=name)

    def _of_all(self, servers: Sequence[Server], name: str, kind: str) -> tuple[Answer, ...]:
        """Ask all servers of a zone, and follow CNAMEs that lead to other zones."""
        found = _side_by_side(partial(self._by_authority, name=name, kind=kind), servers)
        followed = partial(self._followed, kind=kind, left=MOST_ALIASES)
        return tuple(followed(answer) for answer in found)

    def _followed(self, answer: Answer, kind: str, left: int) -> Answer:
        """Return an answer with the values that its CNAME leads to."""
        if not answer.chain or answer.values or not left:
            return answer
        target = answer.chain[-1]
        try:
            servers = self._cut(target).servers
        except NoAnswerError:
            return answer
        for server in servers:
            there = self._by_authority(server, target, kind)
            if there.is_known and (there.values or there.chain):
                there = self._followed(there, kind, left - 1)
                return replace(answer, values=there.values, chain=answer.chain + there.chain)
        return answer

    def _by_authority(self, server: Server, name: str, kind: str) -> Answer:
        """Return what a server of the zone says, and what is there instead of a CNAME."""
        asked = partial(self._ask_authority, server)
        return self._answer(server, name, kind, asked, authority=True)

    def _by_resolver(self, server: Server, name: str, kind: str) -> Answer:
        """Return what a resolver says."""
        asked = partial(self._ask_resolver, server)
        return self._answer(server, name, kind, asked, authority=False)

    def _answer(
        self,
        server: Server,
        name: str,
        kind: str,
        asked: Callable[[str, str], dns.message.Message],
        *,
        authority: bool,
    ) -> Answer:
        """Ask, and ask for other types where a CNAME is missing."""
        try:
            message = asked(name, kind)
            answer = answers.read(message, server, name, kind, authority=authority)
            if kind != "CNAME" or answer.values or answer.rcode != NOERROR:
                return answer
            instead: list[tuple[str, str]] = []
            for other in ("A", "AAAA", "TXT"):
                found = answers.read(asked(name, other), server, name, other, authority=authority)
                instead.extend((other, value) for value in found.values)
            return replace(answer, instead=tuple(instead))
        except NoAnswerError as error:
            return Answer(server.label, "", delegated=server.delegated, error=str(error))

    def _cut(self, name: str) -> Cut:
        """Return the zone of a name."""
        return self._once(("cut", name), partial(self._finder.find, name))

    def _edited_at(self, cut: Cut) -> tuple[Server, ...]:
        """Return the servers that the project file names, unless they are delegated to anyway."""
        found: list[Server] = []
        hosts = {server.host for server in cut.servers}
        for server in self._settings.edited_at:
            other = replace(server, delegated=False)
            if not server.is_address:
                address = self._finder.address_of(server.host)
                port = self._port_of(address) if server.port == PORT else server.port
                other = replace(other, port=port).at(address)
            if other.host and other.host not in hosts:
                found.append(other)
        return tuple(found)

    def _published_spf(self, domain: str) -> tuple[tuple[str, ...], str]:
        """Ask the zone's servers, and resolvers if those do not answer."""
        found: tuple[Answer, ...] = ()
        why = "no server answered"
        try:
            cut = self._cut(domain)
            if cut.no_zone:
                return (), f"there is no zone {cut.zone}"
            found = self._of_all(cut.servers, domain, "TXT")
        except NoAnswerError as error:
            return (), str(error)
        known = [answer for answer in found if answer.is_known]
        if not known:
            asked = partial(self._by_resolver, name=domain, kind="TXT")
            known = [a for a in _side_by_side(asked, self._resolvers) if a.is_known]
        if not known:
            return (), why
        return tuple(text for text in known[0].values if is_spf(text)), ""

    def _resolve(self, name: str, kind: str) -> tuple[str, ...]:
        """Return what the first resolver that answers has; empty for nothing.

        Raises:
            NoAnswerError: none answered, or the answer is that it could not find out.

        """
        return self._once((name, kind), partial(self._resolved, name, kind))

    def _resolved(self, name: str, kind: str) -> tuple[str, ...]:
        """Ask one resolver after the other."""
        why = "this system names no resolver"
        for server in self._resolvers:
            try:
                message = self._ask_resolver(server, name, kind)
            except NoAnswerError as error:
                why = str(error)
                continue
            answer = answers.read(message, server, name, kind, authority=False)
            if answer.is_known:
                return answer.values
            why = f"{server.label} answered {answer.rcode}"
        raise NoAnswerError(why)

    def _ask_authority(self, server: Server, name: str, kind: str) -> dns.message.Message:
        """Ask a server for what it has itself."""
        timeout = self._settings.timeout
        return self._once(
            (server, name, kind),
            partial(ask, server, name, kind, recursive=False, timeout=timeout),
        )

    def _ask_resolver(self, server: Server, name: str, kind: str) -> dns.message.Message:
        """Ask a server to find something out."""
        return ask(server, name, kind, recursive=True, timeout=self._settings.timeout)

    def _port_of(self, address: str) -> int:
        """Return the port of a zone's server: that of the test server, if both are here."""
        (first, *_) = self._resolvers
        return first.port if first.is_local and Server(address).is_local else PORT


def _side_by_side(work: Callable[[S], T], things: Sequence[S]) -> list[T]:
    """Do the same for several things at once, and return the results in their order."""
    if len(things) < 2:
        return [work(thing) for thing in things]
    with ThreadPoolExecutor(min(WORKERS, len(things)), thread_name_prefix="dns") as pool:
        return list(pool.map(work, things))


def _of_the_system() -> tuple[Server, ...]:
    """Return the resolvers that this machine uses."""
    try:
        configured = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return ()
    named = [str(server) for server in configured.nameservers]
    return tuple(Server(text) for text in named if Server(text).is_address)
