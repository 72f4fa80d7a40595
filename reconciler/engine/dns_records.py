"""Gathers the records that ARM asks for, and what is published at their names."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from reconciler.core.mail.records import expected_records
from reconciler.core.mail.states import is_azure_managed
from reconciler.engine.mail import WORKERS, read_domains
from reconciler.engine.ports import Reader, Resolver
from reconciler.model.dns import ExpectedRecord
from reconciler.model.mail import Hindrance, MailDomain, Published, Sighting
from reconciler.model.value import as_object


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found for several domains."""

    published: tuple[Published, ...]
    absent: tuple[MailDomain, ...]
    """Domains that Azure does not have yet, so that nobody knows their records."""
    hindrances: tuple[Hindrance, ...]
    """Domains that could not be read."""


def gather(domains: Sequence[MailDomain], reader: Reader, resolver: Resolver) -> Gathered:
    """Return what ARM asks for and DNS has, in the order of the domains.

    A domain that Azure manages has no records, and brings nothing.

    Args:
        domains: what to look at.
        reader: reads Azure.
        resolver: asks DNS.

    """
    sightings = read_domains(domains, reader)
    hindrances: list[Hindrance] = []
    wanted: list[tuple[str, ExpectedRecord]] = []
    for seen in sightings:
        found = _expected(seen)
        if isinstance(found, Hindrance):
            hindrances.append(found)
        else:
            wanted += [(seen.domain.name, record) for record in found]
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="dns") as pool:
        evidence = pool.map(resolver.evidence, [record for _, record in wanted])
        published = tuple(
            Published(domain, record, seen)
            for (domain, record), seen in zip(wanted, evidence, strict=True)
        )
    absent = tuple(s.domain for s in sightings if s.body is None and not s.unreadable)
    return Gathered(published, absent, tuple(hindrances))


def _expected(seen: Sighting) -> tuple[ExpectedRecord, ...] | Hindrance:
    """Return the records that a domain needs, or why they are not known."""
    if seen.unreadable:
        mend = "see that the caller may read it: `reconciler rbac check`"
        return Hindrance(seen.domain.name, seen.unreadable, mend, unknown=True)
    properties = as_object((seen.body or {}).get("properties"))
    found = expected_records(seen.domain.name, properties.get("verificationRecords"))
    if seen.body is not None and not found and not is_azure_managed(seen.body):
        sentence = "Azure returned the domain without the records that it asks for"
        return Hindrance(seen.domain.name, sentence, "run this again in a minute", unknown=True)
    return found
