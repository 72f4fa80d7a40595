"""``plan`` and ``apply``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options, plan_options
from reconciler.cli.commands.runs import mention_unfinished
from reconciler.cli.exit_codes import ExitCode, of_plan, of_report
from reconciler.cli.options import Report
from reconciler.cli.output import print_diagnostics, terminal_width, write, write_reports
from reconciler.cli.plan_options import Limits, Rehearsing, Sealing, Sharing
from reconciler.cli.progress import Progress
from reconciler.cli.telemetry import measured
from reconciler.model.event import Phase
from reconciler.model.plan import Plan
from reconciler.render.forms import PLAN_FORMS, Wish, show_plan, show_report

if TYPE_CHECKING:
    from reconciler.engine.ports import Listener


@click.command("plan")
@options.paths
@options.environment
@options.target
@options.project
@options.prune
@options.destroy
@options.output(*PLAN_FORMS)
@options.reports(*PLAN_FORMS)
@click.option("--requests", is_flag=True, help="Show every request with its body.")
@plan_options.sharing
@plan_options.snapshot
@plan_options.inverse
@plan_options.verify_key
@plan_options.rehearsing
@plan_options.sealing
@options.quiet
@click.pass_obj
@measured
def plan_command(
    colour: bool,
    paths: tuple[Path, ...],
    environment: str | None,
    target: str,
    project_path: Path | None,
    prune: bool,
    destroy: bool,
    form: str,
    reports: tuple[Report, ...],
    requests: bool,
    sharing: Sharing,
    snapshot: Path | None,
    inverse: Path | None,
    verify_key: Path | None,
    rehearsing: Rehearsing,
    sealing: Sealing,
    quiet: bool,
    telemetry: Listener,
) -> int:
    """Show what would change in Azure. Writes nothing: the client can only send reads.

    PATHS are spec files, folders or globs; without any, those of the project file.

    \b
    Exit codes: 0 in sync, 1 something could not be read, 2 changes, 3 invalid specs,
    4 refused by a safety rule (the plan is shown all the same), 6 waiting for DNS
    or Azure, or rehearsed and not as desired.

    \b
    Examples:
      reconciler plan                            all specs of the project against Azure
      reconciler plan specs/notifications.yaml   one stack
      reconciler plan -e prod                    the stacks of an environment
      reconciler plan --report markdown=plan.md --report html=plan.html
                                                 for a pull request, and to look closely
      reconciler plan --requests                 with the bodies that would be sent
      reconciler plan --rehearse                 tried out first, on an emulator
      reconciler plan --changed-since origin/main
                                                 what a pull request touches
      reconciler plan --out plan.json            sealed, for `reconciler apply plan.json`
      reconciler plan --inverse receipt.json     the way back from what an apply did
    """
    from reconciler.app.reviewing.surroundings import surroundings
    from reconciler.app.sealed.plan_file import Question
    from reconciler.cli.commands.rehearsing import rehearsed
    from reconciler.cli.commands.sealing import Sealer
    from reconciler.cli.commands.sharing import Sharer
    from reconciler.cli.commands.sources import source_of
    from reconciler.engine.telling import during
    from reconciler.render.plan.view import plan_view

    if rehearsing.faults == "list":
        from reconciler.app.applying.troubles import listing

        write(listing())
        return ExitCode.OK
    sealer = Sealer(sealing)
    whole = destroy or sealing.out is not None or rehearsing.is_wanted or inverse is not None
    sharer = Sharer(sharing, whole=whole, asks=snapshot is None)
    source = source_of(
        Question(target, paths, prune, destroy, inverse=inverse), snapshot, verify_key
    )
    question = source.question
    with during(telemetry, Phase.LOAD):
        specs = question.specs(project_path, environment)
    if specs.warnings:
        print_diagnostics(specs.warnings, sys.stderr)
    mention_unfinished(specs.project, specs.desired.environment, target)
    sharer.choose(specs)
    progress = Progress(quiet=quiet, heard=telemetry)
    with sharer.reading(specs, target, progress) as through:
        planned = sharer.trimmed(source.planned(specs, progress, through, sharer.stacks))
    sealer.seal(planned, specs, question)
    rehearsal = rehearsed(planned, specs, rehearsing)
    sections = (*source.sections, *sharer.sections, *rehearsal.sections)
    context = replace(surroundings(planned.plan), digest=sealer.digest, sections=sections)
    view = plan_view(planned.plan, context)
    wish = Wish(colour=colour, requests=requests, width=terminal_width())
    write_reports(reports, lambda kind: show_plan(view, kind, Wish(requests=requests)))
    write(show_plan(view, form, wish))
    sealer.keep()
    sharer.keep(specs, question.target, prune=prune)
    return rehearsal.code(of_plan(planned.plan))


@click.command("apply")
@options.paths
@options.environment
@options.target
@options.project
@options.prune
@options.destroy
@options.output("text", "json")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--wait",
    "patience",
    type=options.Duration(),
    default="0s",
    metavar="30m",
    help="Wait so long for DNS and Azure, and go on with what the plan has announced.",
)
@click.option(
    "--parallelism",
    type=click.IntRange(1, 64),
    default=8,
    show_default=True,
    help="Writes at once, besides those that only wait for Azure. 1: one by one.",
)
@plan_options.verify_key
@plan_options.limits
@plan_options.receipt
@plan_options.sign_key
@options.quiet
@click.pass_obj
@measured
def apply_command(
    colour: bool,
    paths: tuple[Path, ...],
    environment: str | None,
    target: str,
    project_path: Path | None,
    prune: bool,
    destroy: bool,
    form: str,
    yes: bool,
    patience: float,
    parallelism: int,
    verify_key: Path | None,
    limits: Limits,
    receipt: Path | None,
    sign_key: Path | None,
    quiet: bool,
    telemetry: Listener,
) -> int:
    """Make Azure as the specs say, and prove it with a second plan.

    PATHS are spec files, folders or globs; or one plan file, made by `plan --out`, which is carried
    out exactly, or refused, and carried on with after a run that ended half-way.

    Shows the plan, asks, carries it out in the order of dependencies, reads every resource back,
    and plans again. Each resource is read once more just before it is written: what somebody else
    changed since the plan is not overwritten. Meanwhile it holds the lock of the project.

    \b
    Exit codes: 0 done and in sync, 1 a step failed, 3 invalid specs, 4 refused by a safety rule
    (nothing was written), 5 Azure changed since the plan, 6 applied and not yet as desired,
    130 interrupted.

    \b
    Examples:
      reconciler apply                           show the plan, ask, do it
      reconciler apply --yes -o json             in a pipeline
      reconciler apply --yes --wait 30m          until mail domains are verified and linked
      reconciler apply specs --target emulator   on the embedded emulator
      reconciler apply plan.json --yes           exactly what was reviewed, or nothing
      reconciler apply plan.json --yes --receipt receipt.json
    """
    from reconciler.app.applying.apply import Manner, apply
    from reconciler.app.applying.preflight import checked
    from reconciler.app.applying.run import Terms, supervised
    from reconciler.app.planning.plan import existing_groups, planned_when_settled
    from reconciler.app.sealed.plan_file import Question
    from reconciler.app.sealed.receipt import receipt_of
    from reconciler.app.sealed.sealed_files import write_sealed
    from reconciler.app.targets.connection import connect, heard_by
    from reconciler.cli.commands.sealing import Promise, opened, receipt_key
    from reconciler.engine.interrupt import listening
    from reconciler.engine.ledger import Ledger
    from reconciler.engine.telling import during
    from reconciler.render.plan.view import plan_view

    key = receipt_key(receipt, sign_key)
    question = Question(target, paths, prune, destroy)
    with during(telemetry, Phase.LOAD):
        specs, question, document = opened(
            question, project_path, environment, verify_key, waits=bool(patience)
        )
    if specs.warnings:
        print_diagnostics(specs.warnings, sys.stderr)
    project, groups = specs.project, existing_groups(specs)
    promise = Promise(document, project)
    ledger, reading = Ledger(), Progress(quiet=quiet, heard=telemetry)
    terms = Terms(limits.lock_timeout, limits.deadline)
    fresh = mention_unfinished(project, specs.desired.environment, target)
    with (
        listening() as interrupt,
        supervised(
            project, specs.desired.environment, target, interrupt, reading, reading.say, terms
        ) as run,
        connect(
            target,
            project.root,
            writes=True,
            existing=groups,
            tenants=project.tenants,
            oversight=heard_by(run.oversight, ledger),
        ) as connection,
    ):
        planned = planned_when_settled(connection, specs, reading, prune=question.prune)
        plan = checked(promise.kept(planned), connection)
        shown = show_plan(plan_view(plan), "text", Wish(colour=colour, width=terminal_width()))
        click.echo(shown, nl=False, err=form == "json")
        if (code := of_plan(plan)) not in (ExitCode.CHANGES, ExitCode.OK, ExitCode.NOT_CONVERGED):
            return code
        if plan.steps and not yes:
            _ask(plan)
        run.planned(len(plan.steps), promise.seal)
        report = apply(
            plan,
            specs,
            connection,
            promise.noted_by(
                run, planned, Progress(quiet=quiet, total=len(plan.steps), heard=telemetry)
            ),
            interrupt,
            Manner(
                question.prune, parallelism, patience, fresh=fresh, exactly=document is not None
            ),
        )
        run.ended(report)
    if receipt is not None:
        made = receipt_of(
            plan, planned, specs, question, report, ledger.exchanges, promise.carried_out
        )
        write_sealed(receipt, made, key)
    write(show_report(report, form, colour=colour))
    return of_report(report)


def _ask(plan: Plan) -> None:
    """Ask before writing; without a terminal there is nobody to ask.

    Raises:
        UsageError: nobody can answer.
        Abort: the answer is no.

    """
    if not sys.stdin.isatty():
        problem = "there is no terminal to ask on; say --yes to apply without being asked"
        raise click.UsageError(problem)
    click.confirm(f"Send {len(plan.steps)} write requests?", abort=True, err=True)
