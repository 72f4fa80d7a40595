"""Who can no longer send mail through a change: named before anybody says yes.

| change                                   | who                                                  |
| ---------------------------------------- | ---------------------------------------------------- |
| a domain is unlinked                     | its senders; SMTP usernames at it, or of a resource  |
|                                          | that links no domain any more                        |
| a domain is deleted or replaced          | its senders, and the resources that link it          |
| a sender is deleted                      | its address                                          |
| an SMTP username is deleted              | whoever signs in with it                             |
| the resource is deleted or replaced,     | the senders of the domains that it links, and its    |
| or closed to public networks             | SMTP usernames                                       |
| access keys are switched off             | the senders of the domains that it links             |

Senders and SMTP usernames are those in Azure, whether a spec names them or not; resources that link
a domain are all of the subscription where a spec removes it. What could not be read is *unknown*,
never *nobody*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from reconciler.kinds import KINDS
from reconciler.kinds.communication_service import COMMUNICATION_SERVICE, linked_domains
from reconciler.kinds.kind import lookup
from reconciler.model.failure import Failure
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Change, Plan
from reconciler.model.resource import ObservedState, Presence
from reconciler.model.value import ABSENT, Body
from reconciler.model.verification import Impact

GONE = (Action.DELETE, Action.REPLACE)


@dataclass(frozen=True, slots=True, order=True)
class Question:
    """A list that has to be read to know who sends."""

    kind: str
    scope: str
    """The ARM id of what it is nested in."""


Answers: TypeAlias = "Mapping[Question, Mapping[ResourceId, Body] | Failure]"
"""What each list holds, or why it could not be read."""


@dataclass(frozen=True, slots=True)
class _Loss:
    """What a change takes away."""

    cause: str
    domains: tuple[ResourceId, ...] = ()
    """Whose senders are concerned."""
    logins_of: ResourceId | None = None
    """Whose SMTP usernames are concerned."""
    logins_at: str = ""
    """Only those at this domain; empty for all."""
    links_to: ResourceId | None = None
    """The domain whose linking resources are concerned."""
    named: tuple[str, ...] = ()
    """Those who are known without a question."""
    unknown: tuple[str, ...] = ()
    """What nothing in Azure tells."""


def questions(plan: Plan) -> tuple[Question, ...]:
    """Return what has to be read to say who stops sending; nothing for most plans."""
    losses = (loss for change in plan.changes for loss in _losses(change))
    return tuple(sorted({question for loss in losses for question in _asks(loss)}))


def with_impact(plan: Plan, observed: ObservedState, answers: Answers) -> Plan:
    """Return a plan whose changes say who stops sending.

    Args:
        plan: what is to be done.
        observed: what there is.
        answers: to its `questions`.

    """
    changes = tuple(
        replace(change, impact=impact)
        if (impact := tuple(_concerned(change, observed, answers)))
        else change
        for change in plan.changes
    )
    return replace(plan, changes=changes)


def _concerned(change: Change, observed: ObservedState, answers: Answers) -> Iterator[Impact]:
    """Yield what a change does to senders of mail; nothing where there are none for certain."""
    for loss in _losses(change):
        impact = _impact(loss, observed, answers)
        if impact.who or impact.unknown:
            yield impact


def _losses(change: Change) -> Iterator[_Loss]:
    """Yield what a change takes away from those who send mail."""
    if change.observed is None or not change.action.writes:
        return
    name = f"`{change.id.name}`"
    gone = "is deleted" if change.action is Action.DELETE else "is replaced"
    match change.kind:
        case "CommunicationService":
            yield from _of_service(change, name, gone)
        case "EmailDomain" if change.action in GONE:
            all_seen = change.desired is not None and change.desired.presence is Presence.REMOVED
            unknown = () if all_seen else ("resources that no spec names and that link it",)
            yield _Loss(f"{name} {gone}", (change.id,), links_to=change.id, unknown=unknown)
        case "SenderUsername" if change.action in GONE and change.id.parent is not None:
            address = f"{change.id.name}@{change.id.parent.name}"
            yield _Loss(f"the sender {name} {gone}", named=(f"mail from {address}",))
        case "SmtpUsername" if change.action in GONE:
            who = f"whoever signs in as {username_of(change.id, change.observed.body)}"
            yield _Loss(f"the SMTP username {name} {gone}", named=(who,))


def _of_service(change: Change, name: str, gone: str) -> Iterator[_Loss]:
    """Yield what a change of a Communication Services resource takes away."""
    assert change.observed is not None
    links = linked_domains(change.observed.body)
    if change.action in GONE:
        yield _Loss(f"{name} {gone}", links, logins_of=change.id)
        return
    fields = {field.path: field for field in change.fields}
    leaving = [p for p, f in fields.items() if p[0] == "linkedDomains" and f.after is ABSENT]
    joining = any(p[0] == "linkedDomains" and f.after is not ABSENT for p, f in fields.items())
    none_left = len(leaving) == len(links) and not joining
    for path in leaving:
        domain = ResourceId(path[-1])
        at = "" if none_left else domain.name
        cause = f"`{domain.name}` is unlinked from {name}"
        yield _Loss(cause, (domain,), logins_of=change.id, logins_at=at)
    off = fields.get(("disableLocalAuth",))
    if off is not None and off.after is True:
        unknown = ("which clients sign with an access key",)
        yield _Loss(f"access keys of {name} are switched off", links, unknown=unknown)
    network = fields.get(("publicNetworkAccess",))
    if network is not None and network.after == "Disabled":
        unknown = ("which clients come through a private endpoint, and stay",)
        yield _Loss(f"{name} is closed to public networks", links, change.id, unknown=unknown)


def _asks(loss: _Loss) -> Iterator[Question]:
    """Yield the lists that name those concerned."""
    for domain in loss.domains:
        yield Question("SenderUsername", domain.text)
    if loss.logins_of is not None:
        yield Question("SmtpUsername", loss.logins_of.text)


def _impact(loss: _Loss, observed: ObservedState, answers: Answers) -> Impact:
    """Return who is concerned, and what could not be read."""
    who, unknown = list(loss.named), list(loss.unknown)
    for question in _asks(loss):
        answer = answers.get(question)
        if answer is None or isinstance(answer, Failure):
            plural = KINDS[question.kind].collection
            why = answer.code if answer is not None else "they were not read"
            unknown.append(f"{plural} of {question.scope.rpartition('/')[2]}: {why}")
            continue
        for id_, body in sorted(answer.items()):
            who.extend(_words(loss, question, id_, body, observed))
    who.extend(
        f"`{live.id.name}`, which links it"
        for live in observed.resources.values()
        if live.kind == COMMUNICATION_SERVICE.name and loss.links_to in linked_domains(live.body)
    )
    return Impact(loss.cause, tuple(dict.fromkeys(who)), tuple(unknown))


def _words(
    loss: _Loss, question: Question, id_: ResourceId, body: Body, observed: ObservedState
) -> Iterator[str]:
    """Yield one item of a list in words, if it is concerned."""
    username = username_of(id_, body)
    match question.kind:
        case "SenderUsername":
            yield f"{username}@{sender_domain(ResourceId(question.scope), observed)}"
        case "SmtpUsername" if not loss.logins_at or username.lower().endswith(
            f"@{loss.logins_at.lower()}"
        ):
            yield f"SMTP username {username}"
        case "CommunicationService" if loss.links_to in linked_domains(body):
            yield f"`{id_.name}`, which links it"


def username_of(id_: ResourceId, body: Body) -> str:
    """Return the username of a sender or of an SMTP login."""
    found = lookup(body, ("properties", "username"))
    return found if isinstance(found, str) and found else id_.name


def sender_domain(domain: ResourceId, observed: ObservedState) -> str:
    """Return what stands behind the ``@`` of a domain's senders."""
    live = observed.resources.get(domain)
    found = lookup(live.body, ("properties", "fromSenderDomain")) if live is not None else ABSENT
    return found if isinstance(found, str) and found else domain.name
