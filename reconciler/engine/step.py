"""One step: look again, write, read back.

A step writes only what is still as the plan saw it, and is done only when Azure reads back what was
wanted.
"""

from __future__ import annotations

from dataclasses import replace

from reconciler.core.changes.diff import field_changes
from reconciler.core.changes.pending import kind_of, read_field
from reconciler.core.changes.privacy import scrubbed
from reconciler.core.changes.steps import filled_step, merged_body
from reconciler.core.sending.readback import dropped, is_overwritten, not_as_written, rebased
from reconciler.core.sending.retry import next_wait
from reconciler.core.sending.staleness import moved_fields, told_moves
from reconciler.engine.interrupt import Interrupt
from reconciler.engine.ports import Clock, Listener, Reader, RequestFailedError, Writer
from reconciler.engine.settling import (
    LOOK_EVERY,
    SETTLED,
    SETTLES_WITHIN,
    is_under_way,
    provisioning_state,
)
from reconciler.kinds import KINDS
from reconciler.kinds.email import INITIATE
from reconciler.kinds.kind import Kind
from reconciler.model.event import StepRetried
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.plan import Step, Verb
from reconciler.model.report import Outcome, Result
from reconciler.model.value import ABSENT, Absent, Body, Json

ABSENT_LOOKS = 60
"""How often a resource that was written may not be there before the request counts as lost.

https://github.com/hashicorp/terraform-provider-azurerm/pull/32865
"""

LOOKS = 10
"""How often a settled resource that differs is looked at again before it counts as different."""


class StepRunner:
    """Runs steps on worker threads."""

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        clock: Clock,
        listener: Listener,
        interrupt: Interrupt,
        *,
        fresh: bool = False,
    ) -> None:
        """Keep what a step needs; ``fresh`` is said of what was there before the run began."""
        self._fresh = fresh
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._listener = listener
        self._interrupt = interrupt

    def run(self, step: Step) -> Outcome:
        """Run one step to its end; never raises for what Azure answers."""
        kind = KINDS[step.kind]
        begun = self._clock.now()
        attempt = 1
        while True:
            try:
                sent, live = self._attempt(kind, step, attempt)
            except RequestFailedError as error:
                failure = _told_of(step, error.failure)
                fresh = self._fresh or bool(step.after)  # what it waited for was just written
                wait = next_wait(failure, attempt, fresh_needs=fresh)
                if wait is None or not self._pause(StepRetried(step, failure, attempt, wait)):
                    seconds = self._clock.now() - begun
                    waits = failure.kind is FailureClass.NOT_READY
                    result = Result.WAITING if waits else Result.FAILED
                    return Outcome(step, result, seconds, failure)
                attempt += 1
            else:
                seconds = self._clock.now() - begun
                return Outcome(step, Result.DONE, seconds, sent=sent, reads_back=live)

    def _attempt(self, kind: Kind, step: Step, attempt: int) -> tuple[Step, Body | None]:
        """Look, write, read back; return the step as it was filled in, and what reads back."""
        for needed in step.relies_on:
            found = self._reader.get(KINDS[needed.kind], needed.id)
            _refuse_if_moved(KINDS[needed.kind], step, needed.body, found, needed.id.name)
        step = self._filled(kind, step)
        live = self._settled(kind, step)
        may_be_done = (attempt > 1 and step.action != INITIATE) or step.private
        if may_be_done and _is_done(kind, step, live):
            return step, live  # an earlier attempt got through, or the list had not shown it yet
        if step.verb is Verb.DELETE and live is None:
            return step, None
        if attempt > 1 and live is not None and not field_changes(kind, step.wanted, live):
            step = replace(step, expects=live)  # what moved it was our own request, which failed
        elif attempt > 1 and live is not None:
            step = rebased(kind, step, live)
        if live is None or step.expects is not None or not step.takes_over:
            _refuse_if_moved(kind, step, step.expects, live)
        elif step.verb is Verb.PUT:
            step = replace(step, body=merged_body(kind, step.wanted, live))
        if step.verb is Verb.POST:
            self._act(kind, step)
        else:
            self._writer.write(kind, step.verb, step.resource, step.body)
        if step.verb is Verb.DELETE:
            self._until_gone(kind, step)
            return step, None
        return step, self._until_as_wanted(kind, step)

    def _filled(self, kind: Kind, step: Step) -> Step:
        """Return the step with the values that earlier steps have made."""
        if not step.pending:
            return step
        values: dict[str, Json] = {}
        for name, source in step.pending.items():
            target = kind_of(source.target)
            live = self._reader.get(target, source.target)
            value = ABSENT if live is None else read_field(target, live, source.field)
            if isinstance(value, Absent):
                problem = f"{source.target.name} has no {source.field} yet"
                raise _failed(FailureClass.TRANSIENT, "not there yet", problem, step)
            values[name] = value
        return filled_step(kind, step, values)

    def _act(self, kind: Kind, step: Step) -> None:
        """Send a POST, once: if nobody knows what came of it, only the resource is asked."""
        try:
            self._writer.act(kind, step.resource, step.action, step.body or {})
        except RequestFailedError as error:
            if not error.failure.maybe_done:
                raise
            for _ in range(LOOKS if step.wanted else 0):
                live = self._reader.get(kind, step.resource)
                if live is not None and not field_changes(kind, step.wanted, live):
                    return
                self._clock.sleep(LOOK_EVERY)
            mend = "plan again to see whether it was done: such a request is never sent twice"
            failure = replace(error.failure, kind=FailureClass.REFUSED, mend=mend)
            raise RequestFailedError(failure) from error

    def _settled(self, kind: Kind, step: Step) -> Body | None:
        """Return the live body once nothing is under way on it.

        A run that was killed leaves operations behind: they are waited for, and not begun again.
        """
        deadline = self._clock.now() + SETTLES_WITHIN
        while True:
            live = self._reader.get(kind, step.resource)
            if not is_under_way(live):
                return live
            if self._clock.now() > deadline:
                problem = f"still {provisioning_state(live)}"
                raise _failed(FailureClass.CONFLICT, "not settled", problem, step)
            self._clock.sleep(LOOK_EVERY)

    def _until_gone(self, kind: Kind, step: Step) -> None:
        """Wait for the 404: Azure calls a delete done while the resource is still there."""
        deadline = self._clock.now() + SETTLES_WITHIN
        while self._reader.get(kind, step.resource) is not None:
            if self._clock.now() > deadline:
                raise _failed(FailureClass.DIFFERENT, "not gone", "it is still there", step)
            self._clock.sleep(LOOK_EVERY)

    def _until_as_wanted(self, kind: Kind, step: Step) -> Body:
        """Wait until Azure reads back what was written, and return it."""
        deadline = self._clock.now() + SETTLES_WITHIN
        looks = absences = 0
        while True:
            live = self._reader.get(kind, step.resource)
            state = provisioning_state(live)
            absences += live is None
            if absences > ABSENT_LOOKS:
                problem = "Azure took the request, and the resource does not appear"
                raise _failed(FailureClass.TRANSIENT, "lost", problem, step)
            settled = live is not None and (state is None or state in SETTLED)
            if settled and state in ("failed", "canceled"):
                problem = f"Azure ended the operation as {state}"
                raise _failed(FailureClass.REFUSED, f"provisioning {state}", problem, step)
            if settled and live is not None:
                left, lost = not_as_written(kind, step, live), dropped(kind, step, live)
                if not left and not lost:
                    return live
                looks += 1
                if looks >= LOOKS:
                    raise _different(step, left, lost)
            if self._clock.now() > deadline:
                raise _failed(FailureClass.DIFFERENT, "not settled", f"still {state}", step)
            self._clock.sleep(LOOK_EVERY)

    def _pause(self, retry: StepRetried) -> bool:
        """Wait before another attempt, and return whether there is to be one."""
        if self._interrupt.is_set:
            return False
        self._listener(retry)
        try:
            self._interrupt.sleep(self._clock, retry.wait)
        except RequestFailedError:
            return False  # the run has to end at once
        return not self._interrupt.is_set


def _told_of(step: Step, failure: Failure) -> Failure:
    """Return a failure as it may be told: that of a private step quotes nothing."""
    if not step.private:
        return failure
    return scrubbed(failure, f"{step.verb} one of {step.address}")


def _is_done(kind: Kind, step: Step, live: Body | None) -> bool:
    """Whether Azure is already as the step wants it."""
    if step.verb is Verb.DELETE or live is None:
        return step.verb is Verb.DELETE and live is None
    settled = provisioning_state(live) in (None, "succeeded")
    return settled and not field_changes(kind, step.wanted, live)


def _different(step: Step, left: tuple[str, ...], lost: tuple[str, ...]) -> RequestFailedError:
    """Say that Azure took a request and shows something else."""
    if lost:
        problem = f"Azure no longer has {', '.join(lost)}, which was sent along as it was before"
        return _failed(FailureClass.REFUSED, "dropped", problem, step)
    if is_overwritten(step, left):
        problem = "somebody else wrote the same list at the same moment"
        return _failed(FailureClass.CONFLICT, "overwritten", problem, step)
    problem = f"Azure took the request and reads back something else in {', '.join(left)}"
    return _failed(FailureClass.DIFFERENT, "not as written", problem, step)


def _refuse_if_moved(
    kind: Kind, step: Step, planned: Body | None, live: Body | None, whose: str = ""
) -> None:
    """Raise if a resource is not what the plan was made from, naming what moved.

    Args:
        kind: the resource's kind.
        step: the step that writes to it, or needs it.
        planned: its body when the plan was made.
        live: its body now.
        whose: its name, if it is not the one that the step writes to.
    """
    it = f"`{whose}`, which this needs," if whose else "it"
    if planned is None:
        if live is not None:
            raise _stale(f"{it} exists, and did not when the plan was made", step)
        return
    if live is None:
        raise _stale(f"{it} is gone, and was there when the plan was made", step)
    moves = moved_fields(kind, planned, live)
    if moves:
        raise _stale(told_moves(moves, whose), step)


def _stale(what: str, step: Step) -> RequestFailedError:
    """Say that the plan is out of date."""
    return RequestFailedError(
        Failure(
            FailureClass.STALE,
            "stale",
            f"changed since the plan was made: {what}",
            "look at the change and plan again",
            f"{step.verb} {step.resource}",
        )
    )


def _failed(kind: FailureClass, code: str, message: str, step: Step) -> RequestFailedError:
    """Say that the step did not end as wanted."""
    mend = "plan again to see what is left"
    return RequestFailedError(Failure(kind, code, message, mend, f"{step.verb} {step.resource}"))
