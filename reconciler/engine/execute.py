"""Carry a plan out: each step starts as soon as the steps that it waits for are done.

Workers send requests and return outcomes; only the calling thread keeps the books. A failed step
skips what waits for it and nothing else. Ctrl-C lets requests in flight finish and starts no more.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

from reconciler.engine.interrupt import Interrupt
from reconciler.engine.ports import Clock, Listener, Reader, Writer
from reconciler.engine.step import StepRunner
from reconciler.model.event import Interrupted, StepFinished, StepsRunning, StepStarted
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Plan, Step
from reconciler.model.report import Outcome, Result

PARALLELISM = 8
"""Steps under way at once, unless the user says otherwise."""

SILENCE = 10.0
"""Seconds without news after which the listener hears what is under way."""

TICK = 0.2
"""Seconds between looks at the interrupt while requests are in flight."""


def execute(  # noqa: PLR0913  (a plan, ports and settings)
    plan: Plan,
    reader: Reader,
    writer: Writer,
    clock: Clock,
    listener: Listener,
    interrupt: Interrupt,
    parallelism: int = PARALLELISM,
    *,
    fresh: bool = False,
) -> tuple[Outcome, ...]:
    """Run every step of ``plan`` and return their outcomes, in the order of the plan.

    With ``fresh``, what is there already may have been made a moment ago: see `StepRunner`.

    Raises:
        graphlib.CycleError: the steps wait for each other; nothing has been sent.

    """
    runner = StepRunner(
        reader, writer, clock, listener, interrupt, fresh=fresh, looked_at=looked_at(plan.steps)
    )
    schedule = Schedule(plan.steps)
    running: dict[Future[Outcome], tuple[Step, float]] = {}
    announced = False
    heard = clock.now()
    with ThreadPoolExecutor(parallelism, thread_name_prefix="apply") as pool:
        while True:
            if interrupt.is_set and not announced:
                announced = True
                listener(Interrupted(len(running)))
            for ended in schedule.skip(stopped=interrupt.is_set):
                listener(StepFinished(ended))
            while len(running) < parallelism and (step := schedule.start()) is not None:
                listener(StepStarted(step))
                heard = clock.now()
                running[pool.submit(runner.run, step)] = (step, heard)
            if not running:
                return schedule.outcomes()
            finished, _ = wait(running, timeout=TICK, return_when=FIRST_COMPLETED)
            for future in finished:
                del running[future]
                outcome = future.result()
                schedule.settle(outcome)
                listener(StepFinished(outcome))
                heard = clock.now()
            if clock.now() - heard >= SILENCE:
                heard = clock.now()
                listener(StepsRunning(tuple((s, heard - t) for s, t in running.values())))


def looked_at(steps: Iterable[Step]) -> frozenset[ResourceId]:
    """Return what steps look at of what others write: what they write again, need, or are in."""
    steps = tuple(steps)
    written = Counter(step.resource for step in steps)
    found = {id_ for id_, times in written.items() if times > 1}
    for step in steps:
        found.update(source.target for source in step.pending.values())
        found.update(needed.id for needed in step.relies_on)
        found.update(id_ for id_ in (step.resource.parent, step.resource.group) if id_ is not None)
    return frozenset(found & written.keys())


class Schedule:
    """Which steps may start, and how the others ended. Sends nothing."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        """Begin with nothing done."""
        self._steps = {step.id: step for step in steps}
        self._sorter = TopologicalSorter({step.id: sorted(step.after) for step in steps})
        self._sorter.prepare()
        self._ready: deque[Step] = deque()
        self._doomed: list[Outcome] = []
        """How steps end that will never start, until `skip` tells of them."""
        self._outcomes: dict[str, Outcome] = {}
        self._turns: set[str] = set()
        """The turns of the steps under way."""
        self._advance()

    def start(self) -> Step | None:
        """Return the next step that may start now, or None."""
        for step in self._ready:
            if step.turn not in self._turns:
                self._ready.remove(step)
                if step.turn:
                    self._turns.add(step.turn)
                return step
        return None

    def skip(self, *, stopped: bool) -> list[Outcome]:
        """End what will never start, and return how: skipped, or cancelled after a stop."""
        ended: list[Outcome] = []
        while True:
            batch, self._doomed = self._doomed, []
            if stopped:
                batch += [Outcome(step, Result.CANCELLED) for step in self._ready]
                self._ready.clear()
            if not batch:
                return ended
            ended += batch
            for outcome in batch:
                self.settle(outcome)

    def settle(self, outcome: Outcome) -> None:
        """Note how a step ended, and take up what has waited for it."""
        self._outcomes[outcome.step.id] = outcome
        self._turns.discard(outcome.step.turn)
        self._sorter.done(outcome.step.id)
        self._advance()

    def outcomes(self) -> tuple[Outcome, ...]:
        """Return all outcomes, in the order of the plan."""
        return tuple(self._outcomes[step_id] for step_id in self._steps)

    def _advance(self) -> None:
        """Take up the steps that wait for nothing any more; each is looked at once, and here."""
        for step_id in sorted(self._sorter.get_ready()):
            step = self._steps[step_id]
            skipped = self._skipped(step)
            if skipped is None:
                self._ready.append(step)
            else:
                self._doomed.append(skipped)

    def _skipped(self, step: Step) -> Outcome | None:
        """Return the outcome of a step that waited for one which failed, None if it may start."""
        for needed in sorted(step.after):
            outcome = self._outcomes[needed]
            if outcome.result is Result.SKIPPED:
                return Outcome(step, Result.SKIPPED, because_of=outcome.because_of)
            if outcome.result in (Result.FAILED, Result.WAITING):
                return Outcome(step, Result.SKIPPED, because_of=needed)
        return None
