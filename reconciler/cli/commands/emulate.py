"""``emulator``."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

state_file = click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The state file; by default that of the embedded one, .reconciler/emulator.sqlite.",
)

address = click.option(
    "--url", metavar="URL", help="The address of an emulator that runs, instead of a file."
)

content_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group("emulator")
def emulator_command() -> None:
    """Run the embedded Azure control plane on its own, and keep or change its state."""


@emulator_command.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=8480, show_default=True)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="An SQLite file that outlives the run; in memory without it.",
)
@click.option(
    "--operations",
    default="immediate",
    show_default=True,
    metavar="immediate|polls:N|seconds:S",
    help="How long long-running operations take.",
)
@click.option(
    "--log",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every request to this file as a JSON line.",
)
@click.option(
    "--check-links/--no-check-links",
    default=True,
    show_default=True,
    help="Refuse to link domains that are not there or not verified, as Azure does.",
)
@click.option(
    "--dns",
    metavar="ADDRESS:PORT",
    envvar="RECONCILER_DNS",
    show_envvar=True,
    help="The DNS server whose records decide the verification of mail domains.",
)
def serve_command(
    port: int,
    state: Path | None,
    operations: str,
    log: Path | None,
    check_links: bool,
    dns: str | None,
) -> None:
    """Serve ARM over http on 127.0.0.1 until Ctrl-C.

    \b
    In another terminal:
      export RECONCILER_TARGET=http://127.0.0.1:8480
      reconciler plan
    """
    from reconciler.emulator import EmulatorError, EmulatorServer
    from reconciler.model.errors import UnavailableError

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with EmulatorServer(
            state=state,
            port=port,
            operations=operations,
            log=log,
            check_links=check_links,
            dns=dns,
        ) as server:
            click.echo(server.url)
            click.echo("this machine only (127.0.0.1); any bearer token is accepted", err=True)
            stop.wait()
    except EmulatorError as error:
        raise UnavailableError(str(error)) from error


@emulator_command.command("snapshot")
@state_file
@address
@click.option(
    "--out",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; stdout without it.",
)
def snapshot_command(state: Path | None, url: str | None, out: Path | None) -> None:
    """Write the whole state as one JSON document, which `restore` takes back."""
    from reconciler.app.emulation import snapshot
    from reconciler.cli.output import write

    text = snapshot(state, url)
    if out is None:
        write(text)
    else:
        out.write_text(text, encoding="utf-8")


@emulator_command.command("restore")
@content_file
@state_file
@address
def restore_command(file: Path, state: Path | None, url: str | None) -> None:
    """Replace the whole state by that of a snapshot."""
    from reconciler.app.emulation import change

    change(state, url, "PUT", "snapshot", file)


@emulator_command.command("seed")
@content_file
@state_file
@address
def seed_command(file: Path, state: Path | None, url: str | None) -> None:
    """Add resources as a GET shows them: a JSON list of objects with an `id`, in any order.

    What is there already is replaced; missing resource groups are made.

    \b
    Example:
      az resource show --ids ID... | jq -s . > seen.json
      reconciler emulator seed seen.json
    """
    from reconciler.app.emulation import change

    change(state, url, "POST", "seed", file)


@emulator_command.command("reset")
@state_file
@address
def reset_command(state: Path | None, url: str | None) -> None:
    """Forget every resource, operation, declared subscription, fault and logged request."""
    from reconciler.app.emulation import change

    change(state, url, "POST", "reset")
