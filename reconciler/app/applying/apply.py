"""A plan becomes reality, and a second plan proves it.

What the plan has announced for later (a verification, a link that waits for it) is carried on with
in the same run as soon as it can be, and for as long as the caller wants to wait.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.app.loading.specs import Specs
from reconciler.app.planning.plan import plan_through
from reconciler.app.targets.connection import Connection
from reconciler.app.targets.lookup import LateResolver
from reconciler.core.mail.announced import continuation
from reconciler.engine import settling
from reconciler.engine.execute import PARALLELISM, execute
from reconciler.engine.interrupt import Interrupt, Stop
from reconciler.engine.ports import Listener, RequestFailedError
from reconciler.engine.postmaster import Postmaster
from reconciler.engine.step import LOOKS
from reconciler.engine.telling import during
from reconciler.model.event import Phase, Waiting
from reconciler.model.plan import Action, Plan, Step
from reconciler.model.report import ApplyReport, Outcome, Result

LOOK_EVERY = 60.0
"""Seconds between two looks at what is waited for: what Azure asks of those who poll a verification
(https://learn.microsoft.com/rest/api/communication/resourcemanager/domains/initiate-verification).
"""


@dataclass(frozen=True, slots=True)
class Manner:
    """How an apply goes about it."""

    prune: bool = False
    """As for the plan."""
    parallelism: int = PARALLELISM
    """Steps under way at once."""
    patience: float = 0.0
    """Seconds to wait for what the plan has announced for later."""
    fresh: bool = False
    """Whether a run that was killed a moment ago may have made what is there."""
    exactly: bool = False
    """Whether nothing is sent but the steps of the plan, not even what it has announced."""


def apply(
    plan: Plan,
    specs: Specs,
    connection: Connection,
    listener: Listener,
    interrupt: Interrupt,
    manner: Manner = Manner(),
) -> ApplyReport:
    """Carry ``plan`` out and plan again.

    Args:
        plan: an applyable plan, made through the same connection.
        specs: what the plan was made from.
        connection: opened for writing.
        listener: hears of every step.
        interrupt: stops the run between requests.
        manner: how to go about it.

    """
    assert plan.is_applyable, "a blocked plan is never applied"
    goes_on = plan.waiting and manner.patience
    is_proof = not manner.exactly  # a plan file says nothing of what it does not list
    if not plan.steps and not goes_on and is_proof:
        return ApplyReport((), checked=True, waiting=plan.waiting, outputs=plan.outputs)
    run = _Run(specs, connection, listener, interrupt, manner)
    after = run.through(plan)
    if after is None:
        reason = interrupt.reason
        stopped = reason.value if reason in (Stop.DEADLINE, Stop.LOCK) else ""
        return ApplyReport(tuple(run.outcomes), interrupted=not stopped, stopped=stopped)
    return ApplyReport(
        tuple(run.outcomes),
        remaining=tuple(c for c in after.changes if c.action is not Action.NONE),
        waiting=after.waiting,
        checked=after.is_complete,
        interrupted=interrupt.is_set,
        outputs=after.outputs,
    )


@dataclass(slots=True)
class _Run:
    """One apply: what it works with, and how its steps have ended."""

    specs: Specs
    connection: Connection
    listener: Listener
    interrupt: Interrupt
    manner: Manner
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def was_stopped(self) -> bool:
        """Whether a step was not sent because of a Ctrl-C."""
        return any(outcome.result is Result.CANCELLED for outcome in self.outcomes)

    @property
    def went_well(self) -> bool:
        """Whether every step is done, or waits for something outside of Azure."""
        return all(o.result in (Result.DONE, Result.WAITING) for o in self.outcomes)

    @property
    def sent(self) -> list[Step]:
        """The steps that are not to be sent again; what waits for DNS was never sent."""
        return [o.step for o in self.outcomes if o.result is not Result.WAITING]

    def through(self, plan: Plan) -> Plan | None:
        """Carry a plan out, and return the last plan that was made; None if the run had to end."""
        try:
            self.send(plan)
            if self.was_stopped or self.interrupt.ends_at_once:
                return None
            return self.carry_on(plan)
        except RequestFailedError:
            if not self.interrupt.ends_at_once:
                raise
            return None

    def send(self, plan: Plan) -> bool:
        """Carry the steps of a plan out, and return whether DNS kept none of them back."""
        link, resolver = self.connection, LateResolver(self.specs.project)
        with during(self.listener, Phase.APPLY):
            outcomes = execute(
                plan,
                link.reader,
                Postmaster(link.writer, link.reader, link.clock, resolver),
                link.clock,
                self.listener,
                self.interrupt,
                self.manner.parallelism,
                fresh=self.manner.fresh,
            )
        self.outcomes += outcomes
        return all(outcome.result is not Result.WAITING for outcome in outcomes)

    def plan_again(self) -> Plan:
        """Plan, and once more as long as reads are behind what Azure has answered to writes."""
        looks = 1
        while True:
            link = self.connection
            fresh = plan_through(link, self.specs, self.listener, prune=self.manner.prune)
            if looks >= LOOKS or self.interrupt.is_set or not self.is_behind(fresh):
                return fresh
            self.interrupt.sleep(link.clock, settling.LOOK_EVERY)
            looks += 1

    def is_behind(self, fresh: Plan) -> bool:
        """Whether a plan would change what has only been seen in the answer to its write."""
        answered = {
            outcome.step.resource
            for outcome in self.outcomes
            if outcome.reads_back is not None and not outcome.reads_back.read
        }
        return any(c.id in answered and c.action is not Action.NONE for c in fresh.changes)

    def carry_on(self, reviewed: Plan) -> Plan:
        """Do what was announced as soon as it can be, and return the last plan that was made."""
        deadline = self.connection.clock.now() + self.manner.patience
        at_once = True
        while True:
            with during(self.listener, Phase.PROVE):
                fresh = self.plan_again()
            if self.manner.exactly or self.interrupt.is_set or not self.went_well:
                return fresh
            rest = continuation(reviewed, fresh, self.sent)
            if rest is not None and at_once:
                at_once = self.send(rest)
                continue
            left = deadline - self.connection.clock.now()
            waits = fresh.waiting if fresh.is_complete else reviewed.waiting
            if not waits or left <= 0:
                return fresh
            self.listener(Waiting(waits, min(LOOK_EVERY, left), left))
            with during(self.listener, Phase.WAIT):
                self.interrupt.sleep(self.connection.clock, min(LOOK_EVERY, left))
            at_once = True
