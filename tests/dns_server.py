"""A DNS server on this machine: authoritative and recursive, changeable while it runs, faulty.

One port, several addresses of the loopback network, each with zones of its own, as if they were
different servers. A question with RD set is answered as a resolver would, from all zones, following
the delegation; one without is answered as an authority.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

HOST = "127.0.0.1"
OTHER = "127.0.0.2"
THIRD = "127.0.0.3"
SOA = "ns.nic.test. hostmaster.nic.test. 1 7200 900 1209600 600"
NEGATIVE_TTL = 600


@dataclass
class Zone:
    """The records of one zone, by name and type."""

    apex: str
    records: dict[tuple[str, str], list[tuple[int, str]]] = field(default_factory=dict)
    cuts: set[str] = field(default_factory=set)
    """Names below which other servers answer."""

    def put(self, name: str, kind: str, *values: str, ttl: int = 3600) -> None:
        """Set all records of a name and type."""
        self.records[name, kind] = [(ttl, value) for value in values]

    def drop(self, name: str, kind: str) -> None:
        """Remove all records of a name and type."""
        self.records.pop((name, kind), None)

    def has(self, name: str) -> bool:
        """Whether there is such a name, or one below it."""
        return any(n == name or n.endswith(f".{name}") for n, _ in self.records)


@dataclass(frozen=True)
class Fault:
    """What goes wrong for questions that fit; ``*`` fits all."""

    what: str
    """An rcode, ``timeout``, ``truncate`` or ``lame``."""
    name: str = "*"
    kind: str = "*"
    host: str = "*"
    recursive: bool | None = None

    def fits(self, host: str, name: str, kind: str, *, recursive: bool) -> bool:
        """Whether it strikes."""
        return (
            self.name in ("*", name)
            and self.kind in ("*", kind)
            and self.host in ("*", host)
            and self.recursive in (None, recursive)
        )


class DnsServer:
    """Serves zones at 127.0.0.1 and its neighbours, on one free port."""

    def __init__(self, *hosts: str) -> None:
        """Begin with the zone ``test`` at 127.0.0.1 and its neighbours empty."""
        self.zones: dict[str, dict[str, Zone]] = {host: {} for host in (HOST, *hosts)}
        self.faults: list[Fault] = []
        self.remembered: dict[tuple[str, str], tuple[str, ...]] = {}
        """What its recursive side has kept, by name and type; nothing stands for NXDOMAIN."""
        self.asked: list[tuple[str, str, str, bool, bool]] = []
        """Host, name, type, whether recursive, whether over TCP."""
        self.lock = threading.Lock()
        self.port = 0
        self._servers: list[socketserver.BaseServer] = []
        self.zone("test").put("nic.test", "A", HOST)
        self.zone("test").put("test", "NS", "ns.nic.test.")
        self.zone("test").put("ns.nic.test", "A", HOST)

    def zone(self, apex: str, host: str = HOST, *, delegated: bool = True) -> Zone:
        """Return a zone at a server; make it and its delegation if it is not there."""
        if apex not in self.zones[host]:
            zone = self.zones[host][apex] = Zone(apex)
            if apex != "test":
                number = host.rpartition(".")[2]
                server = f"ns{number}.{apex}"
                zone.put(apex, "NS", f"{server}.")
                zone.put(server, "A", host)
                if delegated:
                    self.delegate(apex, server, host)
        return self.zones[host][apex]

    def delegate(self, apex: str, server: str, host: str) -> None:
        """Let the zone above name a server for a zone."""
        above = self._above(apex)
        above.cuts.add(apex)
        above.put(apex, "NS", f"{server}.")
        above.put(server, "A", host)

    def _above(self, apex: str) -> Zone:
        parents = [
            z for h in self.zones.values() for z in h.values() if apex.endswith(f".{z.apex}")
        ]
        return max(parents, key=lambda zone: len(zone.apex))

    @property
    def address(self) -> str:
        """``127.0.0.1:PORT``."""
        return f"{HOST}:{self.port}"

    def start(self) -> None:
        """Open the sockets."""
        self.port = _free_port(tuple(self.zones))
        for host in self.zones:
            self._servers.append(_Udp(self, host))
            self._servers.append(_Tcp(self, host))
        for server in self._servers:
            threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
            ).start()

    def stop(self) -> None:
        """Close everything."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def answer(self, data: bytes, host: str, *, tcp: bool) -> bytes | None:
        """Return the answer to a question, None for silence."""
        query = dns.message.from_wire(data)
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        recursive = bool(query.flags & dns.flags.RD)
        with self.lock:
            self.asked.append((host, name, kind, recursive, tcp))
            faults = [f for f in self.faults if f.fits(host, name, kind, recursive=recursive)]
            response = dns.message.make_response(query, recursion_available=recursive)
            what = faults[0].what if faults else ""
            if what == "timeout":
                return None
            if what == "truncate" and not tcp:
                response.flags |= dns.flags.TC
            elif what == "lame":
                response.flags &= ~dns.flags.AA
            elif what and what != "truncate":
                response.set_rcode(dns.rcode.from_text(what))
            elif recursive:
                self._recurse(response, name, kind)
            else:
                self._authority(response, host, name, kind)
        return response.to_wire(max_size=65535)

    def _authority(self, response: dns.message.Message, host: str, name: str, kind: str) -> None:
        """Answer for the zones of one host."""
        fitting = [z for z in self.zones[host].values() if _within(name, z.apex)]
        if not fitting:
            response.set_rcode(dns.rcode.REFUSED)
            return
        zone = max(fitting, key=lambda z: len(z.apex))
        cut = next((c for c in zone.cuts if _within(name, c)), None)
        if cut is not None:
            response.authority.append(_rrset(cut, "NS", zone.records[cut, "NS"]))
            for _, target in zone.records[cut, "NS"]:
                address = target.rstrip(".")
                if (address, "A") in zone.records:
                    response.additional.append(_rrset(address, "A", zone.records[address, "A"]))
            return
        response.flags |= dns.flags.AA
        self._fill(response, zone, name, kind)

    def _fill(self, response: dns.message.Message, zone: Zone, name: str, kind: str) -> None:
        """Add what a zone has, following its own CNAMEs."""
        for _ in range(8):
            found = zone.records.get((name, kind))
            if found:
                response.answer.append(_rrset(name, kind, found))
                return
            alias = zone.records.get((name, "CNAME"))
            if not alias or kind == "CNAME":
                break
            response.answer.append(_rrset(name, "CNAME", alias))
            name = alias[0][1].rstrip(".")
            if not _within(name, zone.apex):
                return
        if not zone.has(name) and not response.answer:
            response.set_rcode(dns.rcode.NXDOMAIN)
        response.authority.append(_rrset(zone.apex, "SOA", [(NEGATIVE_TTL, SOA)]))

    def _recurse(self, response: dns.message.Message, name: str, kind: str) -> None:
        """Answer as a resolver: from what is remembered, else from the delegated servers."""
        kept = self.remembered.get((name, kind))
        if kept is not None:
            if kept:
                response.answer.append(_rrset(name, kind, [(1500, value) for value in kept]))
            else:
                response.set_rcode(dns.rcode.NXDOMAIN)
                response.authority.append(
                    _rrset("test", "SOA", [(1800, SOA.replace(" 600", " 900"))])
                )
            return
        for _ in range(8):
            zone = self._delegated(name)
            if zone is None:
                broken = _within(name, "test")
                response.set_rcode(dns.rcode.SERVFAIL if broken else dns.rcode.NXDOMAIN)
                return
            self._fill(response, zone, name, kind)
            last = response.answer[-1] if response.answer else None
            if last is None or last.rdtype != dns.rdatatype.CNAME or kind == "CNAME":
                return
            name = last[0].to_text().rstrip(".")

    def _delegated(self, name: str) -> Zone | None:
        """Return the zone that a resolver ends up at."""
        host = HOST
        zone = next(
            (z for z in self.zones[HOST].values() if "." not in z.apex and _within(name, z.apex)),
            None,
        )
        while zone is not None:
            cut = next((c for c in zone.cuts if _within(name, c)), None)
            if cut is None:
                return zone
            server = zone.records[cut, "NS"][0][1].rstrip(".")
            host = zone.records[server, "A"][0][1]
            zone = self.zones.get(host, {}).get(cut)
        return None


@contextlib.contextmanager
def serving(*hosts: str) -> Iterator[DnsServer]:
    """Run a server; its address is ``server.address``."""
    server = DnsServer(*hosts)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def quoted(text: str) -> str:
    """Return a TXT value as zone files write it, in strings of at most 255 characters."""
    pieces = [text[i : i + 255] for i in range(0, max(len(text), 1), 255)]
    return " ".join('"' + p.replace("\\", "\\\\").replace('"', '\\"') + '"' for p in pieces)


def _rrset(name: str, kind: str, records: list[tuple[int, str]]) -> dns.rrset.RRset:
    return dns.rrset.from_text_list(f"{name}.", records[0][0], "IN", kind, [v for _, v in records])


def _within(name: str, zone: str) -> bool:
    return name == zone or name.endswith(f".{zone}")


def _free_port(hosts: tuple[str, ...]) -> int:
    """Return a port that is free for UDP and TCP at all hosts."""
    for _ in range(50):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            port = 0
            for host in hosts:
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    probe = stack.enter_context(socket.socket(socket.AF_INET, kind))
                    probe.bind((host, port))
                    port = int(probe.getsockname()[1])
            return port
    message = "no port is free"
    raise OSError(message)


class _UdpHandler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, wire = self.request
        server: _Udp = self.server  # type: ignore[assignment]
        answer = server.dns.answer(data, server.host, tcp=False)
        if answer is not None:
            wire.sendto(answer, self.client_address)


class _TcpHandler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: _Tcp = self.server  # type: ignore[assignment]
        head = self.rfile.read(2)
        if len(head) < 2:
            return
        answer = server.dns.answer(
            self.rfile.read(struct.unpack("!H", head)[0]), server.host, tcp=True
        )
        if answer is not None:
            self.wfile.write(struct.pack("!H", len(answer)) + answer)


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True

    def __init__(self, dns_server: DnsServer, host: str) -> None:
        self.dns, self.host = dns_server, host
        super().__init__((host, dns_server.port), _UdpHandler)


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, dns_server: DnsServer, host: str) -> None:
        self.dns, self.host = dns_server, host
        super().__init__((host, dns_server.port), _TcpHandler)
