"""``dns``: what the zones of mail domains hold, and what they should hold."""

from __future__ import annotations

import json
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import write

domains = click.option(
    "--domain",
    "names",
    multiple=True,
    metavar="NAME|ID",
    help="Only this domain of the specs; an ARM id needs no spec. May be repeated.",
)


@click.group("dns")
def dns_command() -> None:
    """Compare the records that mail domains need with what DNS has."""


@dns_command.command("check")
@options.paths
@domains
@options.environment
@options.target
@options.project
@options.output("text", "json")
@click.pass_obj
def check_command(
    colour: bool,
    paths: tuple[Path, ...],
    names: tuple[str, ...],
    environment: str | None,
    target: str,
    project_path: Path | None,
    form: str,
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
      reconciler dns check --domain /subscriptions/.../domains/contoso.com -o json
    """
    from reconciler.app.dns import check
    from reconciler.engine.clock import time_in
    from reconciler.render.dns_check import check_json, check_text

    reports = check(paths, project_path, target, environment, names)
    if form == "json":
        write(json.dumps(check_json(reports, time_in), indent=2, ensure_ascii=False) + "\n")
    else:
        write(check_text(reports, time_in, colour=colour))
    if any(report.is_unknown for report in reports):
        return ExitCode.FAILED
    return ExitCode.OK if all(r.is_ready for r in reports) else ExitCode.NOT_CONVERGED
