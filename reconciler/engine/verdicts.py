"""What a step makes of what it has read: it is done, it has moved, it is something else."""

from __future__ import annotations

from reconciler.core.changes.diff import field_changes
from reconciler.core.changes.privacy import scrubbed
from reconciler.core.sending.readback import is_overwritten
from reconciler.core.sending.staleness import moved_fields, told_moves
from reconciler.engine.ports import RequestFailedError
from reconciler.engine.settling import provisioning_state
from reconciler.kinds.kind import Kind
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.plan import Step, Verb
from reconciler.model.value import Body


def told_of(step: Step, failure: Failure) -> Failure:
    """Return a failure as it may be told: that of a private step quotes nothing."""
    if not step.private:
        return failure
    return scrubbed(failure, f"{step.verb} one of {step.address}")


def is_done(kind: Kind, step: Step, live: Body | None) -> bool:
    """Whether Azure is already as the step wants it."""
    if step.verb is Verb.DELETE or live is None:
        return step.verb is Verb.DELETE and live is None
    settled = provisioning_state(live) in (None, "succeeded")
    return settled and not field_changes(kind, step.wanted, live)


def different(step: Step, left: tuple[str, ...], lost: tuple[str, ...]) -> RequestFailedError:
    """Say that Azure took a request and shows something else."""
    if lost:
        problem = f"Azure no longer has {', '.join(lost)}, which was sent along as it was before"
        return failed(FailureClass.REFUSED, "dropped", problem, step)
    if is_overwritten(step, left):
        problem = "somebody else wrote the same list at the same moment"
        return failed(FailureClass.CONFLICT, "overwritten", problem, step)
    problem = f"Azure took the request and reads back something else in {', '.join(left)}"
    return failed(FailureClass.DIFFERENT, "not as written", problem, step)


def refuse_if_moved(
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


def failed(kind: FailureClass, code: str, message: str, step: Step) -> RequestFailedError:
    """Say that the step did not end as wanted."""
    mend = "plan again to see what is left"
    return RequestFailedError(Failure(kind, code, message, mend, f"{step.verb} {step.resource}"))
