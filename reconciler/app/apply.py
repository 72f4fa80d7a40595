"""A plan becomes reality, and a second plan proves it."""

from __future__ import annotations

from reconciler.app.connection import Connection
from reconciler.app.plan import plan_through
from reconciler.app.specs import Specs
from reconciler.engine.execute import PARALLELISM, execute
from reconciler.engine.interrupt import Interrupt, Stop
from reconciler.engine.ports import Listener
from reconciler.model.plan import Action, Plan
from reconciler.model.report import ApplyReport, Result


def apply(
    plan: Plan,
    specs: Specs,
    connection: Connection,
    listener: Listener,
    interrupt: Interrupt,
    *,
    prune: bool = False,
    parallelism: int = PARALLELISM,
) -> ApplyReport:
    """Carry ``plan`` out and plan again.

    Args:
        plan: an applyable plan, made through the same connection.
        specs: what the plan was made from.
        connection: opened for writing.
        listener: hears of every step.
        interrupt: stops the run between requests.
        prune: as for the plan.
        parallelism: steps under way at once.

    """
    assert plan.is_applyable, "a blocked plan is never applied"
    if not plan.steps:
        return ApplyReport((), checked=True, outputs=plan.outputs)
    outcomes = execute(
        plan,
        connection.reader,
        connection.writer,
        connection.clock,
        listener,
        interrupt,
        parallelism,
    )
    reason = interrupt.reason
    if reason in (Stop.DEADLINE, Stop.LOCK):
        return ApplyReport(outcomes, stopped=reason.value)
    if any(o.result is Result.CANCELLED for o in outcomes):
        return ApplyReport(outcomes, interrupted=True)
    after = plan_through(connection, specs, listener, prune=prune)
    remaining = tuple(c for c in after.changes if c.action is not Action.NONE)
    return ApplyReport(
        outcomes,
        remaining=remaining,
        checked=after.is_complete,
        interrupted=interrupt.is_set,
        outputs=after.outputs,
    )
