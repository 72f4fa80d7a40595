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


certificates = click.option(
    "--certificates",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".reconciler") / "certificates",
    show_default=True,
    help="The folder of the certificate authority.",
)


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
    metavar="immediate|polls:N|seconds:S|recorded",
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
@click.option(
    "--authorization/--no-authorization",
    default=False,
    show_default=True,
    help="Callers need a token of the emulator's, and a role for what they ask.",
)
@click.option(
    "--consistency",
    default="immediate",
    show_default=True,
    metavar="immediate|recorded|adversarial:SEED",
    help="When what was written is seen.",
)
@click.option(
    "--speed",
    type=float,
    default=1.0,
    show_default=True,
    help="How many seconds go by in the emulator while one does outside.",
)
@click.option("--https", is_flag=True, help="Speak https, with the certificates of `emulator ca`.")
@certificates
@click.option(
    "--proxy",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Open a proxy there that leads clients of Azure here, and nothing out; implies --https.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on; any other lets other machines in, without a password.",
)
@click.option(
    "--subscription",
    "subscriptions",
    multiple=True,
    metavar="ID",
    help="A subscription that exists; any does while none is named. May be repeated.",
)
def serve_command(
    port: int,
    state: Path | None,
    operations: str,
    log: Path | None,
    check_links: bool,
    dns: str | None,
    authorization: bool,
    consistency: str,
    speed: float,
    https: bool,
    folder: Path,
    proxy: int | None,
    host: str,
    subscriptions: tuple[str, ...],
) -> None:
    """Serve ARM on this machine until Ctrl-C, over http unless asked for https.

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
            authorization=authorization,
            consistency=consistency,
            speed=speed,
            certificates=folder if https or proxy is not None else None,
            host=host,
            proxy=proxy,
        ) as server:
            server.declare_subscriptions(subscriptions)
            click.echo(server.url)
            who = "this machine only" if host == "127.0.0.1" else "WHOEVER CAN REACH THIS ADDRESS"
            what = "roles decide" if authorization else "any bearer token is accepted"
            click.echo(f"for {who} ({host}); {what}; tenant {server.tenant}", err=True)
            if proxy is not None:
                click.echo(f"HTTPS_PROXY={server.proxy_url}", err=True)
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
    from reconciler.app.targets.emulation import snapshot
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
    from reconciler.app.targets.emulation import change

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
      az resource show --ids ID | jq '[.]' > seen.json
      reconciler emulator seed seen.json
    """
    from reconciler.app.targets.emulation import change

    change(state, url, "POST", "seed", file)


@emulator_command.command("reset")
@state_file
@address
def reset_command(state: Path | None, url: str | None) -> None:
    """Forget every resource, operation, declared subscription, fault and logged request."""
    from reconciler.app.targets.emulation import change

    change(state, url, "POST", "reset")


@emulator_command.command("ca")
@certificates
def ca_command(folder: Path) -> None:
    """Print the file of the emulator's certificate authority, which is made if need be.

    It can vouch only for this machine and three hosts of Azure, and its key stays in the folder.

    \b
    Clients trust it by a variable:
      export REQUESTS_CA_BUNDLE=$(reconciler emulator ca)   az, Ansible, the SDK
      export SSL_CERT_FILE=$(reconciler emulator ca)        the SDK's aio, Go, curl
    """
    from reconciler.emulator.wire.certificates import authority
    from reconciler.emulator.wire.errors import EmulatorError
    from reconciler.model.errors import UnavailableError

    try:
        click.echo(authority(folder))
    except EmulatorError as error:
        raise UnavailableError(str(error)) from error
