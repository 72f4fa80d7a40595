"""Carry a plan out: each step starts as soon as the steps that it waits for are done.

Workers send requests and return outcomes; only the calling thread keeps the books. A failed step
skips what waits for it and nothing else. Ctrl-C lets requests in flight finish and starts no more.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from graphlib import TopologicalSorter
from queue import Empty, SimpleQueue

from reconciler.engine.crew import Crew
from reconciler.engine.interrupt import Interrupt
from reconciler.engine.ports import Clock, Listener, Reader, Writer
from reconciler.engine.step import StepRunner
from reconciler.model.event import Interrupted, StepFinished, StepsRunning, StepStarted
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Plan, Step
from reconciler.model.report import Outcome, Result

PARALLELISM = 8
"""Steps at work at once, unless the user says otherwise."""

WAITING_FOR_EACH = 31
"""Steps that may wait for Azure besides each that is at work: what ARM lets one caller write in the
time that a create takes (10 a second, for 17 to 25 seconds)."""

UNDER_WAY = 256
"""Steps under way at most: each has a thread."""

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

    Args:
        plan: what to carry out.
        reader: reads Azure.
        writer: changes Azure.
        clock: every wait goes through it.
        listener: hears of every step.
        interrupt: no step starts once it is set.
        parallelism: steps at work at once; what only waits for Azure does not count, unless it is
            1: then there is one step after the other.
        fresh: whether what is there already may have been made a moment ago.

    Raises:
        graphlib.CycleError: the steps wait for each other; nothing has been sent.

    """
    news: SimpleQueue[Future[Outcome] | None] = SimpleQueue()
    crew = Crew(parallelism, on_room=lambda: news.put(None))
    runner = StepRunner(
        reader,
        writer,
        clock,
        listener,
        interrupt,
        fresh=fresh,
        looked_at=looked_at(plan.steps),
        aside=crew.aside,
    )
    schedule = Schedule(plan.steps)
    running: dict[Future[Outcome], tuple[Step, float]] = {}
    most = most_under_way(parallelism)
    announced = False
    heard = clock.now()
    with ThreadPoolExecutor(most, thread_name_prefix="apply") as pool:
        while True:
            if interrupt.is_set and not announced:
                announced = True
                listener(Interrupted(len(running)))
            for skipped in schedule.skip(stopped=interrupt.is_set):
                listener(StepFinished(skipped))
            while len(running) < most and (step := schedule.start(crew.enter)) is not None:
                listener(StepStarted(step))
                heard = clock.now()
                future = pool.submit(runner.run, step)
                running[future] = (step, heard)
                future.add_done_callback(news.put)
            if not running:
                return schedule.outcomes()
            if (ended := _next(news)) is not None:
                del running[ended]
                outcome = ended.result()
                schedule.settle(outcome)
                crew.leave()
                listener(StepFinished(outcome))
                heard = clock.now()
            if clock.now() - heard >= SILENCE:
                heard = clock.now()
                listener(StepsRunning(tuple((s, heard - t) for s, t in running.values())))


def most_under_way(parallelism: int) -> int:
    """Return how many steps may be under way at once, those included that only wait for Azure."""
    return 1 if parallelism == 1 else min(parallelism * (1 + WAITING_FOR_EACH), UNDER_WAY)


def _next(news: SimpleQueue[Future[Outcome] | None]) -> Future[Outcome] | None:
    """Return a step that has ended; None if there is room for another, or nothing new."""
    try:
        return news.get(timeout=TICK)
    except Empty:
        return None


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

    def start(self, may_start: Callable[[], bool] = lambda: True) -> Step | None:
        """Return the next step that may start now, or None.

        Args:
            may_start: asked once there is such a step; it starts only if the answer is yes.

        """
        for step in self._ready:
            if step.turn not in self._turns:
                if not may_start():
                    return None
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
        """Take up the steps that wait for nothing any more; each is looked at once, and here.

        What has waited goes first: so a chain ends early, and the last of them do not all begin
        when everything else is done.
        """
        for step_id in sorted(self._sorter.get_ready()):
            step = self._steps[step_id]
            skipped = self._skipped(step)
            if skipped is None and step.after:
                self._ready.appendleft(step)
            elif skipped is None:
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
