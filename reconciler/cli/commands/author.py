"""Commands that never talk to Azure: init, validate, render, explain, graph."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import print_diagnostics, write
from reconciler.model.errors import InvalidInputError
from reconciler.render.formats.words import plural


@click.command("validate")
@options.paths
@options.environment
@options.project
@options.output("text", "concise", "github", "json", "sarif")
@click.pass_obj
def validate_command(
    colour: bool,
    paths: tuple[Path, ...],
    environment: str | None,
    project_path: Path | None,
    form: str,
) -> int:
    """Check spec files, without Azure. Reports every problem of every file in one run.

    PATHS are spec files, folders or globs; without any, those of the project file. Stacks are
    checked in every environment that has them, or in the one that is named, and judged by the
    policies of the project.

    \b
    Examples:
      reconciler validate
      reconciler validate -e prod
      reconciler validate specs/prod -o github   annotations in a pull request
    """
    from reconciler.app.authoring.check import check_all, check_one

    try:
        if environment is None:
            checked = check_all(paths, project_path)
        else:
            checked = check_one(paths, project_path, environment)
    except InvalidInputError as error:
        print_diagnostics(error.diagnostics, sys.stdout, form=form, colour=colour)
        return ExitCode.INVALID
    if form == "text":
        if checked.warnings:
            print_diagnostics(checked.warnings, sys.stdout, colour=colour)
        counts = [(checked.files, "file"), (checked.environments, "environment")]
        words = [plural(count, noun) for count, noun in counts if count]
        write(f"Valid: {', '.join([*words, plural(checked.resources, 'resource')])}.\n")
    elif form in ("json", "sarif") or checked.warnings:
        print_diagnostics(checked.warnings, sys.stdout, form=form)
    return ExitCode.OK


@click.command("render")
@options.paths
@options.environment
@options.project
@click.option("--annotate", is_flag=True, help="Say where each line that differs comes from.")
@options.output("yaml", "json")
def render_command(
    paths: tuple[Path, ...],
    environment: str | None,
    project_path: Path | None,
    annotate: bool,
    form: str,
) -> int:
    """Print the stacks as an environment wants them: patched, with variables filled in.

    What is printed is a stack again, without variables. PATHS are as for plan.

    \b
    Examples:
      reconciler render -e prod
      reconciler render -e prod --annotate       with the place of everything that differs
      reconciler render -e prod stacks/mail.yaml > mail.yaml
    """
    from reconciler.app.authoring.rendered import as_json, as_yaml
    from reconciler.app.loading.specs import load

    specs = load(paths, project_path, environment)
    if specs.warnings:
        print_diagnostics(specs.warnings, sys.stderr)
    if form == "json":
        write(as_json(specs.rendered))
    else:
        write(as_yaml(specs.rendered, annotate=annotate))
    return ExitCode.OK


@click.command("graph")
@options.paths
@options.environment
@options.project
@options.output("mermaid", "dot")
def graph_command(
    paths: tuple[Path, ...], environment: str | None, project_path: Path | None, form: str
) -> int:
    """Draw what depends on what, from the specs alone.

    \b
    Examples:
      reconciler graph > graph.mmd               GitHub and Azure DevOps draw Mermaid
      reconciler graph -o dot | dot -Tsvg > graph.svg
    """
    from reconciler.app.loading.specs import load
    from reconciler.render.drawings import graph

    desired = load(paths, project_path, environment).desired
    write(graph.mermaid(desired) if form == "mermaid" else graph.dot(desired))
    return ExitCode.OK


@click.command("explain")
@click.argument("path", required=False, default="")
@click.option("-r", "--recursive", is_flag=True, help="Show what is below, too.")
@options.output("text", "markdown")
def explain_command(path: str, recursive: bool, form: str) -> int:
    """Say what a kind or field means, and what a change of it does.

    PATH is KIND or KIND.field.field; without one, the kinds are listed.

    \b
    Examples:
      reconciler explain
      reconciler explain CommunicationService
      reconciler explain CommunicationService.identity
      reconciler explain Stack.spec
      reconciler explain EmailDomain -o markdown   as in docs/reference
    """
    if form == "markdown":
        from reconciler.app.authoring.reference import reference

        write(reference(path))
        return ExitCode.OK
    from reconciler.app.authoring.explain import explain

    write(explain(path, recursive=recursive))
    return ExitCode.OK


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option("--subscription", default="", help="The subscription's id, for the project file.")
@click.option("--resource-group", default="", help="The resource group that the example uses.")
def init_command(folder: Path, subscription: str, resource_group: str) -> int:
    """Start a repository of specs in FOLDER. Files that are there already are left alone.

    \b
    Writes:
      reconciler.yaml                 the project file
      specs/example.yaml              a stack to start from
      .reconciler/schemas/            schemas for editors that are offline
      .vscode/settings.json           which schema goes with which files
    """
    from reconciler.app.authoring.scaffold import scaffold

    for written, path in scaffold(folder, subscription, resource_group):
        click.echo(f"  {'wrote' if written else 'kept '}  {path}")
    prefix = "" if folder == Path() else f"-C {folder} "
    click.echo("\nNext:")
    click.echo(f"  reconciler {prefix}validate")
    click.echo(f"  reconciler {prefix}plan --target emulator")
    click.echo(f"  reconciler {prefix}apply --target emulator")
    return ExitCode.OK
