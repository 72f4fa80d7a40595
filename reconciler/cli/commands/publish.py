"""``publish``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from reconciler.cli.exit_codes import ExitCode

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
HOMES = ("github", "gitlab", "azure-devops")

home = click.option(
    "--on",
    "home",
    type=click.Choice(HOMES),
    help="The home of the repository; by default that of the pipeline.",
)
author = click.option(
    "--author",
    metavar="NAME",
    help="Who writes with the token: what others have written is never touched. By default"
    " github-actions[bot], or whom GitLab or Azure DevOps says that it is.",
)


@click.group("publish")
def publish_command() -> None:
    """Keep the comment of a pull request and the issues about drift as reports say.

    On GitHub, GitLab and Azure DevOps alike. In a pipeline only a token is needed besides what the
    pipeline sets: GITHUB_TOKEN, GITLAB_TOKEN or SYSTEM_ACCESSTOKEN. Nothing is asked of Azure.
    """


@publish_command.command("comment")
@click.argument("file", type=FILE)
@click.option("--pull-request", "number", type=int, help="By default that of the pipeline's run.")
@click.option("-e", "--env", "environment", default="", help="One comment for each environment.")
@click.option("--only-update", is_flag=True, help="Write nothing where there is no comment yet.")
@click.option(
    "--plan",
    "plan",
    type=FILE,
    help="The same plan as JSON. On Azure DevOps the thread waits for an answer while the plan"
    " deletes, replaces, or is refused.",
)
@home
@author
def comment_command(
    file: Path,
    number: int | None,
    environment: str,
    only_update: bool,
    plan: Path | None,
    home: str | None,
    author: str | None,
) -> int:
    """Show FILE as the one comment of a pull request.

    FILE is a report in Markdown. The comment is written anew in its place, and left alone if it
    says the same already.

    \b
    Examples:
      reconciler plan -e prod --report markdown=plan.md
      reconciler publish comment plan.md -e prod
    """
    from reconciler.app.reviewing.drift_report import loses
    from reconciler.app.reviewing.homes import chosen, connect, run_of
    from reconciler.app.reviewing.keeping import keep_comment
    from reconciler.core.review.comment_keeper import Wanted

    where = chosen(home)
    forge, run = connect(where), run_of(where, number)
    state = "" if plan is None else "open" if loses(plan) else "closed"
    wanted = Wanted(environment, file.read_text(encoding="utf-8"), state, only_update)
    done = keep_comment(forge, run, wanted, author or forge.whoami())
    click.echo(f"Comment of #{run.pull}: {done}.", err=True)
    return ExitCode.OK


@publish_command.command("stale")
@click.option(
    "--pull-request", "numbers", type=int, multiple=True, help="By default all open ones."
)
@home
@author
def stale_command(numbers: tuple[int, ...], home: str | None, author: str | None) -> int:
    """Mark plans that lack commits of their base branch.

    Run it when something was pushed to that branch.
    """
    from reconciler.app.reviewing.homes import chosen, connect
    from reconciler.app.reviewing.keeping import mark_stale

    forge = connect(chosen(home))
    count = mark_stale(forge, numbers, author or forge.whoami())
    click.echo(f"{count} stale.", err=True)
    return ExitCode.OK


@publish_command.command("issues")
@click.argument("report", type=FILE)
@click.option(
    "--work-item-type",
    "kind",
    default="",
    help="Azure Boards: by default Issue, Bug or Task, the first that the project has.",
)
@click.option(
    "--open-state",
    "opened",
    default="",
    help="Azure Boards: the state of what is opened again, by default the first one proposed.",
)
@click.option(
    "--closed-state",
    "closed",
    default="",
    help="Azure Boards: the state of what is closed, by default the first one completed.",
)
@home
@author
def issues_command(
    report: Path, kind: str, opened: str, closed: str, home: str | None, author: str | None
) -> int:
    """Keep one issue for each stack that has drifted, as REPORT says.

    REPORT is made by `drift --history FILE --report json=REPORT`. An issue is opened when a
    difference has been seen twice, updated when others come or go, closed when all of them are
    gone, and opened again if somebody closed it too early. Only what was read can close anything.
    """
    from reconciler.app.reviewing.drift_report import Report
    from reconciler.app.reviewing.homes import chosen, connect
    from reconciler.app.reviewing.keeping import keep_issues
    from reconciler.app.reviewing.surroundings import run_url
    from reconciler.model.forge import Boards

    forge = connect(chosen(home), Boards(kind, opened, closed))
    found = Report.read(report)
    count = keep_issues(forge, found, author or forge.whoami(), run_url())
    click.echo(f"{count} issues written.", err=True)
    return ExitCode.OK


@publish_command.command("outputs")
@click.argument("report", type=FILE)
def outputs_command(report: Path) -> int:
    """Hand the numbers of a report to later steps.

    REPORT is JSON, of plan or drift. The numbers are appended to the file that GITHUB_OUTPUT names,
    or printed as NAME=VALUE without it: of a plan `changes`, a number for each action, and
    `digest`; of drift `changes`, and a number for each severity.
    """
    from reconciler.app.reviewing.drift_report import outputs

    lines = "".join(f"{name}={value}\n" for name, value in outputs(report).items())
    place = os.environ.get("GITHUB_OUTPUT")
    if place:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(lines)
    else:
        click.echo(lines, nl=False)
    return ExitCode.OK
