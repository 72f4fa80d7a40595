"""``receipt``: what a run did, held against what it should have done."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import plan_options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import write

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("receipt")
def receipt_command() -> None:
    """Look at what `apply --receipt` wrote."""


@receipt_command.command("verify")
@click.argument("file", type=_FILE)
@click.option("--plan", "plan_file", type=_FILE, help="Also hold it against this plan file.")
@plan_options.verify_key
@click.pass_obj
def verify_command(
    colour: bool, file: Path, plan_file: Path | None, verify_key: Path | None
) -> int:
    """Hold each request that was sent against the one that was planned, without Azure.

    It is as it was sealed; each body that left is, byte for byte, the planned one; each answer and
    each read-back is what was predicted; nothing else was sent. With --plan, the promises are those
    of that file.

    \b
    Exit codes: 0 all fits, 3 no receipt, 4 something does not fit (it says what, and where).

    \b
    Examples:
      reconciler receipt verify receipt.json
      reconciler receipt verify receipt.json --plan plan.json
    """
    del colour
    from reconciler.app.sealed.receipt import verify
    from reconciler.app.sealed.sealed_files import bytes_of
    from reconciler.app.sealed.signature import check_signature
    from reconciler.render.runs.receipt_text import receipt_text

    receipt = verify(file, plan_file)
    if verify_key is not None:
        check_signature(file, bytes_of(receipt.value), verify_key)
    write(receipt_text(receipt.value))
    return ExitCode.OK
