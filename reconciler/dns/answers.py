"""From a message to what it says about one name and type."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.ANY.TXT import TXT

from reconciler.dns.servers import Server
from reconciler.model.dns import Answer

NOT_ITS_ZONE = "NOTAUTH"
"""The rcode for a server that answers without being an authority, which is a referral at best."""

LONGEST_CHAIN = 8


def read(
    message: dns.message.Message, server: Server, name: str, kind: str, *, authority: bool
) -> Answer:
    """Return what a message says.

    Args:
        message: the answer of a server.
        server: whose it is.
        name: what was asked for.
        kind: its type.
        authority: whether only an answer of the zone's own counts.

    """
    rcode = dns.rcode.to_text(message.rcode())
    empty = Answer(server.label, rcode, delegated=server.delegated)
    if rcode not in ("NOERROR", "NXDOMAIN"):
        return empty
    if authority and not message.flags & dns.flags.AA:
        return Answer(server.label, NOT_ITS_ZONE, delegated=server.delegated)
    owner, chain = _followed(message, dns.name.from_text(name), kind)
    found = _rrset(message.answer, owner, dns.rdatatype.from_text(kind))
    ttl, zone = _negative(message)
    return Answer(
        server.label,
        rcode,
        values=tuple(text_of(rdata) for rdata in found or ()),
        chain=chain,
        ttl=found.ttl if found else _chain_ttl(message),
        negative_ttl=None if found else ttl,
        zone=zone,
        delegated=server.delegated,
    )


def text_of(rdata: dns.rdata.Rdata) -> str:
    """Return a value as text: strings joined, names in lower case without a dot at the end."""
    if isinstance(rdata, TXT):
        return b"".join(rdata.strings).decode("utf-8", "backslashreplace")
    if isinstance(rdata, CNAME | NS):
        return plain(rdata.target)
    return rdata.to_text()


def plain(name: dns.name.Name) -> str:
    """Return a name in lower case without a dot at the end."""
    return name.to_text(omit_final_dot=True).lower()


def referral(message: dns.message.Message) -> tuple[str, tuple[str, ...]]:
    """Return the zone that an answer refers to, and the names of its servers; empty for none."""
    for section in (message.authority, message.answer):
        for rrset in section:
            if rrset.rdtype == dns.rdatatype.NS:
                return plain(rrset.name), tuple(sorted(text_of(rdata) for rdata in rrset))
    return "", ()


def glue(message: dns.message.Message, name: str) -> str:
    """Return an address that came along with a referral, empty for none."""
    owner = dns.name.from_text(name)
    for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
        found = _rrset(message.additional, owner, kind)
        if found:
            return str(found[0].to_text())
    return ""


def _followed(
    message: dns.message.Message, owner: dns.name.Name, kind: str
) -> tuple[dns.name.Name, tuple[str, ...]]:
    """Follow the CNAMEs of an answer, unless they are what was asked for."""
    chain: list[str] = []
    while kind != "CNAME" and len(chain) < LONGEST_CHAIN:
        alias = _rrset(message.answer, owner, dns.rdatatype.CNAME)
        if not alias:
            break
        owner = alias[0].target
        chain.append(plain(owner))
    return owner, tuple(chain)


def _rrset(
    section: list[dns.rrset.RRset], owner: dns.name.Name, kind: dns.rdatatype.RdataType
) -> dns.rrset.RRset | None:
    """Return the records of a name and type."""
    return next((r for r in section if r.name == owner and r.rdtype == kind), None)


def _chain_ttl(message: dns.message.Message) -> int | None:
    """Return how long the CNAMEs of an answer may be kept."""
    return min((rrset.ttl for rrset in message.answer), default=None)


def _negative(message: dns.message.Message) -> tuple[int | None, str]:
    """Return how long an absence may be kept, and the zone that says so (RFC 2308)."""
    for rrset in message.authority:
        if rrset.rdtype == dns.rdatatype.SOA:
            return min(rrset.ttl, rrset[0].minimum), plain(rrset.name)
    return None, ""
