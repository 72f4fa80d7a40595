"""``completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
def completion_command(shell: str) -> None:
    """Print the script that completes commands in your shell.

    \b
    Add this line to your shell's start-up file:
      bash         eval "$(reconciler completion bash)"
      zsh          eval "$(reconciler completion zsh)"
      fish         reconciler completion fish | source
      powershell   reconciler completion powershell | Out-String | Invoke-Expression
    """
    from reconciler.cli.main import cli

    kind = get_completion_class(shell)
    assert kind is not None, f"click knows {shell}"
    click.echo(kind(cli, {}, "reconciler", "_RECONCILER_COMPLETE").source())
