"""``policy``: what an organisation asks for."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import print_diagnostics, write


@click.group("policy")
def policy_command() -> None:
    """Show which policies hold where, and try them on their own examples."""


@policy_command.command("list")
@options.project
@options.output("text", "json")
def list_command(project_path: Path | None, form: str) -> int:
    """List the policies of the project and its packs, with their severity in each environment.

    \b
    Examples:
      reconciler policy list
      reconciler policy list -o json
    """
    from reconciler.app.authoring.policy_report import active, as_table, as_values

    found = active(project_path)
    if form == "json":
        from reconciler.render.formats.words import json_text

        write(json_text(as_values(found)))
    else:
        write(as_table(found))
    return ExitCode.OK


@policy_command.command("show")
@click.argument("name")
@options.project
def show_command(name: str, project_path: Path | None) -> int:
    """Say what a policy asks for, why, and where it holds.

    \b
    Examples:
      reconciler policy show local-auth-off
    """
    from reconciler.app.authoring.policy_report import active, as_text

    found = active(project_path)
    write(as_text(found.named([name])[0], found.environments))
    return ExitCode.OK


@policy_command.command("test")
@click.argument("names", nargs=-1)
@options.project
@click.pass_obj
def test_command(colour: bool, names: tuple[str, ...], project_path: Path | None) -> int:
    """Judge the examples in policy files: some shall pass, and some shall fail.

    \b
    Exit codes: 0 all examples do as they shall, 3 some do not.

    \b
    Examples:
      reconciler policy test
      reconciler policy test local-auth-off
    """
    from reconciler.app.authoring.policy_report import active, tried

    text, findings = tried(active(project_path).named(names))
    write(text)
    if findings:
        write("\n")
        print_diagnostics(findings, sys.stdout, colour=colour)
        return ExitCode.INVALID
    return ExitCode.OK
