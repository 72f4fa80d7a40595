"""``addresses``: what can be done with private addresses on this machine, without Azure."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import print_diagnostics, write


@click.group("addresses")
def addresses_command() -> None:
    """Hash the addresses of suppression lists, and check their files. Shows no address, ever."""


@addresses_command.command("hash")
@click.argument("file", required=False, type=click.Path(allow_dash=True))
def hash_command(file: str | None) -> int:
    """Print the keyed hash of each address in FILE, or on standard input, sorted.

    The key is in the environment variable RECONCILER_PRIVACY_KEY. The order of the file cannot be
    told from the output, and without the key an address cannot be tested against a hash.

    \b
    Examples:
      reconciler addresses hash specs/suppressed/billing.txt
      az keyvault secret show ... | reconciler addresses hash
    """
    from reconciler.app.loading.address_files import hashes_of

    path = None if file in (None, "-") else Path(str(file))
    content = sys.stdin.buffer.read() if path is None else b""
    write("".join(f"{line}\n" for line in hashes_of(path, content)))
    return ExitCode.OK


@addresses_command.command("check")
@options.paths
@options.environment
@options.project
def check_command(
    paths: tuple[Path, ...], environment: str | None, project_path: Path | None
) -> int:
    """Read the files of addresses as plan does, and say in figures what each list is given.

    \b
    Exit codes: 0 all is well, 3 invalid specs, files or key.

    \b
    Examples:
      reconciler addresses check
      reconciler addresses check specs/prod
    """
    from reconciler.app.loading.address_files import holdings
    from reconciler.app.loading.addresses import Addresses
    from reconciler.app.loading.specs import load
    from reconciler.render.formats.private import holdings_text

    specs = load(paths, project_path, environment, addresses=Addresses.NEEDED)
    if specs.warnings:
        print_diagnostics(specs.warnings, sys.stderr)
    write(holdings_text(holdings(specs.desired.entries)))
    return ExitCode.OK
