"""Zones as text for people, as BIND zone files, and as the files of octoDNS and DNSControl."""

from __future__ import annotations

from reconciler.model.mail import RecordSet, ZoneRecords
from reconciler.render.dns_export.strings import MADE_BY, comment, quoted, zone_text
from reconciler.render.formats.style import BOLD, CYAN, YELLOW, Style
from reconciler.render.formats.words import safe

HEAD = ("name", "type", "ttl", "value")


def text(zone: ZoneRecords, *, colour: bool) -> str:
    """Return a table for people who type records into a form."""
    style = Style(colour)
    rows = [
        (records.name, records.type, str(records.ttl), value, value in records.present)
        for records in zone.sets
        for value in records.values
    ]
    widths = [max(len(HEAD[i]), *(len(str(row[i])) for row in rows)) for i in range(3)]
    lines = [style(zone.zone, BOLD), f"  {_aligned(HEAD[:3], widths)}  {HEAD[3]}"]
    for *cells, value, present in rows:
        mark = style("  (is there)", CYAN) if present else ""
        lines.append(f"  {safe(_aligned(cells, widths))}  {safe(value)}{mark}")
    lines += [f"  {style('note:', YELLOW)} {safe(note)}" for note in zone.notes]
    return "\n".join(lines) + "\n"


def bind(zone: ZoneRecords) -> str:
    """Return lines for a zone file; https://www.rfc-editor.org/rfc/rfc1035#section-5."""
    lines = [f"; {line}" for line in _preamble(zone, "Lines to add to the zone file.")]
    lines.append(f"$ORIGIN {zone.zone}.")
    for records in zone.sets:
        lines.append(f"; {comment(', '.join(records.checks))}")
        lines += [f"; take out: {comment(value)}" for value in records.replaced]
        for value in records.values:
            what = f"{value}." if records.type == "CNAME" else zone_text(value)
            lines.append(f"{records.name} {records.ttl} IN {records.type} {what}")
    return "\n".join(lines) + "\n"


def octodns(zone: ZoneRecords) -> str:
    """Return the file that octoDNS calls ``ZONE.yaml``.

    Whole sets, since octoDNS writes sets; names sorted as its `enforce_order` wants. It splits long
    texts itself, and wants semicolons escaped unless told otherwise:
    https://github.com/octodns/octodns/blob/main/docs/records.md.
    """
    purpose = "Names to merge into the zone's own file: octoDNS deletes what its sources lack."
    lines = ["---", *(f"# {line}" for line in _preamble(zone, purpose))]
    if any(";" in value for records in zone.sets for value in records.whole):
        lines.append("# Semicolons are escaped: set `escaped_semicolons: true` of the YamlProvider")
    for records in zone.sets:
        lines.append(f"{quoted('' if records.name == '@' else records.name)}:")
        lines.append(f"  # {comment(', '.join(records.checks))}")
        lines += [f"  # replaces: {comment(value)}" for value in records.replaced]
        lines += [f"  - ttl: {records.ttl}", f"    type: {records.type}"]
        if records.type == "CNAME":
            lines.append(f"    value: {quoted(f'{records.values[0]}.')}")
            continue
        lines.append("    values:")
        lines += [f"      - {quoted(_octodns(value))}" for value in records.whole]
    return "\n".join(lines) + "\n"


def dnscontrol(zone: ZoneRecords) -> str:
    """Return a statement for ``dnsconfig.js``, which adds records to a domain defined before.

    It escapes and splits texts itself:
    https://docs.dnscontrol.org/language-reference/domain-modifiers/txt.
    """
    lines = [f"// {line}" for line in _preamble(zone, "Put it behind the D() of the zone.")]
    lines.append(f"D_EXTEND({quoted(zone.zone)},")
    for records in zone.sets:
        lines.append(f"  // {comment(', '.join(records.checks))}")
        lines += [f"  // take out: {comment(value)}" for value in records.replaced]
        lines += [f"  {_modifier(records, value)}," for value in records.values]
    return "\n".join([*lines, ");"]) + "\n"


def _octodns(value: str) -> str:
    """Return a text as octoDNS keeps it; it takes quotes off one that begins with a quote."""
    escaped = value.replace(";", "\\;")
    return f'"{escaped}"' if escaped.startswith('"') else escaped


def _modifier(records: RecordSet, value: str) -> str:
    """Return one record as DNSControl writes it."""
    target = f"{value}." if records.type == "CNAME" else value
    name = quoted(records.name)
    return f"{records.type}({name}, {quoted(target)}, TTL({records.ttl}))"


def _preamble(zone: ZoneRecords, purpose: str) -> list[str]:
    """Return the lines at the top of a file: what it is, and what to know."""
    return [f"{zone.zone}. {MADE_BY}", purpose, *(f"Note: {comment(n)}" for n in zone.notes)]


def _aligned(cells: tuple[str, ...] | list[str], widths: list[int]) -> str:
    """Return cells side by side."""
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
