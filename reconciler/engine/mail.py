"""Reads mail domains from ARM, and looks their records up in DNS, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from reconciler.core.mail.judge import judge, no_record
from reconciler.core.mail.records import expected_records
from reconciler.engine.ports import Reader, RequestFailedError, Resolver
from reconciler.kinds import KINDS
from reconciler.model.dns import CHECKS
from reconciler.model.mail import DomainReport, MailDomain, RecordReport, Sighting
from reconciler.model.value import Body, as_object

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


def report(resolver: Resolver, seen: Sighting) -> DomainReport:
    """Return what there is to say of one domain that was read."""
    if seen.unreadable:
        return DomainReport(seen.domain, unreadable=seen.unreadable)
    if seen.body is None:
        return DomainReport(seen.domain, missing=True)
    properties = as_object(seen.body.get("properties"))
    states = as_object(properties.get("verificationStates"))
    expected = expected_records(seen.domain.name, properties.get("verificationRecords"))
    if not expected:
        managed = properties.get("domainManagement") == "AzureManaged"
        why = "" if managed else "Azure returned the domain without the records that it asks for"
        return DomainReport(seen.domain, without_records=managed, unreadable=why)
    verdicts = {record.check: judge(record, resolver.evidence(record)) for record in expected}
    checks = [check for check in CHECKS if check in verdicts or check in states]
    rows = []
    for check in checks:
        state = as_object(states.get(check))
        code = state.get("errorCode")
        rows.append(
            RecordReport(
                str(state.get("status") or ""),
                code if isinstance(code, str) and code not in ("", "None") else "",
                verdicts.get(check) or no_record(check),
            )
        )
    return DomainReport(seen.domain, tuple(rows))


def _read(reader: Reader, domain: MailDomain) -> Sighting:
    """Read one domain."""
    try:
        body: Body | None = reader.get(KINDS["EmailDomain"], domain.id)
    except RequestFailedError as error:
        return Sighting(domain, unreadable=str(error.failure))
    return Sighting(domain, body)
