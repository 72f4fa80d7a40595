"""``lint``: everything that can be said about specs without Azure."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import print_diagnostics, talk, write
from reconciler.model.diagnostic import Severity
from reconciler.render.formats.words import plural


@click.command("lint")
@options.paths
@options.environment
@options.project
@click.option("--fix", is_flag=True, help="Mend what can be mended without changing a value.")
@click.option("--strict", is_flag=True, help="Exit with 2 if there are warnings.")
@options.output("text", "concise", "github", "json", "sarif")
@click.pass_obj
def lint_command(
    colour: bool,
    paths: tuple[Path, ...],
    environment: str | None,
    project_path: Path | None,
    fix: bool,
    strict: bool,
    form: str,
) -> int:
    """Check spec files as validate does, judge them by policies, and look at their style.

    Style are long stacks, identities that nothing uses, and files that editors cannot check.
    PATHS are as for validate.

    \b
    Exit codes: 0 no errors, 2 warnings and --strict, 3 errors.

    \b
    Examples:
      reconciler lint
      reconciler lint --fix                      adds the first line that editors need
      reconciler lint --strict -o github         annotations in a pull request
      reconciler lint -o sarif > lint.sarif      for code scanning
    """
    from reconciler.app.authoring.lint import lint

    linted = lint(paths, project_path, environment, fix=fix)
    talk(f"mended {name}" for name in linted.mended)
    if linted.findings or form in ("json", "sarif"):
        print_diagnostics(linted.findings, sys.stdout, form=form, colour=colour)
    elif form == "text":
        write(f"Nothing to say: {plural(linted.files, 'file')}.\n")
    if any(finding.severity is Severity.ERROR for finding in linted.findings):
        return ExitCode.INVALID
    return ExitCode.CHANGES if linted.findings and strict else ExitCode.OK
