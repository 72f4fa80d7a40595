"""``github``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from reconciler.cli.exit_codes import ExitCode

author = click.option(
    "--author",
    metavar="LOGIN",
    default="github-actions[bot]",
    show_default=True,
    help="Who writes with the token: what others have written is never touched.",
)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("github")
def github_command() -> None:
    """Keep the comment of a pull request and the issues about drift as reports say.

    Needs GITHUB_REPOSITORY and GITHUB_TOKEN; GITHUB_API_URL for a server of your own. Nothing is
    asked of Azure.
    """


@github_command.command("comment")
@click.argument("file", type=FILE)
@click.option("--pull-request", "number", type=int, help="By default that of the workflow's event.")
@click.option("-e", "--env", "environment", default="", help="One comment for each environment.")
@click.option("--only-update", is_flag=True, help="Write nothing where there is no comment yet.")
@author
def comment_command(
    file: Path, number: int | None, environment: str, only_update: bool, author: str
) -> int:
    """Show FILE, a Markdown report, as the one comment of a pull request.

    The comment is written anew in its place, and left alone if it says the same already.

    \b
    Examples:
      reconciler plan -e prod --report markdown=plan.md
      reconciler github comment plan.md -e prod
    """
    from reconciler.app.reviewing.github import connect, keep_comment, pull_number

    forge = connect()
    wanted = pull_number() if number is None else number
    text = file.read_text(encoding="utf-8")
    done = keep_comment(forge, wanted, environment, text, author, only_update=only_update)
    click.echo(f"Comment of #{wanted}: {done}.", err=True)
    return ExitCode.OK


@github_command.command("stale")
@click.option(
    "--pull-request", "numbers", type=int, multiple=True, help="By default all open ones."
)
@author
def stale_command(numbers: tuple[int, ...], author: str) -> int:
    """Mark the comments of plans whose base branch has moved since.

    Run it when something was pushed to that branch.
    """
    from reconciler.app.reviewing.github import connect, mark_stale

    count = mark_stale(connect(), numbers, author)
    click.echo(f"{count} stale.", err=True)
    return ExitCode.OK


@github_command.command("issues")
@click.argument("report", type=FILE)
@author
def issues_command(report: Path, author: str) -> int:
    """Keep one issue for each stack that has drifted, as REPORT says.

    REPORT is made by `drift --history FILE --report json=REPORT`. An issue is opened when a
    difference has been seen twice, updated when others come or go, closed when all of them are
    gone, and opened again if somebody closed it too early. Only what was read can close anything.
    """
    from reconciler.app.reviewing.github import Report, connect, keep_issues
    from reconciler.app.reviewing.surroundings import run_url

    forge = connect()
    count = keep_issues(forge, Report.read(report), author, run_url())
    click.echo(f"{count} issues written.", err=True)
    return ExitCode.OK


@github_command.command("outputs")
@click.argument("report", type=FILE)
def outputs_command(report: Path) -> int:
    """Hand the numbers of a JSON report to later steps of the workflow.

    They are appended to the file that GITHUB_OUTPUT names, or printed without it: of a plan
    `changes`, a number for each action, and `digest`; of drift `changes`, and a number for each
    severity.
    """
    from reconciler.app.reviewing.github import outputs

    lines = "".join(f"{name}={value}\n" for name, value in outputs(report).items())
    place = os.environ.get("GITHUB_OUTPUT")
    if place:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(lines)
    else:
        click.echo(lines, nl=False)
    return ExitCode.OK
