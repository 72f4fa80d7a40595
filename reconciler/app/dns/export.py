"""The records that zones need for their mail domains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.app.dns.check import asked
from reconciler.app.targets.lookup import resolver_of
from reconciler.core.mail.bundle import bundle
from reconciler.engine.dns_records import gather
from reconciler.model.mail import Hindrance, MailDomain, ZoneRecords


@dataclass(frozen=True, slots=True)
class DnsExport:
    """What was found out; nothing is given for any zone while there are hindrances.

    A zone without the records of a domain that could not be read would take them away, in tools
    that write whole zones.
    """

    zones: tuple[ZoneRecords, ...]
    absent: tuple[MailDomain, ...]
    """Domains that Azure does not have yet: their records are known once they are created."""
    hindrances: tuple[Hindrance, ...]


def export_records(
    paths: Sequence[Path],
    project_path: Path | None,
    target: str,
    environment: str | None,
    names: Sequence[str],
) -> DnsExport:
    """Return the record sets that zones need, merged with what they publish; sends reads alone.

    Args:
        paths: files, folders or globs; the project's own if there are none.
        project_path: the project file; looked for if None.
        target: see `reconciler.app.targets.connection.connect`.
        environment: the name of an environment, if one is meant.
        names: only these domains, by name; or by id, which need not be in any spec.

    """
    with asked(paths, project_path, target, environment, names) as meant:
        resolver = resolver_of(meant.project)
        found = gather(meant.domains, meant.reader, resolver)
        made = bundle(found.published, resolver.spf_of)
    hindrances = (*found.hindrances, *made.hindrances)
    return DnsExport(() if hindrances else made.zones, found.absent, hindrances)
