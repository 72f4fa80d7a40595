"""One step: look again, write, read back.

A step writes only what is still as the plan saw it, and is done only when Azure shows what was
wanted: in a read, or in its answer to the write where nobody looks at the resource before the
closing plan does.
"""

from __future__ import annotations

from collections.abc import Set
from contextlib import nullcontext
from dataclasses import replace

from reconciler.core.changes.diff import field_changes
from reconciler.core.changes.pending import kind_of, read_field
from reconciler.core.changes.steps import filled_step, merged_body
from reconciler.core.sending.readback import dropped, not_as_written, rebased
from reconciler.core.sending.retry import next_wait
from reconciler.engine.interrupt import Interrupt
from reconciler.engine.ports import Aside, Clock, Listener, Reader, RequestFailedError, Writer
from reconciler.engine.settling import (
    LOOK_EVERY,
    SETTLED,
    SETTLES_WITHIN,
    is_under_way,
    provisioning_state,
)
from reconciler.engine.telling import during
from reconciler.engine.verdicts import different, failed, is_done, refuse_if_moved, told_of
from reconciler.kinds import KINDS
from reconciler.kinds.email import INITIATE
from reconciler.kinds.kind import Kind
from reconciler.model.event import StepRetried
from reconciler.model.failure import FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Step, Verb
from reconciler.model.report import Outcome, Result, Shown
from reconciler.model.value import ABSENT, Absent, Body, Json

ABSENT_LOOKS = 60
"""How often a resource that was written may not be there before the request counts as lost.

https://github.com/hashicorp/terraform-provider-azurerm/pull/32865
"""

LOOKS = 10
"""How often a settled resource that differs is looked at again before it counts as different."""


class StepRunner:
    """Runs steps on worker threads."""

    def __init__(  # noqa: PLR0913  (ports and settings)
        self,
        reader: Reader,
        writer: Writer,
        clock: Clock,
        listener: Listener,
        interrupt: Interrupt,
        *,
        fresh: bool = False,
        looked_at: Set[ResourceId] = frozenset(),
        aside: Aside = nullcontext,
    ) -> None:
        """Keep what a step needs.

        Args:
            reader: reads Azure.
            writer: changes Azure.
            clock: every wait goes through it.
            listener: hears of every further attempt.
            interrupt: allows no further attempt.
            fresh: whether what was there before the run began may have been made a moment ago.
            looked_at: what later steps read, so that it has to read back first.
            aside: entered for as long as a step only waits for Azure.

        """
        self._aside = aside
        self._fresh = fresh
        self._looked_at = looked_at
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._listener = listener
        self._interrupt = interrupt

    def run(self, step: Step) -> Outcome:
        """Run one step to its end; never raises for what Azure answers."""
        with during(self._listener, step):
            return self._run(step)

    def _run(self, step: Step) -> Outcome:
        """Try a step until it is done, or until another attempt would not help."""
        kind = KINDS[step.kind]
        begun = self._clock.now()
        attempt = 1
        while True:
            try:
                sent, shown = self._attempt(kind, step, attempt)
            except RequestFailedError as error:
                failure = told_of(step, error.failure)
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
                return Outcome(step, Result.DONE, seconds, sent=sent, reads_back=shown)

    def _attempt(self, kind: Kind, step: Step, attempt: int) -> tuple[Step, Shown | None]:
        """Look, write, read back; return the step as it was filled in, and what reads back."""
        for needed in step.relies_on:
            found = self._reader.get(KINDS[needed.kind], needed.id)
            refuse_if_moved(KINDS[needed.kind], step, needed.body, found, needed.id.name)
        step = self._filled(kind, step)
        live = self._settled(kind, step)
        may_be_done = (attempt > 1 and step.action != INITIATE) or step.private
        if may_be_done and is_done(kind, step, live):
            # an earlier attempt got through, or the list had not shown it yet
            return step, None if live is None else Shown(live)
        if step.verb is Verb.DELETE and live is None:
            return step, None
        if attempt > 1 and live is not None and not field_changes(kind, step.wanted, live):
            step = replace(step, expects=live)  # what moved it was our own request, which failed
        elif attempt > 1 and live is not None:
            step = rebased(kind, step, live)
        if live is None or step.expects is not None or not step.takes_over:
            refuse_if_moved(kind, step, step.expects, live)
        elif step.verb is Verb.PUT:
            step = replace(step, body=merged_body(kind, step.wanted, live))
        return step, self._carried_out(kind, step)

    def _carried_out(self, kind: Kind, step: Step) -> Shown | None:
        """Write, and return the resource as Azure shows it afterwards, None if it is gone."""
        if step.verb is Verb.POST:
            self._act(kind, step)
            return Shown(self._until_as_wanted(kind, step))
        shown = self._writer.write(kind, step.verb, step.resource, step.body, self._aside)
        if step.verb is Verb.DELETE:
            self._until_gone(kind, step)
            return None
        if shown is not None and self._says_all(kind, step, shown):
            return shown
        return Shown(self._until_as_wanted(kind, step))

    def _says_all(self, kind: Kind, step: Step, shown: Shown) -> bool:
        """Whether what Azure showed at the end of a write leaves nothing to look for.

        An answer without a provisioning state, or with one that lasts, is the end of its operation:
        https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
        The copies that answer reads may be behind it, which concerns who reads next: a later step,
        and the closing plan.
        """
        counts = shown.read or step.resource not in self._looked_at
        as_wanted = is_done(kind, step, shown.body) and not dropped(kind, step, shown.body)
        return counts and as_wanted

    def _filled(self, kind: Kind, step: Step) -> Step:
        """Return the step with the values that earlier steps have made."""
        if not step.pending:
            return step
        values: dict[str, Json] = {}
        targets = {source.target for source in step.pending.values()}
        seen = {target: self._reader.get(kind_of(target), target) for target in targets}
        for name, source in step.pending.items():
            target, live = kind_of(source.target), seen[source.target]
            value = ABSENT if live is None else read_field(target, live, source.field)
            if isinstance(value, Absent):
                problem = f"{source.target.name} has no {source.field} yet"
                raise failed(FailureClass.TRANSIENT, "not there yet", problem, step)
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
                self._wait(LOOK_EVERY)
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
                raise failed(FailureClass.CONFLICT, "not settled", problem, step)
            self._wait(LOOK_EVERY)

    def _until_gone(self, kind: Kind, step: Step) -> None:
        """Wait for the 404: Azure calls a delete done while the resource is still there."""
        deadline = self._clock.now() + SETTLES_WITHIN
        while self._reader.get(kind, step.resource) is not None:
            if self._clock.now() > deadline:
                raise failed(FailureClass.DIFFERENT, "not gone", "it is still there", step)
            self._wait(LOOK_EVERY)

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
                raise failed(FailureClass.TRANSIENT, "lost", problem, step)
            settled = live is not None and (state is None or state in SETTLED)
            if settled and state in ("failed", "canceled"):
                problem = f"Azure ended the operation as {state}"
                raise failed(FailureClass.REFUSED, f"provisioning {state}", problem, step)
            if settled and live is not None:
                left, lost = not_as_written(kind, step, live), dropped(kind, step, live)
                if not left and not lost:
                    return live
                looks += 1
                if looks >= LOOKS:
                    raise different(step, left, lost)
            if self._clock.now() > deadline:
                raise failed(FailureClass.DIFFERENT, "not settled", f"still {state}", step)
            self._wait(LOOK_EVERY)

    def _wait(self, seconds: float) -> None:
        """Wait for Azure, and make room for other steps meanwhile."""
        with self._aside():
            self._clock.sleep(seconds)

    def _pause(self, retry: StepRetried) -> bool:
        """Wait before another attempt, and return whether there is to be one."""
        if self._interrupt.is_set:
            return False
        self._listener(retry)
        try:
            with self._aside():
                self._interrupt.sleep(self._clock, retry.wait)
        except RequestFailedError:
            return False  # the run has to end at once
        return not self._interrupt.is_set
