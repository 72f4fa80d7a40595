"""Zones of Azure DNS as Terraform and as Bicep: whole record sets, which these two write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.model.dns import pieces
from reconciler.model.mail import RecordSet, ZoneRecords
from reconciler.render.dns_export.strings import MADE_BY, comment, label
from reconciler.render.formats.words import safe

API_VERSION = "2018-05-01"


def terraform(zone: ZoneRecords) -> str:
    """Return resources of the provider azurerm, which splits long texts itself.

    https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/dns_txt_record
    """
    data = label(zone.zone, hyphens=True)
    blocks = [
        _head(zone, "#"),
        f'data "azurerm_dns_zone" "{data}" {{\n  name = {_hcl(zone.zone)}\n}}',
    ]
    for records, name in _named(zone, hyphens=True):
        kind = records.type.lower()
        lines = [
            *_told(records, "#", "import it, unless Terraform has it"),
            f'resource "azurerm_dns_{kind}_record" "{name}" {{',
            f"  name                = {_hcl(records.name)}",
            f"  zone_name           = data.azurerm_dns_zone.{data}.name",
            f"  resource_group_name = data.azurerm_dns_zone.{data}.resource_group_name",
            f"  ttl                 = {records.ttl}",
        ]
        if records.type == "CNAME":
            lines.append(f"  record              = {_hcl(records.values[0])}")
        else:
            lines += [f"\n  record {{\n    value = {_hcl(v)}\n  }}" for v in records.whole]
        blocks.append("\n".join([*lines, "}"]))
    return "\n\n".join(blocks) + "\n"


def bicep(zone: ZoneRecords) -> str:
    """Return a Bicep file to deploy to the resource group of the zone.

    https://learn.microsoft.com/azure/templates/microsoft.network/dnszones/txt
    """
    existing = (
        f"resource zone 'Microsoft.Network/dnsZones@{API_VERSION}' existing = {{\n"
        f"  name: {_bicep(zone.zone)}\n}}"
    )
    blocks = [_head(zone, "//"), existing]
    for records, name in _named(zone, hyphens=False):
        lines = [
            *_told(records, "//", "it is replaced as a whole"),
            f"resource {name} 'Microsoft.Network/dnsZones/{records.type}@{API_VERSION}' = {{",
            "  parent: zone",
            f"  name: {_bicep(records.name)}",
            "  properties: {",
            f"    TTL: {records.ttl}",
        ]
        if records.type == "CNAME":
            lines.append(f"    CNAMERecord: {{ cname: {_bicep(records.values[0])} }}")
        else:
            lines.append("    TXTRecords: [")
            lines += [f"      {{ value: [{_strings(value)}] }}" for value in records.whole]
            lines.append("    ]")
        blocks.append("\n".join([*lines, "  }", "}"]))
    return "\n\n".join(blocks) + "\n"


def _named(zone: ZoneRecords, *, hyphens: bool) -> Iterator[tuple[RecordSet, str]]:
    """Yield the sets with a name that is unique in the program."""
    taken: set[str] = {"zone"}
    for records in zone.sets:
        relative = "" if records.name == "@" else f"{records.name}."
        first = name = label(f"{relative}{zone.zone}_{records.type.lower()}", hyphens=hyphens)
        count = 1
        while name in taken:
            count += 1
            name = f"{first}_{count}"
        taken.add(name)
        yield records, name


def _head(zone: ZoneRecords, mark: str) -> str:
    """Return the comment at the top."""
    lines = [f"{zone.zone}. {MADE_BY}", *(f"Note: {comment(note)}" for note in zone.notes)]
    return "\n".join(f"{mark} {line}" for line in lines)


def _told(records: RecordSet, mark: str, existing: str) -> list[str]:
    """Return the comments on one set."""
    lines = [comment(", ".join(records.checks))]
    if records.present or records.kept or records.replaced:
        lines.append(f"The record set is there already: {existing}.")
    lines += [f"It replaces: {comment(value)}" for value in records.replaced]
    return [f"{mark} {line}" for line in lines]


def _hcl(text: str) -> str:
    """Return a text of Terraform: https://developer.hashicorp.com/terraform/language/expressions/strings."""
    plain = re.sub(r'[\\"]', r"\\\g<0>", text)
    plain = re.sub(r"[$%]\{", lambda match: match[0][0] + match[0], plain)
    return f'"{safe(plain, _HCL_CONTROL)}"'


def _strings(value: str) -> str:
    """Return the strings of one TXT record of Bicep."""
    return ", ".join(_bicep(piece) for piece in pieces(value))


def _bicep(text: str) -> str:
    """Return a text of Bicep: https://learn.microsoft.com/azure/azure-resource-manager/bicep/data-types#strings."""
    plain = re.sub(r"[\\']", r"\\\g<0>", text).replace("${", "\\${")
    return f"'{safe(plain, _BICEP_CONTROL)}'"


_HCL_CONTROL = "\\U{:08x}"
_BICEP_CONTROL = "\\u{{{:x}}}"
