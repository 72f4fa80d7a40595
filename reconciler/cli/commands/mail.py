"""``dns``: what the zones of mail domains hold, and what they should hold."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import talk, write, write_file, write_reports
from reconciler.model.errors import UsageError
from reconciler.model.mail import DomainReport, Hindrance, ZoneRecords
from reconciler.render.dns_export import files
from reconciler.render.dns_export.forms import FORMS
from reconciler.render.dns_export.strings import MARK
from reconciler.render.formats.words import json_text, safe

domains = click.option(
    "--domain",
    "names",
    multiple=True,
    metavar="NAME|ID",
    help="Only this domain of the specs; an ARM id needs no spec. May be repeated.",
)


CHECK_FORMS = ("text", "json", "markdown", "junit", "github")
"""The forms of `dns check`."""


@click.group("dns")
def dns_command() -> None:
    """Print the records that mail domains need, and check them in DNS."""


@dns_command.command("check")
@options.paths
@domains
@options.environment
@options.target
@options.project
@options.output(*CHECK_FORMS)
@options.reports(*CHECK_FORMS)
@click.pass_obj
def check_command(
    colour: bool,
    paths: tuple[Path, ...],
    names: tuple[str, ...],
    environment: str | None,
    target: str,
    project_path: Path | None,
    form: str,
    reports: tuple[options.Report, ...],
) -> int:
    """Say of each record that Azure asks for what DNS has, what is wrong, and how to mend it.

    The domain is read from Azure; its records are looked up at the servers of their zone, and at
    resolvers once they are there. Sends reads alone, and starts no verification.

    \b
    Exit codes: 0 all ready, 1 something is unknown, 3 invalid specs, 6 something is not ready.

    \b
    Examples:
      reconciler dns check
      reconciler dns check specs/prod --domain notify.contoso.com
      reconciler dns check -o github --report markdown="$GITHUB_STEP_SUMMARY"
      reconciler dns check --domain /subscriptions/.../domains/contoso.com -o json
    """
    from reconciler.app.dns.check import check

    found = check(paths, project_path, target, environment, names)
    write_reports(reports, lambda kind: _checked(found, kind, colour=False))
    write(_checked(found, form, colour=colour))
    if any(report.is_unknown for report in found):
        return ExitCode.FAILED
    return ExitCode.OK if all(r.is_ready for r in found) else ExitCode.NOT_CONVERGED


def _checked(found: tuple[DomainReport, ...], form: str, *, colour: bool) -> str:
    """Return what was found in one of `CHECK_FORMS`."""
    from reconciler.engine.clock import time_in
    from reconciler.render.checks import dns_check, dns_check_ci

    match form:
        case "text":
            return dns_check.check_text(found, time_in, colour=colour)
        case "json":
            return json_text(dns_check.check_json(found, time_in))
        case "markdown":
            return dns_check_ci.check_markdown(found, time_in)
        case "junit":
            return dns_check_ci.check_junit(found, time_in)
    return dns_check_ci.check_github(found, time_in)


@dns_command.command("export")
@options.paths
@domains
@click.option(
    "-o",
    "--output",
    "--format",
    "form",
    type=click.Choice(tuple(FORMS)),
    default=next(iter(FORMS)),
    show_default=True,
    help="The tool that the records are for.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a file for each zone here; without it, to stdout.",
)
@options.environment
@options.target
@options.project
@click.pass_obj
def export_command(
    colour: bool,
    paths: tuple[Path, ...],
    names: tuple[str, ...],
    form: str,
    out: Path | None,
    environment: str | None,
    target: str,
    project_path: Path | None,
) -> int:
    """Write the records that Azure asks for, in the form of a DNS tool.

    One set of records for each zone, whichever domains are in it. SPF is merged into the record
    that is published, and its DNS lookups are counted. Where nothing can be found out about what is
    published, nothing is written at all. What must be replaced is told on stderr. Sends reads
    alone.

    \b
    Exit codes: 0 written, 1 something is unknown, 3 invalid specs, 6 a domain is not in Azure yet,
    or what is published cannot be merged.

    \b
    Examples:
      reconciler dns export
      reconciler dns export -o octodns --out config
      reconciler dns export --domain contoso.com -o route53 > change-batch.json
    """
    from reconciler.app.dns.export import export_records

    found = export_records(paths, project_path, target, environment, names)
    for domain in found.absent:
        words = "not in Azure yet; its records are known once it is created"
        click.echo(f"{safe(domain.name)}: {words}", err=True)
    if found.hindrances:
        return _say_what_hinders(found.hindrances)
    if out is None:
        _print_zones(found.zones, form, colour=colour)
    else:
        _write_zones(found.zones, form, out)
    if not found.zones:
        click.echo("No mail domain has records for you to make.", err=True)
    if form != "text" or out is not None:
        talk(f"note: {safe(note)}" for zone in found.zones for note in zone.notes)
    return ExitCode.NOT_CONVERGED if found.absent else ExitCode.OK


def _say_what_hinders(hindrances: tuple[Hindrance, ...]) -> int:
    """Say why nothing is written."""
    for one in hindrances:
        talk((f"{safe(one.subject)}: {safe(one.sentence)}", f"  mend: {safe(one.mend)}"))
    click.echo("Nothing was written: the zones would lack records.", err=True)
    unknown = any(one.unknown for one in hindrances)
    return ExitCode.FAILED if unknown else ExitCode.NOT_CONVERGED


def _print_zones(zones: tuple[ZoneRecords, ...], form: str, *, colour: bool) -> None:
    """Print all zones, if one text can hold them.

    Raises:
        UsageError: it cannot.

    """
    if len(zones) > 1 and not FORMS[form].joinable:
        listed = ", ".join(zone.zone for zone in zones)
        problem = f"{form} wants a file for each zone, and there are {len(zones)}: {listed}"
        raise UsageError(problem, "write files with `--out FOLDER`, or name domains of one zone")
    if form == "text":
        write("\n".join(files.text(zone, colour=colour) for zone in zones))
    else:
        write("\n".join(FORMS[form].render(zone) for zone in zones))


def _write_zones(zones: tuple[ZoneRecords, ...], form: str, out: Path) -> None:
    """Write a file for each zone, in the place of one that was written so before.

    Raises:
        UsageError: a file of somebody else is there.

    """
    places = [out / FORMS[form].file.format(zone.zone) for zone in zones]
    for place in places:
        if place.exists() and MARK not in place.read_text(encoding="utf-8", errors="replace"):
            problem = f"{place} is there already, and was not written by this command"
            raise UsageError(problem, "choose another --out folder")
    for zone, place in zip(zones, places, strict=True):
        write_file(place, FORMS[form].render(zone))
        click.echo(place)
