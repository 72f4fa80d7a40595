"""What the APIs of Route 53 and Cloudflare take: changes instead of files."""

from __future__ import annotations

from reconciler.model.mail import RecordSet, ZoneRecords
from reconciler.model.value import Json
from reconciler.render.dns_export.strings import MADE_BY, MARK, zone_text
from reconciler.render.formats.words import json_text

OCTAL = "\\{:03o}"
"""How Route 53 writes bytes that are no printable ASCII."""

MOST_COMMENT = 100
"""Characters that a comment may have at Cloudflare, on every plan."""


def route53(zone: ZoneRecords) -> str:
    """Return a change batch of whole sets, for ``aws route53 change-resource-record-sets``.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
    """
    changes: list[Json] = [
        {
            "Action": "UPSERT",
            "ResourceRecordSet": {
                "Name": f"{zone.full_name(records)}.",
                "Type": records.type,
                "TTL": records.ttl,
                "ResourceRecords": [{"Value": _route53(records, v)} for v in records.whole],
            },
        }
        for records in zone.sets
    ]
    return json_text({"Comment": MADE_BY, "Changes": changes})


def cloudflare(zone: ZoneRecords) -> str:
    """Return the body of a batch: what is not there yet, and what takes the place of a record.

    The id of a record that is to be changed is known at Cloudflare alone. Until it is put in,
    Cloudflare refuses the batch as a whole, which is better than a second SPF record.
    https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/batch/
    """
    posts: list[Json] = []
    puts: list[Json] = []
    for records in zone.sets:
        missing = [_cloudflare(zone, records, value) for value in records.missing]
        if missing and records.replaced:
            puts.append({"id": f"PUT ITS ID HERE: {records.replaced[0]}", **missing.pop()})
        posts += missing
    body: dict[str, Json] = {"puts": puts} if puts else {}
    return json_text({**body, "posts": posts})


def _cloudflare(zone: ZoneRecords, records: RecordSet, value: str) -> dict[str, Json]:
    """Return one record."""
    why = f"{MARK}: {', '.join(records.checks)}"
    record: dict[str, Json] = {
        "type": records.type,
        "name": zone.full_name(records),
        "content": zone_text(value) if records.type == "TXT" else value,
        "ttl": records.ttl,
        "comment": why if len(why) <= MOST_COMMENT else MARK,
    }
    return record if records.type == "TXT" else {**record, "proxied": False}


def _route53(records: RecordSet, value: str) -> str:
    """Return one value."""
    return zone_text(value, OCTAL) if records.type == "TXT" else f"{value}."
