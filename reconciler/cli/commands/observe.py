"""``observe``: what Azure has, for a plan without an account."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import options, plan_options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import talk


@click.command("observe")
@options.paths
@options.environment
@options.target
@options.project
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write.",
)
@plan_options.sign_key
@click.option(
    "--wide",
    is_flag=True,
    help="Look into whole subscriptions, not only into the resource groups of the specs.",
)
@click.pass_obj
def observe_command(
    colour: bool,
    paths: tuple[Path, ...],
    environment: str | None,
    target: str,
    project_path: Path | None,
    out: Path,
    sign_key: Path | None,
    wide: bool,
) -> int:
    """Keep what Azure has in a file, with which `plan --snapshot` needs no account and no secret.

    Everything of the known kinds in the resource groups of the specs, by reads alone; without
    addresses of suppression lists, without names of people, and with digests for what looks like a
    secret. It is as confidential as a Reader's view of these groups.

    \b
    Exit codes: 0 all was read, 1 something could not be read (the file says what), 3 invalid specs.

    \b
    Examples:
      reconciler observe --out snapshot.json
      reconciler observe --out snapshot.json --sign-key key.pem
      reconciler plan --snapshot snapshot.json
    """
    del colour
    from reconciler.app.loading.addresses import Addresses
    from reconciler.app.loading.specs import load
    from reconciler.app.planning.plan import existing_groups
    from reconciler.app.sealed.sealed_files import write_sealed
    from reconciler.app.sealed.signature import signing_key
    from reconciler.app.sealed.snapshot import take
    from reconciler.app.targets.connection import connect
    from reconciler.model.value import as_object, entries
    from reconciler.render.formats.words import plural

    key = signing_key(sign_key)
    specs = load(paths, project_path, environment, addresses=Addresses.PASSED_OVER)
    project = specs.project
    with connect(
        target, project.root, existing=existing_groups(specs), tenants=project.tenants
    ) as connection:
        document = take(specs, connection, target, wide=wide)
    write_sealed(out, document, key)
    content = as_object(document["content"])
    count, failures = len(entries(content["objects"])), len(entries(content["failures"]))
    unread = f", {plural(failures, 'read')} failed" if failures else ""
    how = "kept and signed" if key is not None else "kept"
    talk([f"{how} {plural(count, 'resource')} in {out}{unread}", f"  {document['digest']}"])
    return ExitCode.FAILED if failures else ExitCode.OK
