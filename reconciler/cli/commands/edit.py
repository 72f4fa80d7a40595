"""Commands that write the files of a repository: fmt, accept, schema."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import print_diagnostics, write
from reconciler.model.errors import UsageError
from reconciler.render.formats.words import plural

if TYPE_CHECKING:
    from reconciler.app.drifting.accept import Acceptance


@click.command("fmt")
@options.paths
@options.project
@click.option("--check", is_flag=True, help="Write nothing; exit 2 if a file would change.")
@click.option("--diff", is_flag=True, help="Show what would change; write nothing, as --check.")
def fmt_command(paths: tuple[Path, ...], project_path: Path | None, check: bool, diff: bool) -> int:
    """Bring spec files, environments and the project file into one form, in place.

    Two spaces, fields in the order of their schema, names in the order of the alphabet (within
    groups that blank lines set apart), the editor's schema line first. Comments stay with what they
    are about, and what is on a line stays as it was written. A file is written only if it then says
    the same, with every comment.

    PATHS are files, folders or globs; without any, all files of the project.

    \b
    Exit codes: 0 done, 2 a file would change (--check, --diff), 3 a file is invalid (it is left
    alone; the others are formatted).

    \b
    Examples:
      reconciler fmt
      reconciler fmt --check --diff              in a pipeline
      reconciler fmt specs/prod/mail.yaml
    """
    from reconciler.app.authoring.fmt import format_files

    result = format_files(paths, project_path)
    check = check or diff
    for file in result.changed:
        if not check:
            file.write()
        if diff:
            write(file.diff)
        else:
            write(f"{'would format' if check else 'formatted'} {file.name}\n")
    if result.findings:
        sys.stdout.flush()
        print_diagnostics(result.findings, sys.stderr)
    if result.changed or result.findings:
        done = "to format" if check else "formatted"
        counts = f"{plural(len(result.changed), 'file')} {done}"
        click.echo(f"{counts}, of {result.files}.", err=True)
    if result.findings:
        return ExitCode.INVALID
    return ExitCode.CHANGES if check and result.changed else ExitCode.OK


@click.command("accept")
@options.paths
@options.environment
@options.target
@options.project
@click.option(
    "--only",
    multiple=True,
    metavar="ADDRESS",
    help="Accept only what has this address; * and ? stand for any characters. Repeatable.",
)
@click.option(
    "--dry-run", "--diff", "dry_run", is_flag=True, help="Show the edits and write nothing."
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@options.quiet
@click.pass_obj
def accept_command(
    colour: bool,
    paths: tuple[Path, ...],
    environment: str | None,
    target: str,
    project_path: Path | None,
    only: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    quiet: bool,
) -> int:
    """Accept drift: edit the specs so that they say what Azure has. Azure is only read.

    For each field that a plan would update, the smallest edit of the YAML is made, in the stack or
    in the environment's patch, wherever the value stands; everything else in the files stays as it
    is, byte by byte. Before anything is written the edited files are checked and planned: the plan
    must have none of the accepted changes.

    Left alone, and said so: what is written as a variable, what is missing in Azure, what only a
    replacement would change. Differences under `ignoreChanges` are tolerated already.

    \b
    Exit codes: 0 nothing to accept, or done, 1 Azure could not be read, 2 edits to make
    (--dry-run), 3 invalid specs, 6 some drift could not be accepted, or the edits did not prove
    right (nothing is written then).

    \b
    Examples:
      reconciler accept --dry-run
      reconciler accept -e prod --only 'mail/emailServices/*'
      reconciler accept --yes specs/mail.yaml
    """
    from reconciler.app.drifting.accept import Question, accept
    from reconciler.app.loading.specs import load
    from reconciler.app.planning.plan import existing_groups
    from reconciler.app.targets.connection import connect
    from reconciler.cli.progress import Progress

    specs = load(paths, project_path, environment)
    question = Question(paths, project_path, environment, only)
    root, groups = specs.project.root, existing_groups(specs)
    with connect(target, root, existing=groups) as connection:
        result = accept(question, connection, specs, Progress(quiet=quiet))
    _tell(result, colour=colour)
    code = ExitCode.NOT_CONVERGED if result.findings or result.objections else ExitCode.OK
    if result.objections or not result.files:
        return code
    what = f"{plural(len(result.accepted), 'difference')} in {plural(len(result.files), 'file')}"
    if dry_run:
        click.echo(f"{what} to accept: a plan of the edited specs has none of them.", err=True)
        return ExitCode.CHANGES
    if not yes:
        _ask(len(result.files))
    for file in result.files:
        file.write()
    click.echo(f"Accepted {what}: valid, and a new plan has none of them.", err=True)
    return code


def _tell(result: Acceptance, *, colour: bool) -> None:
    """Print the edits on stdout, and everything about them on stderr."""
    for change, reason in result.left:
        click.echo(f"left alone: {change.address}: {reason}", err=True)
    if result.findings:
        print_diagnostics(result.findings, sys.stderr, colour=colour)
    write("".join(file.diff for file in result.files))
    sys.stdout.flush()
    if result.objections:
        click.echo("Nothing was written: with these edits the specs would not be right.", err=True)
        for objection in result.objections:
            click.echo(f"  {objection}", err=True)
    elif not result.files:
        click.echo("Nothing was written." if result.findings else "Nothing to accept.", err=True)
    elif result.shared_with:
        names = ", ".join(result.shared_with)
        click.echo(f"The stacks are those of {names}, too: plan there before merging.", err=True)


def _ask(files: int) -> None:
    """Ask before writing; without a terminal there is nobody to ask.

    Raises:
        UsageError: nobody can answer.
        Abort: the answer is no.

    """
    if not sys.stdin.isatty():
        problem = "there is no terminal to ask on; say --yes to write, or --dry-run to look"
        raise click.UsageError(problem)
    click.confirm(f"Write {plural(files, 'file')}?", abort=True, err=True)


@click.command("schema")
@click.argument("name", required=False, default="")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write all schemas into this folder; they refer to each other by file name.",
)
def schema_command(name: str, out: Path | None) -> int:
    """List the JSON Schemas, print one, or write all of them for editors that are offline.

    \b
    Examples:
      reconciler schema
      reconciler schema stack > stack.schema.json
      reconciler schema --out .reconciler/schemas
    """
    from reconciler.app.authoring.schema import listing, text_of, write_all

    if name and out:
        mend = "leave NAME out: schemas refer to each other, so all are written"
        raise UsageError("NAME and --out do not go together", mend)
    if out is None:
        write(text_of(name) if name else listing())
        return ExitCode.OK
    for changed, path in write_all(out):
        click.echo(f"  {'wrote' if changed else 'kept '}  {path}")
    return ExitCode.OK
