"""Commands that write the files of a repository: fmt, schema."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import print_diagnostics, write
from reconciler.model.errors import UsageError
from reconciler.render.words import plural


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
    from reconciler.app.fmt import format_files
    from reconciler.spec.rewrite import unified_diff

    result = format_files(paths, project_path)
    check = check or diff
    for file in result.changed:
        if not check:
            file.write()
        if diff:
            before, after = file.before.decode("utf-8"), file.after.decode("utf-8")
            write(unified_diff(file.name, before, after))
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
    from reconciler.app.schema import listing, text_of, write_all

    if name and out:
        mend = "leave NAME out: schemas refer to each other, so all are written"
        raise UsageError("NAME and --out do not go together", mend)
    if out is None:
        write(text_of(name) if name else listing())
        return ExitCode.OK
    for changed, path in write_all(out):
        click.echo(f"  {'wrote' if changed else 'kept '}  {path}")
    return ExitCode.OK
