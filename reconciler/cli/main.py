"""From argv to an exit code: the only place that catches errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from reconciler import __version__
from reconciler.cli.exit_codes import ExitCode, of_invalid
from reconciler.model.errors import InvalidInputError, ReconcilerError, UsageError

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("author", "Start a repository of specs: project file, example, editor settings."),
    "validate": ("author", "Check spec files against their schemas, without Azure."),
    "lint": ("lint", "Validate, judge style as well, and mend what can be mended."),
    "policy": ("policy", "Show the organisation's policies, and try their examples."),
    "fmt": ("edit", "Bring spec files into one form, comments and all."),
    "render": ("author", "Print the stacks as an environment wants them."),
    "explain": ("author", "Say what a kind or field means, and what a change of it does."),
    "schema": ("edit", "List, print or write the JSON Schemas of the files."),
    "graph": ("author", "Draw what depends on what, as Mermaid or DOT."),
    "plan": ("change", "Show what would change in Azure. Writes nothing."),
    "report": ("report", "Make one plan of the parts that several machines have written."),
    "apply": ("change", "Make Azure as the specs say, and prove it with a second plan."),
    "receipt": ("receipts", "Hold what an apply did against what was planned, without Azure."),
    "observe": ("observe", "Keep what Azure has in a file, for a plan without an account."),
    "drift": ("watch", "Show what has drifted, how bad it is, since when, and who did it."),
    "publish": ("publish", "Keep the comment of a pull request, and issues about drift."),
    "export": ("adopt", "Write specs for what exists in Azure, and prove them right."),
    "accept": ("edit", "Edit the specs so that they say what has drifted in Azure."),
    "dns": ("mail", "Print the records that mail domains need, and check them in DNS."),
    "doctor": ("operate", "Look at what plan and apply stand on, and say what to mend."),
    "rbac": ("operate", "Derive least-privilege roles from the specs, and check the caller's."),
    "journal": ("runs", "Tell what an apply has sent, also one that was killed."),
    "lock": ("runs", "Show who holds the lock of apply, and let go of a dead one's."),
    "addresses": ("addresses", "Hash private addresses, and check their files."),
    "emulator": ("emulate", "Run the embedded Azure control plane on its own."),
    "completion": ("completion", "Print the script that completes commands in your shell."),
}
"""Every command with its module and its summary, so that help imports none of them."""


class LazyGroup(click.Group):
    """A group that imports a command's module only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names, in the order of a first day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"reconciler.cli.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


EPILOG = """\b
Exit codes:
  0 in sync, or done     4 refused by a safety rule      64 usage
  1 failed               5 Azure changed since the plan  130 interrupted
  2 changes (plan)       6 applied, not (yet) as desired
  3 invalid specs
"""


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG,
)
@click.version_option(__version__, prog_name="reconciler")
@click.option(
    "-C",
    "--chdir",
    type=click.Path(exists=True, file_okay=False),
    help="Run as if started in this folder.",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colours; auto means on a terminal, and never with NO_COLOR.",
)
@click.pass_context
def cli(ctx: click.Context, chdir: str | None, color: str) -> None:
    """Desired state for Azure Communication Services and their managed identities.

    \b
    A first day:
      reconciler init                          write a project file and an example
      reconciler validate                      check the specs, without Azure
      reconciler plan --target emulator        try it on the embedded emulator
      reconciler apply --target emulator
      reconciler plan                          compare with Azure; writes nothing
    """
    if chdir:
        os.chdir(chdir)
    ctx.obj = wants_colour(color)


def wants_colour(choice: str) -> bool:
    """Return whether stdout is to be coloured: --color, then NO_COLOR, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def run(arguments: Sequence[str] | None = None) -> int:  # noqa: PLR0911  (one for each error)
    """Run the command line and return its exit code; prints what went wrong, never a traceback."""
    try:
        result = cli.main(arguments, prog_name="reconciler", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        error.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader has gone, as `| head` does: there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except InvalidInputError as error:
        from reconciler.cli.output import print_diagnostics

        print_diagnostics(error.diagnostics, sys.stderr)
        return of_invalid(error)
    except ReconcilerError as error:
        _say(error.problem, error.mend)
        return ExitCode.USAGE if isinstance(error, UsageError) else ExitCode.FAILED
    except click.ClickException as error:
        error.show()
        return ExitCode.FAILED
    except Exception as error:
        if os.environ.get("RECONCILER_DEBUG"):
            raise
        _say(
            f"this is a bug: {type(error).__name__}: {error}",
            "run again with RECONCILER_DEBUG=1 and report what it prints",
        )
        return ExitCode.FAILED
    return int(result) if isinstance(result, int) else ExitCode.OK


def _say(problem: str, mend: str) -> None:
    """Print an error and its mend, which may quote what Azure or a file says."""
    from reconciler.render.formats.one_line import one_line

    click.echo(f"error: {one_line(problem)}", err=True)
    if mend:
        click.echo(f"  mend: {one_line(mend)}", err=True)
