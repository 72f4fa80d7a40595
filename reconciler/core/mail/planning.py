"""Puts into a plan what becomes of mail: checks, the requests for verification, links that wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from reconciler.core.changes.comparison import Facts
from reconciler.core.changes.decision import not_ours
from reconciler.core.mail.states import arm_states
from reconciler.core.mail.verification import check_plans
from reconciler.kinds import KINDS
from reconciler.kinds.email import CHECK_FIELD, INITIATE
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Change, Step, Verb
from reconciler.model.resource import ObservedState, Presence
from reconciler.model.verification import CheckPlan, LinkPlan, Next

MADE_ANEW = (Action.CREATE, Action.REPLACE)
NO_MAIL = (Action.BLOCKED, Action.DELETE)


def with_mail(
    changes: Iterable[Change],
    observed: ObservedState,
    links: Mapping[ResourceId, tuple[LinkPlan, ...]],
) -> tuple[Change, ...]:
    """Return changes that say of mail domains what happens next, and of services what waits.

    Args:
        changes: what happens to the resources.
        observed: what there is, with what DNS says.
        links: the links that have to wait, by the service that wants them.

    """
    found = (_with_mail(change, observed, links.get(change.id, ())) for change in changes)
    return tuple(
        replace(change, reason="as desired, but for what waits")
        if change.action is Action.NONE and change.is_waiting
        else change
        for change in found
    )


def verification_steps(changes: Iterable[Change], steps: Iterable[Step]) -> Iterator[Step]:
    """Yield a POST for each check that is to be asked for, after what is written to its domain."""
    written = {step.resource: step.id for step in steps if step.verb is not Verb.DELETE}
    for change in changes:
        for check in change.checks:
            if check.next is Next.ASK:
                yield _step(change, check, written.get(change.id))


def _with_mail(change: Change, observed: ObservedState, links: tuple[LinkPlan, ...]) -> Change:
    """Return one change with what it says of mail."""
    desired = change.desired
    if change.action in NO_MAIL or desired is None or desired.presence is not Presence.MANAGED:
        return change
    if links:
        change = replace(change, links=links)
    if not desired.verify:
        return change
    live = None if change.action in MADE_ANEW else change.observed
    states = None if live is None else arm_states(live.body)
    checks = check_plans(desired.verify, states, observed.mail.get(change.id))
    change = replace(change, checks=checks)
    asks = any(check.next is Next.ASK for check in checks)
    if live is None or not asks or change.action is not Action.NONE:
        return change
    facts = Facts(desired, KINDS[change.kind], live)
    reason = "DNS is as Azure wants it, and verification can be asked for"
    asked = replace(change, action=Action.UPDATE, reason=reason)
    return not_ours(facts, live, Action.UPDATE, ()) or asked


def _step(change: Change, check: CheckPlan, written: str | None) -> Step:
    """Return the request that asks Azure to verify one check."""
    assert change.observed is not None, "what is not there is not verified"
    return Step(
        id=f"{Verb.POST} {change.address} {INITIATE} {check.check}",
        verb=Verb.POST,
        address=change.address,
        resource=change.observed.id,
        kind=change.kind,
        body={CHECK_FIELD: check.check},
        after=frozenset({written} if written else ()),
        expects=None if written else change.observed.body,
        wanted={},
        takes_over=True,
        action=INITIATE,
    )
