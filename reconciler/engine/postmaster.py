"""A writer that looks at DNS before it asks for a verification, and before it links a domain.

What is not right in DNS is not asked for. A verification is begun once: where no answer came, the
domain is read again, and never asked again in the same run.
https://learn.microsoft.com/azure/communication-services/quickstarts/email/add-custom-verified-domains
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reconciler.core.mail.links import missing_conditions, verified_checks
from reconciler.core.mail.states import FAILED, ArmState, arm_states
from reconciler.core.mail.verification import may_be_asked
from reconciler.engine.mail import report
from reconciler.engine.ports import Aside, Clock, Reader, RequestFailedError, Resolver, Writer
from reconciler.kinds.communication_service import COMMUNICATION_SERVICE, linked_domains
from reconciler.kinds.email import CHECK_FIELD, INITIATE
from reconciler.kinds.email import EMAIL_DOMAIN as DOMAIN
from reconciler.kinds.kind import Kind
from reconciler.model.dns import UNKNOWN, Verdict
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.mail import MailDomain, Sighting
from reconciler.model.plan import Verb
from reconciler.model.report import Shown
from reconciler.model.value import Body

LOOKS = 5
"""How often the domain is read to see that a verification has begun."""

LOOK_EVERY = 2.0
"""Seconds between two looks."""


class Postmaster:
    """Implements `reconciler.engine.ports.Writer` on top of another one."""

    def __init__(self, writer: Writer, reader: Reader, clock: Clock, resolver: Resolver) -> None:
        """Keep what is needed: what writes and reads Azure, time, and what asks DNS."""
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._resolver = resolver

    def write(
        self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None, aside: Aside
    ) -> Shown | None:
        """Send one request; one that links a domain only if the domain's records are still right.

        Raises:
            RequestFailedError: a record is not right any more, or the request failed.

        """
        links = _links(kind, body or {})
        if links:
            live = self._reader.get(kind, resource)
            there = () if live is None else linked_domains(live)
            for domain in links:
                if domain not in there:
                    self._guard(domain, f"{verb} {resource}")
        try:
            return self._writer.write(kind, verb, resource, body, aside)
        except RequestFailedError as error:
            if not links or error.failure.code.lower() != "invalidlinkeddomains":
                raise
            raise RequestFailedError(self._explained(error.failure, links)) from error

    def act(self, kind: Kind, resource: ResourceId, action: str, body: Body) -> None:
        """Send a POST; one for a verification only if DNS is right and nothing is under way.

        Raises:
            RequestFailedError: DNS is not right, Azure refused, or nobody knows whether it began.

        """
        if action == INITIATE:
            self._ask(resource, str(body[CHECK_FIELD]))
        else:
            self._writer.act(kind, resource, action, body)

    def _ask(self, domain: ResourceId, check: str) -> None:
        """Ask Azure to verify one record, unless that is under way or done."""
        request = f"POST {domain} {INITIATE} {check}"
        live = self._reader.get(DOMAIN, domain) or {}
        before = _state(live, check)
        if not may_be_asked(before):
            return
        verdicts = self._verdicts(domain, live, (check,))
        if not verdicts or not verdicts[0].ready:
            raise _not_ready(verdicts[0] if verdicts else None, request)
        lost: Failure | None = None
        try:
            self._writer.act(DOMAIN, domain, INITIATE, {CHECK_FIELD: check})
        except RequestFailedError as error:
            if not error.failure.maybe_done:
                raise
            lost = error.failure
        if not self._has_begun(domain, check, before, answered=lost is None):
            raise RequestFailedError(_unseen(request, check, lost))

    def _guard(self, domain: ResourceId, request: str) -> None:
        """Refuse to link a domain of which a verified record is not right any more."""
        body = self._reader.get(DOMAIN, domain)
        if body is not None:
            for verdict in self._verdicts(domain, body, verified_checks(body)):
                if not verdict.ready and verdict.state not in UNKNOWN:
                    raise _not_ready(verdict, request)

    def _explained(self, failure: Failure, links: Sequence[ResourceId]) -> Failure:
        """Return a refusal of links with what each of the domains lacks."""
        lacking = [
            f"`{domain.name}`: {words}" for domain in links if (words := self._lacks(domain))
        ]
        found = "; ".join(lacking) or (
            "all of them exist and are verified, so compare the `dataLocation` of both services"
        )
        return replace(failure, mend=f"Azure links only what it has verified. {found}")

    def _lacks(self, domain: ResourceId) -> str:
        """Return what a domain lacks, in words; empty for nothing that can be seen."""
        try:
            body = self._reader.get(DOMAIN, domain)
        except RequestFailedError as error:
            return f"it could not be read: {error.failure.code}"
        if body is None:
            return "there is no such domain"
        return "; ".join(missing_conditions(body, ("SPF", "DKIM", "DKIM2")))

    def _verdicts(self, domain: ResourceId, body: Body, checks: Sequence[str]) -> list[Verdict]:
        """Return what DNS says now of some checks of a domain."""
        if not checks:
            return []
        self._resolver.forget()
        seen = Sighting(MailDomain(domain, domain.text), body)
        return [row.verdict for row in report(self._resolver, seen, checks).records]

    def _has_begun(
        self, domain: ResourceId, check: str, before: ArmState, *, answered: bool
    ) -> bool:
        """Whether Azure shows that a verification has begun, or has ended already."""
        for look in range(LOOKS):
            if look:
                self._clock.sleep(LOOK_EVERY)
            live = self._reader.get(DOMAIN, domain)
            now = _state(live or {}, check)
            if not may_be_asked(now) or (now.status == FAILED and now != before):
                return True
        return answered and before.status == FAILED


def _state(body: Body, check: str) -> ArmState:
    """Return where a check of a domain stands."""
    return arm_states(body).get(check, ArmState())


def _links(kind: Kind, body: Body) -> tuple[ResourceId, ...]:
    """Return the domains that a body of a Communication Services resource links."""
    return linked_domains(body) if kind is COMMUNICATION_SERVICE else ()


def _not_ready(verdict: Verdict | None, request: str) -> RequestFailedError:
    """Say that DNS is not right, so that nothing was sent."""
    what = verdict.sentence if verdict is not None else "Azure names no record for it"
    mend = verdict.mend if verdict is not None else "plan again"
    return RequestFailedError(Failure(FailureClass.NOT_READY, "dns not ready", what, mend, request))


def _unseen(request: str, check: str, lost: Failure | None) -> Failure:
    """Say that a verification was asked for and does not show."""
    what = f"Azure took the request and does not show that {check} is being verified"
    if lost is not None:
        what = f"no answer to the request ({lost}), and Azure does not show that it came through"
    mend = "apply again: it looks first, and asks only if nothing is under way"
    return Failure(FailureClass.DIFFERENT, "not begun", what, mend, request)
