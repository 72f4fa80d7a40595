"""Checks of mail domains that were verified, and are not any more.

Azure alone does not tell a check that has never been verified from one that was and has failed
since: the first is what an apply still works on, the second keeps mail from being sent. The history
knows. What Azure says in a word that is not known here, or not at all, is neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from reconciler.core.drifted.attribution import last_writer
from reconciler.core.mail.impact import sender_domain, username_of
from reconciler.core.mail.states import MAY_BE_ASKED, UNDER_WAY, VERIFIED, ArmState, arm_states
from reconciler.core.sealed.canonical import digest
from reconciler.kinds.communication_service import COMMUNICATION_SERVICE, linked_domains
from reconciler.model.drift import NOBODY, Drift, Item, Sort, Standing, Verified
from reconciler.model.ids import ResourceId
from reconciler.model.resource import (
    DesiredResource,
    DesiredState,
    ObservedResource,
    ObservedState,
    Presence,
    Severity,
)

NOT_VERIFIED = MAY_BE_ASKED | UNDER_WAY


def standings(desired: DesiredState, observed: ObservedState) -> Iterator[Standing]:
    """Yield where each check stands that a spec wants verified."""
    wanted = [r for r in desired.resources if r.verify and r.presence is Presence.MANAGED]
    senders = _senders(observed) if wanted else {}
    for resource in wanted:
        live = observed.resources.get(resource.id)
        states = {} if live is None else arm_states(live.body)
        who = ", ".join(sorted(senders.get(resource.id, ())))
        for check in resource.verify:
            yield _standing(resource, check, states.get(check, ArmState()), live, who)


def lost(known: Iterable[Verified], drift: Drift) -> tuple[Item, ...]:
    """Return the checks that a run before has found verified, and that are not any more."""
    before = set(known)
    gone = (s.item for s in drift.standings if s.verified is False)
    return tuple(item for item in gone if _key(item, drift) in before)


def remembered(known: Iterable[Verified], drift: Drift) -> tuple[Verified, ...]:
    """Return what is known to have been verified, after one run more.

    Only what a run has looked at, and no spec wants any more, is forgotten.
    """
    wanted = {_key(standing.item, drift) for standing in drift.standings}
    now = {_key(standing.item, drift) for standing in drift.standings if standing.verified}
    kept = (
        one
        for one in known
        if one in wanted or one.environment != drift.environment or one.stack not in drift.stacks
    )
    return tuple(sorted(now.union(kept)))


def _key(item: Item, drift: Drift) -> Verified:
    return Verified(drift.environment, item.stack, item.address, item.field[-1])


def _standing(
    resource: DesiredResource,
    check: str,
    state: ArmState,
    live: ObservedResource | None,
    who: str,
) -> Standing:
    """Return where one check stands, with what it is if it was verified before."""
    known = {VERIFIED: True} | dict.fromkeys(NOT_VERIFIED, False)
    code = f" ({state.error_code})" if state.error_code else ""
    then = f"mail may stop for {who}" if who else "no sender of it is in the specs"
    item = Item(
        Sort.CHANGED,
        Severity.HIGH,
        resource.id,
        resource.kind,
        resource.address,
        resource.stack,
        digest([resource.kind, resource.id.folded, "verify", check]),
        field=("verify", check),
        wanted=VERIFIED,
        live=state.status,
        reason=f"it was verified before{code}; {then}",
        place=resource.place,
        author=NOBODY if live is None else last_writer(live.body),
    )
    return Standing(item, known.get(state.status))


def _senders(observed: ObservedState) -> Mapping[ResourceId, list[str]]:
    """Return who sends through each domain, as far as it was read: senders and linked services."""
    found: defaultdict[ResourceId, list[str]] = defaultdict(list)
    for id_, live in observed.resources.items():
        if live.kind == "SenderUsername" and id_.parent is not None:
            address = f"{username_of(id_, live.body)}@{sender_domain(id_.parent, observed)}"
            found[id_.parent].append(address)
        elif live.kind == COMMUNICATION_SERVICE.name:
            for domain in linked_domains(live.body):
                found[domain].append(f"{live.id.name} (linked)")
    return found
