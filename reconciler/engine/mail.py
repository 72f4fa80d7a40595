"""Reads mail domains from ARM, and looks their records up in DNS, side by side."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from reconciler.core.mail.judge import judge, no_record
from reconciler.core.mail.links import checks_to_look_up, unlinked_targets
from reconciler.core.mail.records import DEFAULT_TTL, expected_records
from reconciler.core.mail.states import FAILED, UNDER_WAY, ArmState, arm_states, is_azure_managed
from reconciler.engine.clock import moment_after, moment_in, moment_past
from reconciler.engine.ports import Listener, Reader, RequestFailedError, Resolver
from reconciler.engine.telling import during
from reconciler.kinds import KINDS
from reconciler.model.dns import CHECKS, ExpectedRecord
from reconciler.model.event import Phase, Reading
from reconciler.model.failure import Failure
from reconciler.model.ids import ResourceId
from reconciler.model.mail import DomainReport, MailDomain, RecordReport, Sighting
from reconciler.model.resource import DesiredState, ObservedResource, ObservedState
from reconciler.model.value import Body, as_object

VERIFIED_WITHIN = 24 * 3600.0
"""Seconds after which a verification that is still under way is one that hangs.

How long one may take is not on record; Azure's guide allows 15 to 30 minutes for changes of DNS.
https://learn.microsoft.com/azure/communication-services/quickstarts/email/add-custom-verified-domains
"""

WORKERS = 8
"""Domains that are looked at at once."""


def read_domains(domains: Sequence[MailDomain], reader: Reader) -> tuple[Sighting, ...]:
    """Return what ARM has of domains, in their order."""
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="mail") as pool:
        return tuple(pool.map(partial(_read, reader), domains))


def check_domains(
    domains: Sequence[MailDomain], reader: Reader, resolver: Resolver
) -> tuple[DomainReport, ...]:
    """Return what ARM and DNS say of domains, in their order.

    Args:
        domains: what to look at.
        reader: reads Azure.
        resolver: asks DNS.

    """
    seen = read_domains(domains, reader)
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="mail") as pool:
        return tuple(pool.map(partial(report, resolver), seen))


def report(
    resolver: Resolver,
    seen: Sighting,
    checks: Collection[str] = CHECKS,
    limit: float = VERIFIED_WITHIN,
) -> DomainReport:
    """Return what there is to say of one domain that was read.

    Args:
        resolver: asks DNS.
        seen: the domain.
        checks: what of it is looked up; the others are left out.
        limit: seconds after which a verification has been under way for too long.

    """
    if seen.unreadable:
        return DomainReport(seen.domain, unreadable=seen.unreadable)
    if seen.body is None:
        return DomainReport(seen.domain, missing=True)
    properties = as_object(seen.body.get("properties"))
    states = arm_states(seen.body)
    expected = expected_records(seen.domain.name, properties.get("verificationRecords"))
    if not expected:
        managed = is_azure_managed(seen.body)
        why = "" if managed else "Azure returned the domain without the records that it asks for"
        return DomainReport(seen.domain, without_records=managed, unreadable=why)
    records = {record.check: record for record in expected}
    changed = str(as_object(seen.body.get("systemData")).get("lastModifiedAt"))
    rows = (
        record_report(
            resolver, check, states.get(check, ArmState()), records.get(check), changed, limit
        )
        for check in CHECKS
        if check in checks and (check in records or check in states)
    )
    return DomainReport(seen.domain, tuple(rows))


def record_report(
    resolver: Resolver,
    check: str,
    state: ArmState,
    expected: ExpectedRecord | None,
    changed: str,
    limit: float,
) -> RecordReport:
    """Return what ARM and DNS say of one check.

    Args:
        resolver: asks DNS.
        check: the name of the check.
        state: where it stands in ARM.
        expected: the record that ARM asks for, if it asks for one.
        changed: when ARM last changed the domain, as it does when a verification begins.
        limit: see `report`.

    """
    verdict = no_record(check)
    if expected is not None:
        verdict = judge(expected, resolver.evidence(expected))
    ttl = DEFAULT_TTL if expected is None else expected.ttl
    again = verdict.again_after
    return RecordReport(
        state.status,
        state.error_code,
        verdict,
        expected,
        again="" if again is None else moment_in(again),
        rests_until=moment_after(changed, ttl) if state.status == FAILED else "",
        overdue_since=moment_past(changed, limit) if state.status in UNDER_WAY else "",
    )


def with_mail(
    desired: DesiredState,
    state: ObservedState,
    reader: Reader,
    resolver: Resolver,
    listener: Listener,
    limit: float = VERIFIED_WITHIN,
) -> ObservedState:
    """Return ``state`` with what DNS says of mail domains, and with domains that are to be linked.

    Args:
        desired: what is wanted.
        state: what has been read so far.
        reader: reads domains that are to be linked and that no spec describes.
        resolver: asks DNS.
        listener: hears of every answer.
        limit: see `report`.

    """
    targets = [id_ for id_ in unlinked_targets(desired, state) if id_ not in state.resources]
    if targets:
        named = {resource.id for resource in desired.resources}
        strangers = [id_ for id_ in targets if id_ not in named]
        state = _with_strangers(state, strangers, reader, listener)
    asked = dict(checks_to_look_up(desired, state))
    if not asked:
        return state
    sightings = [Sighting(MailDomain(id_, id_.text), state.resources[id_].body) for id_ in asked]
    with (
        during(listener, Phase.LOOK_UP),
        ThreadPoolExecutor(WORKERS, thread_name_prefix="mail") as pool,
    ):
        reports = pool.map(partial(report, resolver, limit=limit), sightings, asked.values())
        return replace(state, mail=dict(zip(asked, reports, strict=True)))


def _with_strangers(
    state: ObservedState, domains: Sequence[ResourceId], reader: Reader, listener: Listener
) -> ObservedState:
    """Return ``state`` with domains that no spec describes."""
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="mail") as pool:
        answers = list(pool.map(partial(_read_stranger, reader, listener), domains))
    found = {one.id: one for one in answers if isinstance(one, ObservedResource)}
    failed = {id_: a for id_, a in zip(domains, answers, strict=True) if isinstance(a, Failure)}
    return replace(
        state,
        resources={**state.resources, **found},
        unreadable={**state.unreadable, **failed},
    )


def _read_stranger(
    reader: Reader, listener: Listener, domain: ResourceId
) -> ObservedResource | Failure | None:
    """Read a domain that no spec describes."""
    kind = KINDS["EmailDomain"]
    with during(listener, Reading(kind.name, domain.text)) as ending:
        try:
            body = reader.get(kind, domain)
        except RequestFailedError as error:
            ending.failure = error.failure.code
            return error.failure
        ending.found = int(body is not None)
    return None if body is None else ObservedResource(domain, kind.name, body)


def _read(reader: Reader, domain: MailDomain) -> Sighting:
    """Read one domain."""
    try:
        body: Body | None = reader.get(KINDS["EmailDomain"], domain.id)
    except RequestFailedError as error:
        return Sighting(domain, unreadable=str(error.failure))
    return Sighting(domain, body)
