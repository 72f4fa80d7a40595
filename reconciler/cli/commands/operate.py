"""``doctor`` and ``rbac``: what the tool stands on, and what it must be allowed to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import write

if TYPE_CHECKING:
    from reconciler.model.permission import Role
    from reconciler.model.value import Json


@click.command("doctor")
@options.paths
@options.environment
@options.target
@options.project
@options.output("text", "json")
@click.pass_obj
def doctor_command(
    colour: bool,
    paths: tuple[Path, ...],
    environment: str | None,
    target: str,
    project_path: Path | None,
    form: str,
) -> int:
    """Look at what plan and apply stand on, and say how to mend what is wrong.

    Versions, specs, schemas, sign-in, subscriptions, providers, resource groups, permissions,
    federated credentials, clock, proxy and throttling. Sends reads alone and prints no secret.

    \b
    Exit codes: 0 no failure, 1 a check failed, 3 invalid specs.

    \b
    Examples:
      reconciler doctor
      reconciler doctor specs/prod -o json
    """
    from reconciler.app.access.doctor import examine
    from reconciler.model.checkup import Mark
    from reconciler.render.checks.checkup import checkup_json, checkup_text

    found = examine(paths, project_path, target, environment)
    if form == "json":
        _write_json(checkup_json(found.checks))
    else:
        write(checkup_text(found.checks, colour=colour))
    if not found.specs_valid:
        return ExitCode.INVALID
    failed = any(check.mark is Mark.FAIL for check in found.checks)
    return ExitCode.FAILED if failed else ExitCode.OK


@click.group("rbac")
def rbac_command() -> None:
    """Derive least-privilege roles from the specs, and compare them with the caller's."""


@rbac_command.command("generate")
@options.paths
@options.environment
@options.project
@options.output("text", "json")
@click.option(
    "--name", default="reconciler", show_default=True, help="What the roles' names begin with."
)
@click.option("--with-checks", is_flag=True, help="Also what `reconciler rbac check` reads.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write plan.json and apply.json here, and the condition if there is one.",
)
@click.pass_obj
def generate_command(
    colour: bool,
    paths: tuple[Path, ...],
    environment: str | None,
    project_path: Path | None,
    form: str,
    name: str,
    with_checks: bool,
    out: Path | None,
) -> int:
    """Write two custom roles: exactly what `plan` reads, and exactly what `apply` sends.

    Derived from the specs alone, without Azure. No wildcard, no keys. Deletes are in it only where
    the specs can cause one. Generate them anew when the specs get or lose a kind.

    \b
    Examples:
      reconciler rbac generate
      reconciler rbac generate --out roles
      az role definition create --role-definition roles/plan.json
      az role assignment create --assignee ID --role "ROLE" --scope SCOPE \\
        --condition "$(cat roles/apply.condition.txt)" --condition-version 2.0
    """
    from reconciler.app.access.rbac import generate
    from reconciler.app.loading.specs import load
    from reconciler.render.checks.rbac import roles_json, roles_text

    roles = generate(load(paths, project_path, environment), name, checks=with_checks)
    if out is not None:
        _write_roles(out, roles)
    elif form == "json":
        _write_json(roles_json(roles))
    else:
        write(roles_text(roles, colour=colour))
    return ExitCode.OK


@rbac_command.command("check")
@options.paths
@options.environment
@options.target
@options.project
@click.pass_obj
def check_command(
    colour: bool,
    paths: tuple[Path, ...],
    environment: str | None,
    target: str,
    project_path: Path | None,
) -> int:
    """Say which actions the caller lacks, where, and what needs them; before the first write.

    \b
    Exit codes: 0 all are there, 1 could not be read, 3 invalid specs, 4 some are missing.

    \b
    Examples:
      reconciler rbac check
      reconciler rbac check specs/prod
    """
    from reconciler.app.access.rbac import check
    from reconciler.app.loading.specs import load
    from reconciler.app.planning.plan import existing_groups
    from reconciler.app.targets.connection import connect
    from reconciler.render.checks.rbac import access_text

    specs = load(paths, project_path, environment)
    project = specs.project
    with connect(
        target, project.root, existing=existing_groups(specs), tenants=project.tenants
    ) as connection:
        access = check(specs, connection)
    write(access_text(access, colour=colour))
    if access.unread:
        return ExitCode.FAILED
    return ExitCode.REFUSED if access.missing else ExitCode.OK


def _write_json(document: dict[str, Json]) -> None:
    """Write a document to stdout."""
    from reconciler.render.formats.words import json_text

    write(json_text(document))


def _write_roles(folder: Path, roles: tuple[Role, ...]) -> None:
    """Write a file for each role, and one for its condition; files of an earlier run give way."""
    from reconciler.render.checks.rbac import role_definition

    folder.mkdir(parents=True, exist_ok=True)
    for role in roles:
        path = folder / f"{role.phase.value}.json"
        text = json.dumps(role_definition(role), indent=2, ensure_ascii=False) + "\n"
        path.write_text(text, encoding="utf-8", newline="\n")
        click.echo(path)
        condition = folder / f"{role.phase.value}.condition.txt"
        condition.unlink(missing_ok=True)
        if role.condition:
            condition.write_text(f"{role.condition}\n", encoding="utf-8", newline="\n")
            click.echo(condition)
