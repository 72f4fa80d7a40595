"""Record sets of Azure DNS that mail domains want, from what ARM asks for and what is there.

A set that is not there is created with a mark in its metadata. A set of texts that is there is
merged into, whoever made it: texts of others stay, and SPF becomes one record. An alias that is
there and bears no mark of ours is never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from reconciler.core.mail.bundle import bundle
from reconciler.core.mail.records import expected_records, plain_name, relative_name
from reconciler.core.specs.ownership import OWNER_TAG
from reconciler.kinds.dns_record_set import DNS_ALIAS_SET, DNS_TEXT_SET, DNS_ZONE, texts_of
from reconciler.kinds.kind import lookup
from reconciler.model.dns import Answer, Evidence, ExpectedRecord
from reconciler.model.ids import ResourceId
from reconciler.model.mail import Hindrance, Published, RecordSet
from reconciler.model.resource import (
    DesiredResource,
    DesiredState,
    ObservedState,
    Presence,
    Refusal,
)
from reconciler.model.value import Body, Json, as_object

SETS = {"TXT": DNS_TEXT_SET, "CNAME": DNS_ALIAS_SET}
"""The kind of a record set by the type of its records."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record that a domain wants in a zone, and the set that it belongs to."""

    domain: DesiredResource
    expected: ExpectedRecord
    zone: ResourceId

    @property
    def id(self) -> ResourceId:
        """The id of the set."""
        name = relative_name(self.expected.name, self.zone.name)
        return ResourceId(f"{self.zone.text}/{self.expected.type}/{name}")


def wanted_records(desired: DesiredState, observed: ObservedState) -> tuple[Wanted, ...]:
    """Return the records that domains want in zones, as far as Azure has said what they are."""
    return tuple(
        Wanted(domain, record, domain.dns_zone)
        for domain in desired.resources
        if domain.dns_zone is not None and domain.presence is Presence.MANAGED
        for record in _records(domain, observed)
        if record.type in SETS
    )


def places(wanted: Iterable[Wanted]) -> tuple[DesiredResource, ...]:
    """Return the zones, which must be there, and the sets, without saying what is to be in them."""
    found: dict[ResourceId, DesiredResource] = {}
    for one in wanted:
        for identifier, kind, presence in (
            (one.zone, DNS_ZONE.name, Presence.EXISTING),
            (one.id, SETS[one.expected.type].name, Presence.MANAGED),
        ):
            found.setdefault(
                identifier,
                DesiredResource(
                    id=identifier,
                    kind=kind,
                    address=f"{one.domain.address}/dns/{_tail(one, identifier)}",
                    stack=one.domain.stack,
                    presence=presence,
                    place=one.domain.place,
                    mark=one.domain.mark,
                    former_marks=one.domain.former_marks,
                ),
            )
    return tuple(found.values())


def with_sets(
    desired: DesiredState, wanted: Iterable[Wanted], observed: ObservedState
) -> DesiredState:
    """Return the desired state with the record sets as they shall be.

    Args:
        desired: what the specs say.
        wanted: the records that domains want.
        observed: what there is, the record sets included.

    """
    listed = tuple(wanted)
    made = bundle(_published(one, observed) for one in listed)
    sets = {
        (plain_name(zone.full_name(records)), records.type): records
        for zone in made.zones
        for records in zone.sets
    }
    hindered = {plain_name(hindrance.subject): hindrance for hindrance in made.hindrances}
    names = {one.id: (one.expected.name, one.expected.type) for one in listed}
    resources = [
        place
        if place.id not in names
        else _filled(place, sets.get(names[place.id]), hindered.get(names[place.id][0]), observed)
        for place in places(listed)
    ]
    return replace(desired, resources=(*desired.resources, *resources))


def _filled(
    place: DesiredResource,
    records: RecordSet | None,
    hindrance: Hindrance | None,
    observed: ObservedState,
) -> DesiredResource:
    """Return a record set with what shall be in it, or why it must be left alone."""
    if records is None:
        assert hindrance is not None, "a name has records, or a reason for having none"
        return replace(place, refusal=Refusal(hindrance.sentence, hindrance.mend))
    live = observed.resources.get(place.id)
    content: dict[str, Json] = {
        "ttl": records.ttl,
        "metadata": {OWNER_TAG: place.mark},
    }
    ours = live is None or _mark(live.body) in {place.mark, *place.former_marks}
    if place.kind == DNS_TEXT_SET.name:
        return replace(place, fields={"texts": [*records.whole], **(content if ours else {})})
    if not ours and records.replaced:
        reason = f"points to `{records.replaced[0]}`, and bears no mark of `{place.mark}`"
        mend = f"take it away, or point it to `{records.values[0]}`"
        return replace(place, refusal=Refusal(reason, mend))
    return replace(place, fields={"target": records.values[0], **(content if ours else {})})


def _published(one: Wanted, observed: ObservedState) -> Published:
    """Return a wanted record with what its set has now."""
    live = observed.resources.get(one.id)
    body = {} if live is None else live.body
    values: tuple[str, ...] = ()
    if one.expected.type == "TXT":
        values = tuple(map(str, texts_of(lookup(body, ("properties", "TXTRecords")))))
    else:
        target = lookup(body, ("properties", "CNAMERecord", "cname"))
        values = (target,) if isinstance(target, str) else ()
    answer = Answer(one.zone.name, values=values)
    evidence = Evidence(
        one.expected.name,
        one.expected.type,
        zone=plain_name(one.zone.name),
        authoritative=(answer,),
    )
    return Published(plain_name(one.domain.id.name), one.expected, evidence)


def _records(domain: DesiredResource, observed: ObservedState) -> Iterator[ExpectedRecord]:
    """Yield what ARM asks for; nothing for a domain that is not there yet."""
    live = observed.resources.get(domain.id)
    properties = as_object(live.body.get("properties")) if live is not None else {}
    yield from expected_records(domain.id.name, properties.get("verificationRecords"))


def _mark(body: Body) -> str:
    """Return the mark that a live set bears, empty for none."""
    metadata = as_object(lookup(body, ("properties", "metadata")) or {})
    return str(metadata.get(OWNER_TAG) or "")


def _tail(one: Wanted, identifier: ResourceId) -> str:
    """Return what the address of a zone or set ends with."""
    if identifier == one.zone:
        return one.zone.name
    return f"{one.expected.type}/{identifier.name}"
