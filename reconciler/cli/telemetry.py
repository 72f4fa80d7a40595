"""Runs of commands, as OpenTelemetry hears of them if the environment asks for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import talk

if TYPE_CHECKING:
    from reconciler.engine.ports import Listener
    from reconciler.model.event import Event

HEALTHY = frozenset({ExitCode.OK, ExitCode.CHANGES, ExitCode.NOT_CONVERGED})
"""What a run that went well may end with."""


def _unheard(_event: Event) -> None:
    """Hear nothing."""


@contextmanager
def telemetry() -> Iterator[Listener]:
    """Yield a listener that sends what it hears to a collector; without one, one that is deaf.

    What stands in the way is said on stderr, and never ends a run.
    """
    from reconciler.telemetry.wish import DISABLED, ENDPOINT, wish_of

    wish = wish_of(os.environ)
    talk(f"warning: no telemetry is sent: {problem}" for problem in wish.problems)
    if wish.is_empty:
        yield _unheard
        return
    try:
        from reconciler.telemetry.export import exported
    except ImportError:
        talk(
            [
                f"warning: {ENDPOINT} is set, and OpenTelemetry is not installed: nothing is sent",
                f"  mend: pip install 'acs-reconciler[otel]', or set {DISABLED}=true",
            ]
        )
        yield _unheard
        return
    with ExitStack() as cleanup:
        listener: Listener = _unheard
        try:
            sent = exported(wish, os.environ, lambda line: talk([line]))
            listener = cleanup.enter_context(sent)
        except Exception as error:  # noqa: BLE001  (a run never fails because it is measured)
            name = type(error).__name__
            talk([f"warning: no telemetry is sent: OpenTelemetry refuses its settings: {name}"])
        yield listener


def run_through(listener: Listener, command: str, work: Callable[[], int]) -> int:
    """Run a command to its exit code, and let a listener hear of it as one run."""
    from reconciler.engine.telling import during
    from reconciler.model.event import Invocation

    with during(listener, Invocation(command)) as ending:
        code = work()
        ending.result = ExitCode(code).name.lower().replace("_", " ")
        ending.failure = "" if code in HEALTHY else ending.result
        return code


def measured(command: Callable[..., int]) -> Callable[..., int]:
    """Return a command whose runs are told; as ``telemetry`` it gets whom to tell of them."""
    name = command.__name__.removesuffix("_command")

    @wraps(command)
    def call(*args: Any, **given: Any) -> int:
        with telemetry() as listener:
            return run_through(listener, name, lambda: command(*args, telemetry=listener, **given))

    return call
