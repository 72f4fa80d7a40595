"""``journal`` and ``lock``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import write
from reconciler.model.errors import UsageError

if TYPE_CHECKING:
    from reconciler.documents.project import Project


@click.command("journal")
@click.argument("run", required=False)
@click.option("--list", "all_runs", is_flag=True, help="One line for each run that is on record.")
@options.project
@options.output("text", "json")
@click.pass_obj
def journal_command(
    colour: bool, run: str | None, all_runs: bool, project_path: Path | None, form: str
) -> int:
    """Tell what an apply has sent from this machine, request by request.

    RUN is the name of a run, as --list shows it, or the beginning of one; without it, the last run.
    Journals are kept in .reconciler/journal, the newest 50; they hold no bodies and no secrets.

    \b
    Examples:
      reconciler journal          what the last apply did, or was doing when it was killed
      reconciler journal --list
    """
    from reconciler.app.applying.run import project_of, records_of
    from reconciler.render.runs import journal_text
    from reconciler.render.runs.journal_json import journal_document

    records = records_of(project_of(project_path))
    if run is not None:
        records = tuple(record for record in records if record.run.startswith(run))
        if not records:
            problem = f"there is no journal of a run called `{run}`"
            raise UsageError(problem, "see `reconciler journal --list`")
    shown = records if all_runs else records[-1:]
    if form == "json":
        write(journal_document(shown))
    elif all_runs or not shown:
        write(journal_text.render_runs(shown, colour=colour))
    else:
        write(journal_text.render_run(shown[0], colour=colour))
    return ExitCode.OK


@click.group("lock")
def lock_command() -> None:
    """Show who holds the lock that apply needs, and let go of it for somebody who is dead."""


@lock_command.command("show")
@options.environment
@options.project
def show_command(environment: str | None, project_path: Path | None) -> int:
    """Say who holds the lock, since when, and until when.

    \b
    Exit codes: 0 whoever holds it, 1 it cannot be read.
    """
    from reconciler.app.applying.run import lock_of, project_of
    from reconciler.engine.clock import wall_time
    from reconciler.render.runs.journal_text import render_lease

    lock = lock_of(project_of(project_path), environment or "")
    write(render_lease(lock.place, lock.read(), wall_time()))
    return ExitCode.OK


@lock_command.command("release")
@options.environment
@options.project
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def release_command(environment: str | None, project_path: Path | None, yes: bool) -> int:
    """Let go of a lock whose holder is dead, without waiting until it expires.

    A holder that is alive after all notices before its next write, sends nothing more, and ends.
    """
    from reconciler.app.applying.run import lock_of, project_of
    from reconciler.engine.clock import wall_time
    from reconciler.render.runs.journal_text import render_lease

    lock = lock_of(project_of(project_path), environment or "")
    lease = lock.read()
    click.echo(render_lease(lock.place, lease, wall_time()), err=True, nl=False)
    if lease is None:
        return ExitCode.OK
    if not yes:
        if not sys.stdin.isatty():
            problem = "there is no terminal to ask on; say --yes to let go of the lock"
            raise click.UsageError(problem)
        click.confirm("Let go of it?", abort=True, err=True)
    lock.release(lease.token)
    write(f"released: {lock.place}\n")
    return ExitCode.OK


def mention_unfinished(project: Project, environment: str, target: str) -> bool:
    """Say so if the last apply here was killed, and return whether that was a moment ago."""
    from reconciler.app.applying.run import is_recent, unfinished_run

    record = unfinished_run(project, environment, target)
    if record is None:
        return False
    from reconciler.render.runs.journal_text import mention

    click.echo(mention(record), err=True)
    return is_recent(record)
