"""Microsoft.Network: ``dnsZones`` and the record sets ``TXT`` and ``CNAME`` in them.

Fields: https://learn.microsoft.com/rest/api/dns/record-sets/create-or-update and .../zones; entity
tags: https://learn.microsoft.com/azure/dns/dns-zones-records#etags. Nothing of it is recorded.
"""

import re

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.resource_type import Field, ResourceType, same
from reconciler.emulator.wire.errors import ArmError, invalid_payload, location_not_available
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JsonObject, Response
from reconciler.emulator.wire.routes import ancestor_key

NAMESPACE = "Microsoft.Network"

API_VERSIONS = ("2018-05-01",)
"""The stable version that every client uses."""

NOT_EMULATED = frozenset(
    f"microsoft.network/dnszones/{name}"
    for name in ("a", "aaaa", "all", "caa", "mx", "ns", "ptr", "recordsets", "soa", "srv")
)
"""What the specification has in a zone besides, folded: 501 instead of a false 404."""

STRING = 255
"""Characters of one string of a TXT record."""


def check_location(value: str) -> None:
    """Refuse any location but ``global``."""
    if not same(value, "global"):
        raise location_not_available(value, f"{NAMESPACE}/dnszones", "global")


@invented(
    "zone-made",
    "A zone has four name servers of `azure-dns.emulator.test`, and no NS or SOA record set.",
)
def zone_generated(call: Call) -> JsonObject:
    """Return what Azure adds to a zone."""
    del call
    servers = [f"ns{number}.azure-dns.emulator.test." for number in range(1, 5)]
    return {
        "maxNumberOfRecordSets": 10_000,
        "numberOfRecordSets": 2,
        "nameServers": servers,
        "zoneType": "Public",
    }


@invented(
    "record-set-alone",
    "A CNAME beside a TXT of the same name, and a CNAME at the apex, are 400 `BadRequest`.",
)
def complete(call: Call, body: JsonObject, before: JsonObject) -> None:
    """Refuse a record set that cannot be, and add what Azure adds."""
    del before
    *_, kind = call.route.types
    zone, name = call.route.names
    alias = kind.casefold() == "cname"
    other = "txt" if alias else "cname"
    beside = f"{ancestor_key(call.route, 1)}/{other}/{name.casefold()}"
    if (alias and name == "@") or call.state.resource(beside) is not None:
        message = f"The record set '{name}' of type {kind} conflicts with another record set."
        raise ArmError(400, "BadRequest", message)
    properties = body["properties"]
    if not properties.get("CNAMERecord" if alias else "TXTRecords"):
        message = "The record set has no records."
        raise invalid_payload(message)
    whole = zone if name == "@" else f"{name}.{zone}"
    properties["fqdn"] = f"{whole}."
    properties["targetResource"] = {}
    properties["provisioningState"] = "Succeeded"


def check_texts(records: list[JsonObject]) -> None:
    """Refuse texts that no record can hold."""
    for record in records:
        strings = record.get("value")
        if not isinstance(strings, list) or not all(isinstance(s, str) for s in strings):
            message = "Every TXT record has a 'value', which is a list of strings."
            raise invalid_payload(message)
        if any(len(string) > STRING for string in strings):
            message = f"A string of a TXT record has at most {STRING} characters."
            raise invalid_payload(message)


def check_alias(record: JsonObject) -> None:
    """Refuse an alias without a target."""
    if not isinstance(record.get("cname"), str):
        message = "A CNAME record has a 'cname'."
        raise invalid_payload(message)


def _record_set(kind: str, records: Field) -> ResourceType:
    return ResourceType(
        namespace=NAMESPACE,
        name=f"dnsZones/{kind}",
        registered=f"dnszones/{kind}",
        shown=f"Microsoft.Network/dnszones/{kind}",
        group_segment="resourceGroups",
        api_versions=API_VERSIONS,
        name_rule=re.compile(r"[^/\s]{1,253}"),
        name_rule_text="It must be @ or a name relative to the zone.",
        fields=(
            Field(("properties", "TTL"), int, required=True),
            Field(("properties", "metadata"), dict),
            records,
        ),
        read_only=frozenset({"fqdn", "provisioningState", "targetResource"}),
        tracked=False,
        conditional=True,
        guard=complete,
    )


TEXT_SETS = _record_set(
    "TXT", Field(("properties", "TXTRecords"), list, entries=dict, check=check_texts)
)
"""``Microsoft.Network/dnsZones/TXT``."""

ALIAS_SETS = _record_set("CNAME", Field(("properties", "CNAMERecord"), dict, check=check_alias))
"""``Microsoft.Network/dnsZones/CNAME``."""

DNS_ZONES = ResourceType(
    namespace=NAMESPACE,
    name="dnsZones",
    registered="dnszones",
    shown="Microsoft.Network/dnszones",
    group_segment="resourceGroups",
    api_versions=API_VERSIONS,
    name_rule=re.compile(r"[^\s./]+(\.[^\s./]+)+"),
    name_rule_text="It must be the name of a zone.",
    fields=(Field(("location",), str, required=True, create_only=True, check=check_location),),
    read_only=frozenset({"maxNumberOfRecordSets", "numberOfRecordSets", "nameServers", "zoneType"}),
    generated=zone_generated,
    conditional=True,
    always_tags=True,
    deleted=Response(200),
)
"""``Microsoft.Network/dnsZones``."""
