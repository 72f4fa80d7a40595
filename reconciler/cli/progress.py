"""Events become lines on stderr."""

from __future__ import annotations

import click

from reconciler.model.event import (
    Event,
    Interrupted,
    ReadFinished,
    StepFinished,
    StepRetried,
    StepStarted,
)
from reconciler.model.report import Result
from reconciler.render.words import plural, safe


class Progress:
    """Prints what happens, unless told to be quiet."""

    def __init__(self, *, quiet: bool, total: int = 0) -> None:
        """Begin counting.

        Args:
            quiet: print nothing.
            total: how many steps there are, for the count beside each line.

        """
        self._quiet = quiet
        self._total = total
        self._ended = 0

    def __call__(self, event: Event) -> None:
        """Print one event."""
        line = self._line(event)
        if line and not self._quiet:
            click.echo(line, err=True)

    def _line(self, event: Event) -> str:
        """Return the line of an event, empty for what is not worth one."""
        match event:
            case ReadFinished():
                return ""
            case StepStarted(step):
                return f"  ....  {step.verb} {safe(step.address)}"
            case StepRetried(step, failure, attempt, wait):
                return (
                    f"  wait  {step.verb} {safe(step.address)}: {safe(str(failure))}"
                    f" (attempt {attempt} failed, next in {wait:.0f} s)"
                )
            case StepFinished(outcome):
                self._ended += 1
                count = f"[{self._ended}/{self._total}]" if self._total else ""
                word = {Result.DONE: "done", Result.FAILED: "FAIL"}.get(outcome.result, "skip")
                return f"  {word}  {outcome.step.verb} {safe(outcome.step.address)} {count}"
            case Interrupted(in_flight):
                what = plural(in_flight, "request")
                return f"interrupted: waiting for {what} in flight, starting no more"
