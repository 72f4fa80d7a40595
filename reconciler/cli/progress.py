"""Events become lines on stderr."""

from __future__ import annotations

import time
from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING

import click

from reconciler.model.event import (
    ClusterRead,
    Ended,
    Event,
    Inner,
    Interrupted,
    Reading,
    RequestDelayed,
    StepFinished,
    StepRetried,
    StepsRunning,
    StepStarted,
    Told,
    UnderWay,
    Waiting,
)
from reconciler.model.plan import Step
from reconciler.model.report import Outcome, Result
from reconciler.render.formats.private import subject
from reconciler.render.formats.words import plural, safe

if TYPE_CHECKING:
    from reconciler.engine.ports import Listener

NOTICED = 1.0
"""Seconds that a request waits before anybody is told."""

WORDS = {Result.DONE: "done", Result.FAILED: "FAIL", Result.WAITING: "wait"}
"""How a step has ended, in four letters."""

READING = 2.0
"""Seconds between two lines about reading."""


class Progress:
    """Prints what happens, unless told to be quiet, and passes it on."""

    def __init__(self, *, quiet: bool, total: int = 0, heard: Listener | None = None) -> None:
        """Begin counting.

        Args:
            quiet: print nothing.
            total: how many steps there are, for the count beside each line.
            heard: hears everything, too.

        """
        self._heard = heard
        self._quiet = quiet
        self._total = total
        self._ended = 0
        self._read = 0
        self._private: Counter[str] = Counter()
        self._told = time.monotonic()
        self._lock = Lock()

    def __call__(self, event: Event) -> None:
        """Print one event."""
        if self._heard is not None:
            self._heard(event)
        if isinstance(event, Inner) or _is_no_reading(event):
            return
        step = _step_of(event)
        with self._lock:
            if step is not None and step.private:
                line = self._private_line(event, step)
            else:
                line = self._line(event)
            if line and not self._quiet:
                click.echo(line, err=True)

    def say(self, words: str) -> None:
        """Print words about the run as a whole."""
        if not self._quiet:
            click.echo(f"  ....  {safe(words)}", err=True)

    def _read_line(self, event: Ended | ClusterRead) -> str:
        """Return a line about reading, empty unless there was none for a while."""
        if isinstance(event, Ended):
            self._read += event.found
        now = time.monotonic()
        if now - self._told < READING:
            return ""
        self._told = now
        if isinstance(event, Ended):
            return f"  ....  {self._read} resources read so far"
        by = f", by {plural(event.workers, 'worker')}" if event.workers else "; no worker is there"
        return f"  ....  {event.ended} of {event.units} units read{by}"

    def _private_line(self, event: Told, step: Step) -> str:
        """Return a line about private requests now and then: how many, and nothing else."""
        if isinstance(event, StepFinished):
            self._ended += 1
            self._private[step.address] += 1
        now = time.monotonic()
        if now - self._told < READING and self._ended != self._total:
            return ""
        self._told = now
        place = f"[{self._ended}/{self._total}]" if self._total else ""
        count = self._private[step.address]
        return f"  ....  {count} requests ended so far for {safe(step.address)} {place}"

    def _line(self, event: Told) -> str:
        """Return the line of an event, empty for what is not worth one."""
        match event:
            case Ended() | ClusterRead():
                return self._read_line(event)
            case StepsRunning(steps):
                first, seconds = steps[0]
                more = f" and {len(steps) - 1} more" if len(steps) > 1 else ""
                return f"  ....  {first.verb} {safe(subject(first))}{more}: {seconds:.0f} s so far"
            case StepStarted(step):
                return f"  ....  {step.verb} {safe(subject(step))}"
            case StepRetried(step, failure, attempt, wait):
                return (
                    f"  wait  {step.verb} {safe(subject(step))}: {safe(str(failure))}"
                    f" (attempt {attempt} failed, next in {wait:.0f} s)"
                )
            case StepFinished(outcome):
                self._ended += 1
                total = max(self._total, self._ended)  # more may follow than was planned at first
                place = f"[{self._ended}/{total}]" if self._total else ""
                word = WORDS.get(outcome.result, "skip")
                return f"  {word}  {outcome.step.verb} {safe(subject(outcome.step))} {place}"
            case RequestDelayed() | Interrupted() | UnderWay() | Waiting():
                return _of_the_run(event)


def _of_the_run(event: RequestDelayed | Interrupted | UnderWay | Waiting) -> str:
    """Return the line of what is about no step, empty for a wait that nobody notices."""
    match event:
        case RequestDelayed(request, reason, wait):
            return f"  wait  {safe(request)}: {wait:.0f} s, {reason}" if wait >= NOTICED else ""
        case UnderWay(addresses):
            first, more = safe(addresses[0]), len(addresses) - 1
            others = f" and {more} more" if more else ""
            return f"  wait  Azure is still working on {first}{others}"
        case Interrupted(in_flight):
            what = plural(in_flight, "request")
            return f"interrupted: waiting for {what} in flight, starting no more"
        case Waiting(changes, seconds, most):
            from reconciler.render.plan.mail import open_words

            words = safe("; ".join(open_words(changes)))
            left = f"{most / 60:.0f} min" if most >= 60 else f"{most:.0f} s"
            return f"  wait  {words}; next look in {seconds:.0f} s, for {left} at most"


def _step_of(event: Told) -> Step | None:
    """Return the one step that an event is about."""
    match event:
        case StepStarted(step) | StepRetried(step) | StepFinished(Outcome(step)):
            return step
        case _:
            return None


def _is_no_reading(event: Told) -> bool:
    """Whether an event is the end of something that nobody waits for line by line."""
    return isinstance(event, Ended) and not isinstance(event.work, Reading)
