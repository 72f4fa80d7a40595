"""What DNS must hold for a domain to be verified, what it holds, and what to think of that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CHECKS = ("Domain", "SPF", "DKIM", "DKIM2", "DMARC")
"""What of a domain is verified, in the order in which it is shown."""

NOERROR = "NOERROR"
NXDOMAIN = "NXDOMAIN"


@dataclass(frozen=True, slots=True)
class ExpectedRecord:
    """A record that ARM asks for; its value rules, whatever anybody advises."""

    check: str
    """One of `CHECKS`."""
    type: str
    """``TXT`` or ``CNAME``, in capitals."""
    name: str
    """The whole name, in lower case and without a dot at the end."""
    value: str
    ttl: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What one server says of one name and type."""

    server: str
    """As people know it, such as ``ns1.example.net (192.0.2.53)``."""
    rcode: str = NOERROR
    """In capitals, such as ``NXDOMAIN``; empty if there was no answer."""
    values: tuple[str, ...] = ()
    """Of the type that was asked for: the strings of a TXT joined, a CNAME's target without dot."""
    chain: tuple[str, ...] = ()
    """The targets of CNAMEs that were followed on the way to another type."""
    instead: tuple[tuple[str, str], ...] = ()
    """Records of other types at this name, as type and value: addresses, or text for a CNAME."""
    ttl: int | None = None
    """Seconds that the values may still be kept."""
    negative_ttl: int | None = None
    """Seconds that it may still be kept that there is nothing."""
    zone: str = ""
    """The zone that the answer is from, where it says."""
    delegated: bool = True
    """Whether the zone above names this server; false for one that only the zone itself names, or
    that the project file says the zone is edited at."""
    error: str = ""
    """Why nothing is known, in a few words: no answer in time, refused, not its zone."""

    @property
    def is_known(self) -> bool:
        """Whether it says anything about the record."""
        return not self.error and self.rcode in (NOERROR, NXDOMAIN)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was seen for one name and type."""

    name: str
    type: str
    zone: str = ""
    """The zone that the name lies in; empty if it was not found out."""
    no_zone: bool = False
    """Whether it is certain that no such zone is delegated."""
    delegated: tuple[str, ...] = ()
    """The names of the zone's servers, as the zone above has them."""
    authoritative: tuple[Answer, ...] = ()
    resolvers: tuple[Answer, ...] = ()
    """Empty until the zone's servers have the record: to ask earlier would make them remember
    that there is none."""
    twice: Answer | None = None
    """What is at the name with the zone's name behind it once more, if that was looked at."""
    twice_name: str = ""
    error: str = ""
    """Why nothing could be asked at all."""


class DnsState(StrEnum):
    """What is wrong with a record, or that nothing is."""

    READY = "ready"
    MISSING = "missing"
    NAME_TWICE = "name twice"
    """It stands at ``x.example.com.example.com``."""
    WRONG_VALUE = "wrong value"
    TWO_SPF = "two SPF records"
    SPF_NOT_MERGED = "SPF not merged"
    """There is an SPF record, of somebody else; what is missing in it is what ARM wants."""
    FLATTENED = "flattened"
    """A CNAME is wanted, and addresses are answered: flattened, or behind a proxy."""
    WRONG_TYPE = "wrong type"
    """The value is there as a record of another type."""
    ALIAS = "alias"
    """The name is a CNAME to elsewhere, so that it can hold nothing else."""
    QUOTES = "quotes"
    """The value holds the quotes that were meant to enclose it, or was split into two records."""
    OTHER_SERVERS = "other servers"
    """The zone is delegated to other servers than those that have it, or its servers disagree."""
    NEGATIVE_CACHED = "negative cached"
    """It is there, and a resolver still remembers that it was not."""
    STALE = "stale"
    """It is there, and a resolver still has the value of before."""
    NO_ZONE = "no zone"
    NOT_SERVED = "not served"
    """The servers that the zone is delegated to refuse to answer for it."""
    SERVER_FAILURE = "server failure"
    UNREACHABLE = "unreachable"
    """Nobody answered, so nothing is known about the record."""
    NO_RECORD = "no record"
    """ARM has this check, and asks for no record."""


UNKNOWN: frozenset[DnsState] = frozenset({DnsState.UNREACHABLE, DnsState.SERVER_FAILURE})
"""States that say nothing about the record itself."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to think of one record."""

    check: str
    state: DnsState
    sentence: str
    """What was found, in words."""
    mend: str
    """What to do; empty only where all is well."""
    ready: bool
    """Whether asking Azure to verify it makes sense now."""
    again_after: int | None = None
    """In how many seconds it is worth looking again; None where nothing changes by itself."""


MOST_BYTES = 255
"""What one string of a TXT record holds (https://www.rfc-editor.org/rfc/rfc1035#section-3.3)."""


def pieces(text: str) -> tuple[str, ...]:
    """Return a text in strings that a TXT record can hold; no character is torn apart."""
    found: list[str] = []
    piece, size = "", 0
    for character in text:
        width = len(character.encode("utf-8", "surrogatepass"))
        if size + width > MOST_BYTES:
            found.append(piece)
            piece, size = "", 0
        piece, size = piece + character, size + width
    return (*found, piece)
