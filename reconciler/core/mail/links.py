"""Which domains can be linked now, and which have to wait until they are verified.

Azure links a domain that exists, is provisioned and is verified, and answers any other with
``InvalidLinkedDomains``, whatever else the request holds. So what cannot be linked yet is left out,
and a later run links it; what is linked stays. A fallback is linked only while another domain of
its list is not.
https://learn.microsoft.com/azure/communication-services/quickstarts/email/connect-email-communication-resource
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.core.changes.diff import field_changes
from reconciler.core.mail.states import (
    VERIFIED,
    ArmState,
    arm_states,
    is_azure_managed,
    is_settled,
)
from reconciler.core.mail.verification import FIRST
from reconciler.kinds import KINDS
from reconciler.kinds.communication_service import COMMUNICATION_SERVICE, linked_domains
from reconciler.kinds.email import AZURE_MANAGED
from reconciler.kinds.fields import fallbacks, plain_members
from reconciler.model.dns import CHECKS, UNKNOWN
from reconciler.model.ids import ResourceId
from reconciler.model.mail import DomainReport
from reconciler.model.resource import DesiredResource, DesiredState, ObservedState, Presence
from reconciler.model.value import Body, Json
from reconciler.model.verification import LinkPlan

LINKS = "linkedDomains"


@dataclass(frozen=True, slots=True)
class Linking:
    """Domains beside the services that link them."""

    observed: ObservedState
    domains: Mapping[ResourceId, DesiredResource]
    """What the specs say of them."""

    @classmethod
    def of(cls, desired: DesiredState, observed: ObservedState) -> Linking:
        """Bring both sides together."""
        return cls(observed, {r.id: r for r in desired.resources if r.kind == "EmailDomain"})

    def obstacle(self, domain: ResourceId) -> str:
        """Return why a domain cannot be linked now, empty if it can."""
        said = self.domains.get(domain)
        live = self.observed.resources.get(domain)
        failure = self.observed.unreadable.get(domain)
        if failure is not None:
            return f"it could not be read: {failure.code}"
        if live is None:
            if said is None:
                return "there is no such domain"
            made = said.fields.get("management") == AZURE_MANAGED
            return "" if made else "it is not created yet"
        if said is not None and any(
            change.forces_replacement
            for change in field_changes(KINDS[said.kind], said.fields, live.body)
        ):
            return "it is replaced first"
        wanted = said.verify if said is not None else ()
        lacking = missing_conditions(live.body, wanted)
        return "; ".join(lacking) or _against(self.observed.mail.get(domain))


def missing_conditions(body: Body, wanted: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what a domain that is there lacks before it can be linked, in words.

    Args:
        body: the domain as ARM answers it.
        wanted: the checks that the spec wants verified besides `FIRST`.

    """
    lacking = [] if is_settled(body) else ["its last operation has not ended well"]
    if not is_azure_managed(body):
        states = arm_states(body)
        open_: dict[str, list[str]] = {}
        for check in CHECKS:
            status = states.get(check, ArmState()).status
            if check in (FIRST, *wanted) and status != VERIFIED:
                open_.setdefault(status or "unknown", []).append(check)
        for status, checks in open_.items():
            lacking.append(f"{', '.join(checks)} {'are' if len(checks) > 1 else 'is'} {status}")
    return tuple(lacking)


def verified_checks(body: Body) -> tuple[str, ...]:
    """Return the checks whose records are looked at before a link: those that are verified."""
    if is_azure_managed(body):
        return ()
    return tuple(check for check, state in arm_states(body).items() if state.status == VERIFIED)


def checks_to_look_up(
    desired: DesiredState, observed: ObservedState
) -> Iterator[tuple[ResourceId, tuple[str, ...]]]:
    """Yield the domains whose records matter now, each with the checks that do.

    What is verified is not looked up, but for a domain that is to be linked.
    """
    targets = frozenset(unlinked_targets(desired, observed))
    wanted = {r.id: r.verify for r in desired.resources if r.presence is Presence.MANAGED}
    for domain in dict.fromkeys((*(id_ for id_, checks in wanted.items() if checks), *targets)):
        live = observed.resources.get(domain)
        if live is None:
            continue
        states = arm_states(live.body)
        checks = [c for c in wanted.get(domain, ()) if states.get(c, ArmState()).status != VERIFIED]
        if domain in targets and not missing_conditions(live.body, wanted.get(domain, ())):
            checks += verified_checks(live.body)
        if checks:
            yield domain, tuple(checks)


def settle_links(
    desired: DesiredState, observed: ObservedState
) -> tuple[DesiredState, Mapping[ResourceId, tuple[LinkPlan, ...]]]:
    """Return what is wanted now, and the links that have to wait, by their service."""
    linking = Linking.of(desired, observed)
    waiting: dict[ResourceId, tuple[LinkPlan, ...]] = {}
    resources: list[DesiredResource] = []
    for resource in desired.resources:
        value = resource.fields.get(LINKS)
        if resource.kind != COMMUNICATION_SERVICE.name or not value:
            resources.append(resource)
            continue
        now, later = _settled(value, _linked(resource.id, observed), linking)
        waiting[resource.id] = later
        resources.append(replace(resource, fields={**resource.fields, LINKS: now}))
    return replace(desired, resources=tuple(resources)), waiting


def unlinked_targets(desired: DesiredState, observed: ObservedState) -> Iterator[ResourceId]:
    """Yield the domains that are to be linked and are not linked yet, each once."""
    found: dict[ResourceId, None] = {}
    for resource in desired.resources:
        if resource.kind == COMMUNICATION_SERVICE.name and resource.presence is Presence.MANAGED:
            value = resource.fields.get(LINKS)
            there = _linked(resource.id, observed)
            members = map(ResourceId, (*plain_members(value), *fallbacks(value)))
            found.update(dict.fromkeys(id_ for id_ in members if id_ not in there))
    yield from found


def _settled(
    value: Json, linked: frozenset[ResourceId], linking: Linking
) -> tuple[Json, tuple[LinkPlan, ...]]:
    """Return a list of links without those that cannot be made now, and these."""
    obstacles = {
        text: "" if ResourceId(text) in linked else linking.obstacle(ResourceId(text))
        for text in (*plain_members(value), *fallbacks(value))
    }
    later = [_later(linking, t, o, joins=True) for t in plain_members(value) if (o := obstacles[t])]
    members = [text for text in plain_members(value) if not obstacles[text]]
    if later:
        spare = [text for text in fallbacks(value) if not obstacles[text]]
        names = ", ".join(f"`{link.domain.name}`" for link in later)
        members += spare
        later += [_later(linking, t, f"{names} is linked", joins=False) for t in spare]
    now: Json = {"include": members} if isinstance(value, Mapping) else members
    return now, tuple(later)


def _later(linking: Linking, text: str, until: str, *, joins: bool) -> LinkPlan:
    """Return a link that has to wait."""
    domain = ResourceId(text)
    said = linking.domains.get(domain)
    return LinkPlan(domain, said.address if said is not None else text, joins, until)


def _linked(service: ResourceId, observed: ObservedState) -> frozenset[ResourceId]:
    """Return the domains that a service links now."""
    live = observed.resources.get(service)
    return frozenset() if live is None else frozenset(linked_domains(live.body))


def _against(report: DomainReport | None) -> str:
    """Return what DNS has against linking a verified domain; that nobody knows is no reason."""
    if report is None:
        return ""
    wrong = [
        f"Azure has verified {row.verdict.check}, and DNS is not right any more:"
        f" {row.verdict.sentence}"
        for row in report.records
        if row.arm_state == VERIFIED and not row.verdict.ready and row.verdict.state not in UNKNOWN
    ]
    return "; ".join(wrong)
