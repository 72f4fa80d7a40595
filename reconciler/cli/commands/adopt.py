"""``export``."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import write
from reconciler.model.errors import InvalidInputError, UsageError
from reconciler.render.checks.diagnostics import render_text
from reconciler.render.formats.words import plural
from reconciler.render.plan.text import render_plan
from reconciler.render.plan.view import plan_view

if TYPE_CHECKING:
    from reconciler.app.exporting.export import Export


@click.command("export")
@click.option("--subscription", required=True, help="An id, or an alias of the project file.")
@click.option("--resource-group", default="", help="Only what is in this resource group.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a file for each resource group here; without it, to stdout.",
)
@click.option(
    "--schema",
    default="",
    help="Where editors find the stack schema, for the first line of each file; by default the"
    " one that `init` writes.",
)
@options.target
@options.project
@click.pass_obj
def export_command(
    colour: bool,
    subscription: str,
    resource_group: str,
    out: Path | None,
    schema: str,
    target: str,
    project_path: Path | None,
) -> int:
    """Write specs for what exists in Azure, and prove them right.

    A stack is written for each resource group, with references instead of ids. Before anything is
    written, the specs are read back, validated and planned against what they were made from: the
    plan must be empty. Existing files are never overwritten.

    Of role assignments those are written whose principal is an identity of the export, or whose
    scope is in it.

    \b
    Exit codes: 0 written and proved, 1 Azure could not be read, 6 the specs do not say all.

    \b
    Examples:
      reconciler export --subscription sub-comms-prod --resource-group rg-notify-prod
      reconciler export --subscription 5b7f0c1e-8a52-4f1c-9a0b-3f6d2c9e1a01 --out specs
    """
    from reconciler.app.exporting.export import export
    from reconciler.app.targets.connection import connect
    from reconciler.documents import project

    settings, problems = project.load(project_path, Path.cwd())
    if problems:
        raise InvalidInputError(tuple(problems))
    known = settings.subscriptions
    is_id = re.fullmatch(r"[0-9a-fA-F-]{36}", subscription)
    if subscription not in known and not is_id:
        mend = f"write its id, or one of: {', '.join(sorted(known)) or 'no alias is declared'}"
        raise UsageError(f"`{subscription}` is no subscription", mend)
    alias = subscription if subscription in known else ""
    identifier = known.get(subscription, subscription)
    shipped = settings.root / ".reconciler" / "schemas" / "stack.schema.json"
    schema = schema or Path(os.path.relpath(shipped, out or Path.cwd())).as_posix()
    with connect(target, settings.root, tenants=settings.tenants) as connection:
        result = export(connection, identifier, resource_group, alias=alias, schema=schema)
    if not result.is_proved:
        return _say_why(result, colour=colour)
    existing = [str(out / s.file) for s in result.stacks if out and (out / s.file).exists()]
    if existing:
        raise UsageError(f"{', '.join(existing)} is there already", "choose another --out folder")
    for stack in result.stacks:
        if out is None:
            write(stack.text if len(result.stacks) == 1 else f"# {stack.file}\n{stack.text}\n")
        else:
            out.mkdir(parents=True, exist_ok=True)
            (out / stack.file).write_text(stack.text, encoding="utf-8", newline="\n")
            click.echo(out / stack.file)
    for note in result.notes:
        click.echo(f"not exported: {note}", err=True)
    count = sum(stack.resources for stack in result.stacks)
    what = f"{plural(count, 'resource')} in {plural(len(result.stacks), 'stack')}"
    click.echo(f"Exported {what}: valid, and the plan is empty.", err=True)
    return ExitCode.OK


def _say_why(result: Export, *, colour: bool) -> int:
    """Say why the specs could not be proved; nothing is written."""
    if result.problems:
        sources = {stack.file: stack.text for stack in result.stacks}
        click.echo(render_text(result.problems, sources, colour=colour), err=True, nl=False)
    if result.plan is not None:
        click.echo(render_plan(plan_view(result.plan), colour=colour), err=True, nl=False)
    click.echo("Nothing was written: the specs would not say what is in Azure.", err=True)
    return ExitCode.NOT_CONVERGED
