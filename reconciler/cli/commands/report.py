"""``report``: what is made of the parts that many machines have written."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode, of_plan
from reconciler.cli.options import Report
from reconciler.cli.output import terminal_width, write, write_reports
from reconciler.cli.progress import Progress
from reconciler.render.forms import PLAN_FORMS, Wish, show_plan


@click.group("report")
def report_command() -> None:
    """Put together what several machines have found."""


@report_command.command("merge")
@click.argument(
    "parts",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@options.project
@options.output(*PLAN_FORMS)
@options.reports(*PLAN_FORMS)
@click.option("--requests", is_flag=True, help="Show every request with its body.")
@click.option(
    "--require-complete",
    is_flag=True,
    help="Refuse if the part of a shard is missing, and name it.",
)
@click.pass_obj
def merge_command(
    colour: bool,
    parts: tuple[Path, ...],
    project_path: Path | None,
    form: str,
    reports: tuple[Report, ...],
    requests: bool,
    require_complete: bool,
) -> int:
    """Make the plan of all stacks from the parts that shards have written; Azure is not asked.

    PARTS are the files of `plan --shard NUMBER/COUNT --part FILE`, in any order. The plan is the
    one that a single machine would have made: its limits count all stacks. What no part has read
    is unknown, so that nothing is decided about it.

    \b
    Exit codes: those of `plan`; 1 as well with --require-complete if a part is missing.

    \b
    Examples:
      reconciler report merge parts/*.json --require-complete
      reconciler report merge parts/*.json --report markdown=plan.md
    """
    from reconciler.app.reviewing.surroundings import surroundings
    from reconciler.cli.commands.parts import read_parts, specs_of
    from reconciler.render.plan.view import plan_view

    found = read_parts(parts)
    if found.missing and require_complete:
        return ExitCode.FAILED
    specs = specs_of(found, project_path)
    plan = found.planned(specs, Progress(quiet=True)).plan
    view = plan_view(plan, surroundings(plan))
    wish = Wish(colour=colour, requests=requests, width=terminal_width())
    write_reports(reports, lambda kind: show_plan(view, kind, Wish(requests=requests)))
    write(show_plan(view, form, wish))
    return of_plan(plan)
