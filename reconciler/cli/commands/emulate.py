"""``emulator``."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click


@click.group("emulator")
def emulator_command() -> None:
    """Run the embedded Azure control plane on its own, for development and tests."""


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
def serve_command(
    port: int, state: Path | None, operations: str, log: Path | None, check_links: bool
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
            state=state, port=port, operations=operations, log=log, check_links=check_links
        ) as server:
            click.echo(server.url)
            click.echo("this machine only (127.0.0.1); any bearer token is accepted", err=True)
            stop.wait()
    except EmulatorError as error:
        raise UnavailableError(str(error)) from error
