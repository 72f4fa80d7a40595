"""From ARM's ``verificationRecords`` to the records that DNS must hold."""

from __future__ import annotations

from reconciler.model.dns import CHECKS, ExpectedRecord
from reconciler.model.value import Json, as_object

DEFAULT_TTL = 3600
"""What ARM names for all of its records."""

MOST_TTL = 2**31 - 1
"""https://www.rfc-editor.org/rfc/rfc2181#section-8."""


def expected_records(domain: str, records: Json) -> tuple[ExpectedRecord, ...]:
    """Return the records that ARM asks for, in the order of the checks.

    Args:
        domain: the domain's name.
        records: ``properties.verificationRecords`` of the domain; what has no type, name or value
            is no record.

    """
    found: list[ExpectedRecord] = []
    given = as_object(records)
    for check in CHECKS:
        record = as_object(given.get(check))
        kind, name, value = record.get("type"), record.get("name"), record.get("value")
        if not (isinstance(kind, str) and isinstance(name, str) and isinstance(value, str)):
            continue
        if not kind or not value:
            continue
        whole = full_name(name, domain)
        found.append(ExpectedRecord(check, kind.upper(), whole, value, _ttl(record.get("ttl"))))
    return tuple(found)


def full_name(name: str, domain: str) -> str:
    """Return a record's whole name, in lower case and without a dot at the end.

    ARM gives some names whole and some relative to the domain (recorded); guides for a subdomain
    show them relative to the zone above, as in ``selector._domainkey.mail`` for
    ``mail.example.com``, which is understood too.
    """
    domain = plain_name(domain)
    text = name.strip().lower()
    if text.rstrip(".") in ("", "@"):
        return domain
    plain = plain_name(text)
    if text.endswith(".") or plain == domain or plain.endswith(f".{domain}"):
        return plain
    labels = domain.split(".")
    for count in range(len(labels) - 2, 0, -1):
        head, tail = ".".join(labels[:count]), ".".join(labels[count:])
        if plain == head or plain.endswith(f".{head}"):
            return f"{plain}.{tail}"
    return f"{plain}.{domain}"


def relative_name(name: str, zone: str) -> str:
    """Return a whole name as a zone's editor wants it: ``@`` for the zone itself."""
    name, zone = plain_name(name), plain_name(zone)
    if name == zone:
        return "@"
    return name.removesuffix(f".{zone}")


def plain_name(name: str) -> str:
    """Return a name in lower case, without the dot at the end."""
    return name.strip().lower().rstrip(".")


def _ttl(value: Json) -> int:
    """Return a TTL that DNS can hold."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TTL:
        return value
    return DEFAULT_TTL
