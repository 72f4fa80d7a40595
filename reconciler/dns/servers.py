"""Which servers are asked: names, addresses and ports."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciler.model.errors import UsageError

PORT = 53
AUTO = "auto"
ENVIRONMENT = "RECONCILER_DNS"
"""The variable that names a test server, which then is all of DNS."""


@dataclass(frozen=True, slots=True)
class Server:
    """One server that can be asked."""

    host: str
    """An address, or a name that is still to be looked up."""
    port: int = PORT
    name: str = ""
    """The name that it was found under; empty for what was given by address."""
    delegated: bool = True
    """Whether the zone above names it."""

    @property
    def label(self) -> str:
        """How it is called before people."""
        if self.name:
            return f"{self.name} ({self.host})"
        host = f"[{self.host}]" if ":" in self.host and self.port != PORT else self.host
        return host if self.port == PORT else f"{host}:{self.port}"

    @property
    def is_address(self) -> bool:
        """Whether its host is an address."""
        return _address(self.host) is not None

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        address = _address(self.host)
        return address is not None and address.is_loopback

    def at(self, address: str) -> Server:
        """Return it with its address found."""
        return replace(self, host=address, name=self.host)


@dataclass(frozen=True, slots=True)
class DnsSettings:
    """Who is asked, and for how long."""

    resolvers: tuple[Server, ...] = ()
    """Empty for those of the system."""
    edited_at: tuple[Server, ...] = ()
    """Servers that the zones are edited at, asked besides those that they are delegated to."""
    timeout: float = 2.0
    """Seconds that one try may take."""


def dns_settings(
    resolvers: Sequence[str] = (), authoritative: Sequence[str] = (), test_server: str = ""
) -> DnsSettings:
    """Return settings from texts such as ``192.0.2.53`` and ``[::1]:5353``.

    Args:
        resolvers: of the project file.
        authoritative: of the project file; empty for ``auto``.
        test_server: of the environment; it stands for all others.

    Raises:
        UsageError: a text names no server.

    """
    edited = tuple(parse_server(text, "dns.authoritative") for text in authoritative)
    if test_server:
        server = parse_server(test_server, ENVIRONMENT)
        if not server.is_local:
            problem = f"{ENVIRONMENT}={test_server} is not on this machine"
            mend = "it is for test servers at 127.0.0.1; name others under `dns.resolvers`"
            raise UsageError(problem, mend)
        return DnsSettings((server,), edited)
    named = tuple(parse_server(text, "dns.resolvers") for text in resolvers)
    for server in named:
        if not server.is_address:
            problem = f"dns.resolvers: {server.host} is not an address"
            raise UsageError(problem, "write addresses, such as 192.0.2.53 or [2001:db8::53]:5353")
    return DnsSettings(named, edited)


def parse_server(text: str, where: str) -> Server:
    """Return the server that a text names.

    Args:
        text: a host, perhaps with a port behind a colon.
        where: for the message.

    Raises:
        UsageError: it names none.

    """
    if _address(text) is not None:
        return Server(text)
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:\[\]]+))(?::(\d{1,5}))?", text)
    host = (match[1] or match[2]).rstrip(".") if match else ""
    port = int(match[3]) if match and match[3] else PORT
    if not host or not 0 < port < 65536:
        problem = f"{where}: {text!r} names no DNS server"
        raise UsageError(problem, "write HOST or HOST:PORT, such as 192.0.2.53 or 127.0.0.1:5353")
    return Server(host, port)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address, None for any other text."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
