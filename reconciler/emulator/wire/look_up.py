"""Asks a DNS server for the records of a domain, as Azure does when it verifies one.

This is the only module of the emulator that uses a library: speaking DNS is not what it watches.
It shares nothing with `reconciler.dns`, so that each can catch the other out.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reconciler.emulator.wire.invented import invented

SECONDS = 2.0
"""How long a look-up may take in all."""

NOT_FOUND = "RecordNotFound"
MISMATCH = "RecordMismatch"
FAILED = "LookupFailed"


class DnsServer(NamedTuple):
    """A resolver that is asked."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return ``HOST:PORT``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record that must be there."""

    type: str
    name: str
    value: str
    """Empty for DMARC, of which Azure asks for no value (recorded)."""


def parse_server(text: str) -> DnsServer:
    """Return the server that ``ADDRESS`` or ``ADDRESS:PORT`` names; ``[ADDRESS]:PORT`` for IPv6.

    Raises:
        ValueError: the text names none; says what to write.

    """
    match = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\]:(\d{1,5})|([^:]+):(\d{1,5})", text)
    host, port = (match[1] or match[3], match[2] or match[4]) if match else (text, "53")
    try:
        if 0 < int(port) < 65536:
            return DnsServer(str(ipaddress.ip_address(host)), int(port))
    except ValueError:
        pass
    message = f"dns={text!r} names no server; write ADDRESS:PORT, such as 127.0.0.1:5353"
    raise ValueError(message)


@invented(
    "verification-rules",
    "Verified are: `Domain` by a TXT record with exactly its value; `SPF` by the only SPF record "
    "of the name, if it has every mechanism of the value before its `all`, whatever that is "
    "(Azure's troubleshooting page wants `-all`); `DKIM` and `DKIM2` by a CNAME to the value, "
    "ignoring case; `DMARC` by a TXT record `v=DMARC1` at `_dmarc`.",
)
@invented(
    "verification-errors",
    "A failed verification has the `errorCode` `RecordNotFound`, `RecordMismatch` (there is one, "
    "with another value) or `LookupFailed` (the server does not answer, or refuses).",
)
def error_code(server: DnsServer, wanted: Wanted) -> str:
    """Return why a record is not as wanted, empty if it is.

    https://learn.microsoft.com/azure/communication-services/concepts/email/email-domain-configuration-troubleshooting
    """
    found = _found(server, wanted.name, wanted.type)
    if found is None:
        return FAILED
    if wanted.type == "CNAME":
        return _code(found, fit=wanted.value.lower() in [text.lower() for text in found])
    if not wanted.value:
        return _code([text for text in found if text.startswith("v=DMARC1")])
    if wanted.value.startswith("v=spf1 "):
        return _spf_code([text for text in found if f"{text} ".startswith("v=spf1 ")], wanted.value)
    label = wanted.value.partition("=")[0]
    return _code([t for t in found if t.startswith(f"{label}=")], fit=wanted.value in found)


def _code(found: Sequence[str], *, fit: bool = True) -> str:
    if not found:
        return NOT_FOUND
    return "" if fit else MISMATCH


def _spf_code(found: Sequence[str], value: str) -> str:
    listed = [_before_all(text) for text in found]
    return _code(found, fit=len(listed) == 1 and set(_before_all(value)) <= set(listed[0]))


def _before_all(text: str) -> list[str]:
    """Return the words of an SPF record up to its ``all``."""
    words = text.lower().split()
    ends = [place for place, word in enumerate(words) if word.lstrip("+-~?") == "all"]
    return words[: ends[0]] if ends else words


def _found(server: DnsServer, name: str, kind: str) -> list[str] | None:
    """Return the values of a name and type; None when nobody says."""
    import dns.exception
    import dns.resolver
    from dns.rdtypes.ANY.TXT import TXT

    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [server.host], server.port
    try:
        answer = resolver.resolve(
            f"{name}.", kind, lifetime=SECONDS, search=False, raise_on_no_answer=False
        )
    except dns.resolver.NXDOMAIN:
        return []
    except dns.exception.DNSException:
        return None
    if answer.rrset is None:
        return []
    return [
        b"".join(rdata.strings).decode("utf-8", "backslashreplace")
        if isinstance(rdata, TXT)
        else rdata.to_text().rstrip(".")
        for rdata in answer.rrset
    ]
