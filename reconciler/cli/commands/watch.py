"""``drift``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.options import Report
from reconciler.cli.output import print_diagnostics, write, write_reports
from reconciler.cli.progress import Progress
from reconciler.render.forms import DRIFT_FORMS, show_drift


@click.command("drift")
@options.paths
@options.environment
@options.target
@options.project
@options.output(*DRIFT_FORMS)
@options.reports(*DRIFT_FORMS)
@click.option(
    "--history",
    "history_path",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep here what each run has found, to tell since when: JSON lines, made if need be.",
)
@click.option("--unmanaged", is_flag=True, help="Also list what is in no spec.")
@click.option(
    "--fail-on",
    type=click.Choice(["low", "medium", "high"]),
    default="low",
    show_default=True,
    help="The least severity that ends with exit code 2.",
)
@click.option("--exit-zero", is_flag=True, help="End with 0 though something has drifted.")
@click.option(
    "--notify",
    type=click.Choice(["slack", "teams", "webhook"]),
    multiple=True,
    help="Tell what has been seen twice, or is gone; the address is in RECONCILER_SLACK_URL,"
    " RECONCILER_TEAMS_URL or RECONCILER_WEBHOOK_URL.",
)
@options.quiet
@click.pass_obj
def drift_command(
    colour: bool,
    paths: tuple[Path, ...],
    environment: str | None,
    target: str,
    project_path: Path | None,
    form: str,
    reports: tuple[Report, ...],
    history_path: Path | None,
    unmanaged: bool,
    fail_on: str,
    exit_zero: bool,
    notify: tuple[str, ...],
    quiet: bool,
) -> int:
    """Show what in Azure is not as the specs say, how bad it is, and who changed it.

    Only reads are sent. PATHS are spec files, folders or globs; without any, those of the project
    file. Run it on a schedule, from the branch that is applied.

    \b
    Exit codes: 0 in sync, 1 something could not be read, 2 drift, 3 invalid specs.

    \b
    Examples:
      reconciler drift -e prod                     what differs now
      reconciler drift --history drift.jsonl       and since when
      reconciler drift --unmanaged                 and what nobody wrote down
      reconciler drift --report html=drift.html --report prometheus=acs.prom
      reconciler drift --fail-on high              only what is severe ends with 2
    """
    from reconciler.app.addresses import Addresses
    from reconciler.app.drift import HistoryFile, find_drift
    from reconciler.app.news import channels, news_of, tell
    from reconciler.app.specs import load
    from reconciler.app.surroundings import surroundings
    from reconciler.model.drift import History
    from reconciler.model.resource import Severity
    from reconciler.render.drift_view import drift_view

    ready = channels(notify)
    specs = load(paths, project_path, environment, addresses=Addresses.NEEDED)
    if specs.warnings:
        print_diagnostics(specs.warnings, sys.stderr)
    drift = find_drift(specs, target, Progress(quiet=quiet), unmanaged=unmanaged)
    step = None if history_path is None else HistoryFile(history_path).add(drift)
    drift, history = (drift, History()) if step is None else (step.drift, step.history)
    view = drift_view(drift, surroundings(), history)
    write_reports(reports, lambda kind: show_drift(view, kind))
    write(show_drift(view, form, colour=colour))
    tell(ready, news_of(drift, step))
    if not drift.is_complete:
        return ExitCode.FAILED
    bad = any(item.severity.rank >= Severity(fail_on).rank for item in drift.items)
    return ExitCode.CHANGES if bad and not exit_zero else ExitCode.OK
