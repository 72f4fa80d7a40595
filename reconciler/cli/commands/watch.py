"""``drift``."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options, plan_options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.options import Report
from reconciler.cli.output import talk, terminal_width, write, write_reports
from reconciler.cli.progress import Progress
from reconciler.model.errors import UnavailableError, UsageError
from reconciler.render.forms import DRIFT_FORMS, show_drift

if TYPE_CHECKING:
    from reconciler.app.drifting.watch import Keep, Watch
    from reconciler.engine.interrupt import Interrupt
    from reconciler.model.drift import Drift
    from reconciler.render.drift.view import DriftView

SHORTEST = 10.0
"""The fewest seconds from run to run: Azure counts what it is asked."""
GRACE = 1.0
"""Seconds that the run under way may go on when the watch is told to end."""
LOOPBACK = "127.0.0.1"
ENDINGS: dict[int, ExitCode] = {signal.SIGTERM: ExitCode.OK, signal.SIGINT: ExitCode.INTERRUPTED}
"""What a watch ends with, by the signal."""


@click.command("drift")
@options.paths
@options.environment
@options.target
@options.project
@options.output(*DRIFT_FORMS)
@options.reports(*DRIFT_FORMS)
@click.option(
    "--history",
    metavar="FILE|URL",
    default="",
    help="Keep what each run has found, to tell since when: a file or a blob, made if need be.",
)
@click.option(
    "--parts",
    "parts_folder",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Compare with the parts here, of `plan --shard N/COUNT --part`, instead of asking Azure.",
)
@click.option("--unmanaged", is_flag=True, help="Also list what is in no spec.")
@click.option(
    "--fail-on",
    type=click.Choice(["low", "medium", "high"]),
    default="low",
    show_default=True,
    help="The least severity that ends with exit code 2.",
)
@click.option("--exit-zero", is_flag=True, help="End with 0 though something has drifted.")
@click.option(
    "--notify",
    type=click.Choice(["slack", "teams", "webhook"]),
    multiple=True,
    help="Tell what has been seen twice, or is gone; the address is in RECONCILER_SLACK_URL,"
    " RECONCILER_TEAMS_URL or RECONCILER_WEBHOOK_URL.",
)
@click.option(
    "--every",
    metavar="TIME",
    type=options.Duration(),
    help="Go on, and run each time that so much has passed, such as 15m; ends with SIGTERM.",
)
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65535),
    help="With --every: answer /metrics and /healthz here; 0 takes a free port.",
)
@click.option(
    "--metrics-host",
    default=LOOPBACK,
    show_default=True,
    help="The address to answer at; nobody is asked who they are.",
)
@plan_options.cluster
@options.quiet
@click.pass_obj
def drift_command(
    colour: bool,
    paths: tuple[Path, ...],
    environment: str | None,
    target: str,
    project_path: Path | None,
    form: str,
    reports: tuple[Report, ...],
    history: str,
    parts_folder: Path | None,
    unmanaged: bool,
    fail_on: str,
    exit_zero: bool,
    notify: tuple[str, ...],
    every: float | None,
    metrics_port: int | None,
    metrics_host: str,
    cluster: str,
    quiet: bool,
) -> int:
    """Show what in Azure is not as the specs say, how bad it is, and who changed it.

    Only reads are sent. PATHS are spec files, folders or globs; without any, those of the project
    file. Run it on a schedule, from the branch that is applied.

    \b
    Exit codes: 0 in sync, 1 something could not be read, 2 drift, 3 invalid specs; with --every
    0 after SIGTERM and 130 after Ctrl-C.

    \b
    Examples:
      reconciler drift -e prod                     what differs now
      reconciler drift --history drift.jsonl       and since when
      reconciler drift --unmanaged                 and what nobody wrote down
      reconciler drift --report html=drift.html --report prometheus=acs.prom
      reconciler drift --fail-on high              only what is severe ends with 2
      reconciler drift --every 15m --metrics-port 9480     as a service
      reconciler drift --parts parts               of what many machines were told
    """
    from reconciler.app.drifting.history import keeper_at
    from reconciler.app.drifting.look import Look
    from reconciler.app.drifting.news import channels
    from reconciler.cli.commands.sights import Wish, sight_of
    from reconciler.cli.telemetry import run_through, telemetry
    from reconciler.model.resource import Severity

    _check(every, metrics_port, metrics_host, ends=exit_zero or fail_on != "low")
    ready = channels(notify)
    wish = Wish(paths, project_path, environment, target, cluster, parts_folder, every)
    wish.check()
    keeper = keeper_at(history) if history else None
    least = Severity(fail_on).rank

    def show(view: DriftView) -> None:
        write_reports(reports, lambda kind: show_drift(view, kind))
        write(show_drift(view, form, colour=colour, width=terminal_width()))

    def code_of(drift: Drift) -> ExitCode:
        if not drift.is_complete:
            return ExitCode.FAILED
        bad = any(item.severity.rank >= least for item in drift.items)
        return ExitCode.CHANGES if bad and not exit_zero else ExitCode.OK

    with telemetry() as heard:
        progress = Progress(quiet=quiet, heard=heard)
        seen = sight_of(wish, progress, unmanaged=unmanaged)
        look = Look(seen.specs, seen.target, unmanaged, seen.reading, keeper, ready, progress)

        def run(show: Callable[[DriftView], None]) -> int:
            return run_through(heard, "drift", lambda: code_of(look.once(show)))

        def again(keep: Keep) -> None:
            def show_and_keep(view: DriftView) -> None:
                show(view)
                sys.stdout.flush()
                keep(show_drift(view, "prometheus"))

            if run(show_and_keep) == ExitCode.FAILED:  # as it ends a single run with 1
                raise UnavailableError("not everything could be read", "the report says what")

        return run(show) if every is None else _watch(again, every, metrics_port, metrics_host)


def _check(every: float | None, port: int | None, host: str, *, ends: bool) -> None:
    """Refuse options that do not go together.

    Raises:
        UsageError: some do not.

    """
    if every is None:
        if port is not None or host != LOOPBACK:
            raise UsageError("--metrics-port and --metrics-host need --every", "add --every 15m")
        return
    if every < SHORTEST:
        raise UsageError("--every is too short", f"give {SHORTEST:.0f}s or more")
    if ends:
        mend = "leave them out: the metrics tell what has drifted"
        raise UsageError("--fail-on and --exit-zero say how a run ends, and a watch goes on", mend)
    if port is None and host != LOOPBACK:
        raise UsageError("--metrics-host needs --metrics-port", "add --metrics-port 9480")


def _watch(run: Callable[[Keep], None], every: float, port: int | None, host: str) -> int:
    """Run again and again until a signal, and return the exit code."""
    from reconciler.app.drifting.watch import Watch
    from reconciler.engine.clock import SystemClock
    from reconciler.engine.interrupt import listening

    with ExitStack() as cleanup:
        interrupt = cleanup.enter_context(listening())
        watch = Watch(run, every, SystemClock(), interrupt, lambda line: talk([line]))
        if port is not None:
            cleanup.enter_context(_endpoint(watch, host, port))
        ended = _went_on(watch, interrupt)
    code = ENDINGS.get(interrupt.signal, ExitCode.FAILED)
    if not ended:
        talk(["the run under way was dropped"])
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # else Python waits for answers that may never come; they are only reads
    return code


def _went_on(watch: Watch, interrupt: Interrupt) -> bool:
    """Let a watch go on until a signal; return whether its last run came to an end."""
    thread = threading.Thread(target=watch.go_on, name="watch", daemon=True)
    thread.start()
    try:
        while thread.is_alive() and not interrupt.is_set:
            thread.join(GRACE / 2)
        thread.join(GRACE)
    except KeyboardInterrupt:  # the second signal
        return False
    return not thread.is_alive()


@contextmanager
def _endpoint(watch: Watch, host: str, port: int) -> Iterator[None]:
    """Answer for a watch while the block runs, and say where."""
    from reconciler.web.endpoint import Page, served

    def health() -> Page:
        text, is_well = watch.health()
        return Page(text, HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE)

    def metrics() -> Page:
        return Page(watch.metrics(), kind="text/plain; version=0.0.4; charset=utf-8")

    with served(host, port, {"/metrics": metrics, "/healthz": health}) as address:
        talk([f"{address}/metrics and {address}/healthz answer"])
        yield
