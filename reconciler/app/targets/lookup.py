"""Whom a run asks about DNS; the library for it is loaded only by a run that asks."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING

from reconciler.documents.project import Project
from reconciler.model.dns import Evidence, ExpectedRecord

if TYPE_CHECKING:
    from reconciler.dns.resolver import DnsResolver


def resolver_of(project: Project) -> DnsResolver:
    """Return what asks DNS, as the project file and the environment say.

    Raises:
        UsageError: one of them names no server.

    """
    from reconciler.dns.resolver import DnsResolver
    from reconciler.dns.servers import ENVIRONMENT, dns_settings

    settings = dns_settings(
        project.resolvers, project.authoritative, os.environ.get(ENVIRONMENT, "")
    )
    return DnsResolver(settings)


class LateResolver:
    """Implements `reconciler.engine.ports.Resolver`, and becomes a real one with the first look."""

    def __init__(self, project: Project) -> None:
        """Keep what says whom to ask."""
        self._project = project
        self._made: DnsResolver | None = None
        self._lock = Lock()

    def evidence(self, expected: ExpectedRecord) -> Evidence:
        """Return what DNS says of a record.

        Raises:
            UsageError: the project file or the environment names no server.

        """
        with self._lock:
            made = self._made = self._made or resolver_of(self._project)
        return made.evidence(expected)

    def forget(self) -> None:
        """Forget what was seen, so that the next look is a new one."""
        with self._lock:
            if self._made is not None:
                self._made.forget()
