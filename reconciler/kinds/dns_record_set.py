"""Zones of Azure DNS, and the two kinds of record sets that mail domains need in them.

No spec names them: they follow from a mail domain that says in which zone its records are kept.
"""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.kinds.fields import Scalar, Tags
from reconciler.kinds.kind import Field, Kind, Operations
from reconciler.model.resource import Severity
from reconciler.model.value import ABSENT, Absent, Json, as_object

API_VERSION = "2018-05-01"
SOURCE = "https://learn.microsoft.com/rest/api/dns/record-sets"


def bare_name(text: str) -> str:
    """Compare names in DNS: ignoring case and the dot at the end."""
    return text.lower().rstrip(".")


class Texts:
    """All texts of a name, which are a set; each may be in several strings."""

    def wanted(self, value: Json) -> Json:
        """Return the texts, each with what becomes of it in a plan."""
        return {str(text): "published" for text in value} if isinstance(value, list) else {}

    def live(self, observed: Json | Absent, value: Json) -> Json:
        """Return the live texts in the same form."""
        del value
        return self.wanted(texts_of(observed))

    def send(self, value: Json, observed: Json | Absent) -> Json:
        """Return all texts: those that are live as they are, others in pieces."""
        from reconciler.model.dns import pieces

        entries = observed if isinstance(observed, list) else []
        live = {_text_of(entry): entry for entry in entries}
        wanted = [str(text) for text in value] if isinstance(value, list) else []
        return [live.get(text, {"value": list(pieces(text))}) for text in wanted]

    def references(self, observed: Json | Absent) -> Iterable[str]:
        """Return nothing: texts point nowhere."""
        del observed
        return ()

    def to_spec(self, observed: Json | Absent) -> Json | Absent:
        """Return the texts."""
        return texts_of(observed) or ABSENT


def texts_of(observed: Json | Absent) -> list[Json]:
    """Return the texts of a live set, each as one."""
    return [_text_of(entry) for entry in observed] if isinstance(observed, list) else []


def _text_of(entry: Json) -> str:
    strings = as_object(entry).get("value")
    return "".join(str(string) for string in strings) if isinstance(strings, list) else ""


_WRITTEN = Operations(client="rest", group="", parameters=(), create="PUT", update="", delete="")
_VOLATILE = (("properties", "provisioningState"),)
_COMMON = (
    Field("ttl", ("properties", "TTL"), Scalar()),
    Field("metadata", ("properties", "metadata"), Tags()),
    # Never wanted: an update sends the tag of what it was made from.
    Field("etag", ("etag",), Scalar()),
)

DNS_ZONE = Kind(
    name="DnsZone",
    arm_type="Microsoft.Network/dnsZones",
    collection="dnsZones",
    api_version=API_VERSION,
    schema="",
    source="https://learn.microsoft.com/rest/api/dns/zones",
    volatile=(("etag",), ("properties", "numberOfRecordSets")),
)

DNS_TEXT_SET = Kind(
    name="DnsTextSet",
    arm_type="Microsoft.Network/dnsZones/TXT",
    parent="DnsZone",
    collection="TXT",
    api_version=API_VERSION,
    schema="",
    source=SOURCE,
    fields=(
        Field("texts", ("properties", "TXTRecords"), Texts(), severity=Severity.HIGH),
        *_COMMON,
    ),
    operations=_WRITTEN,
    volatile=_VOLATILE,
    conditional=True,
    derived=True,
)

DNS_ALIAS_SET = Kind(
    name="DnsAliasSet",
    arm_type="Microsoft.Network/dnsZones/CNAME",
    parent="DnsZone",
    collection="CNAME",
    api_version=API_VERSION,
    schema="",
    source=SOURCE,
    fields=(
        Field(
            "target",
            ("properties", "CNAMERecord", "cname"),
            Scalar(bare_name),
            severity=Severity.HIGH,
        ),
        *_COMMON,
    ),
    operations=_WRITTEN,
    volatile=_VOLATILE,
    conditional=True,
    derived=True,
)
