"""Mail domains as ARM and DNS see them, and the record sets that a zone needs for them."""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.model.dns import UNKNOWN, Evidence, ExpectedRecord, Verdict
from reconciler.model.ids import ResourceId
from reconciler.model.source import Place
from reconciler.model.value import Body


@dataclass(frozen=True, slots=True)
class MailDomain:
    """A domain that somebody manages the records of."""

    id: ResourceId
    address: str
    """How people name it: an address in the specs, or its id."""
    place: Place | None = field(default=None, compare=False)
    """Where the specs name it."""

    @property
    def name(self) -> str:
        """The domain's name in DNS."""
        return self.id.name.lower()


@dataclass(frozen=True, slots=True)
class RecordReport:
    """One check of a domain: what ARM says, and what DNS says."""

    arm_state: str
    """Such as ``NotStarted``; empty where ARM says nothing."""
    error_code: str
    """Why ARM has failed it, empty for no reason."""
    verdict: Verdict
    expected: ExpectedRecord | None = None
    """The record that ARM asks for, if it asks for one."""
    again: str = ""
    """The moment before which DNS will say the same; empty where that is not known."""
    rests_until: str = ""
    """The moment until which Azure may still see what it has failed; empty if it is over."""
    overdue_since: str = ""
    """The domain's last change, if Azure has been at it for longer than the limit; else empty."""


@dataclass(frozen=True, slots=True)
class DomainReport:
    """Everything that was found about one domain."""

    domain: MailDomain
    records: tuple[RecordReport, ...] = ()
    missing: bool = False
    """Whether Azure has no such domain (yet)."""
    unreadable: str = ""
    """Why ARM could not be read."""
    without_records: bool = False
    """Whether ARM asks for no record at all, so that DNS has nothing to do with it."""

    @property
    def is_unknown(self) -> bool:
        """Whether something about it could not be found out."""
        return bool(self.unreadable) or any(r.verdict.state in UNKNOWN for r in self.records)

    @property
    def is_ready(self) -> bool:
        """Whether all of its records are as ARM wants them."""
        settled = not self.missing and not self.unreadable
        return settled and all(record.verdict.ready for record in self.records)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a read of one domain brought."""

    domain: MailDomain
    body: Body | None = None
    """None if there is no such domain."""
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A record that ARM asks for, and what was seen at its name."""

    domain: str
    expected: ExpectedRecord
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class RecordSet:
    """All records of one name and type, as the zone shall have them."""

    name: str
    """Relative to the zone; ``@`` for the zone itself."""
    type: str
    ttl: int
    values: tuple[str, ...]
    """What ARM asks for, with SPF merged."""
    present: tuple[str, ...] = ()
    """Those of the values that are published already."""
    kept: tuple[str, ...] = ()
    """What is published besides, which stays."""
    replaced: tuple[str, ...] = ()
    """What is published and must give way: an SPF record that was merged, another CNAME."""
    checks: tuple[str, ...] = ()
    """What it is for, such as ``SPF of example.com``."""

    @property
    def whole(self) -> tuple[str, ...]:
        """All that the set shall hold, for tools that write sets and not records."""
        return (*self.values, *self.kept)

    @property
    def missing(self) -> tuple[str, ...]:
        """What is not published yet."""
        return tuple(value for value in self.values if value not in self.present)


@dataclass(frozen=True, slots=True)
class ZoneRecords:
    """What one zone needs for mail domains in it."""

    zone: str
    sets: tuple[RecordSet, ...]
    """Sorted by name, numbers in names by their size, the zone itself first."""
    notes: tuple[str, ...] = ()
    """What whoever puts it in should know."""

    def full_name(self, records: RecordSet) -> str:
        """Return the whole name of a set, without a dot at the end."""
        return self.zone if records.name == "@" else f"{records.name}.{self.zone}"


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why no record set can be given for a name."""

    subject: str
    sentence: str
    mend: str
    unknown: bool
    """Whether something could not be found out; else it is known, and wrong."""
