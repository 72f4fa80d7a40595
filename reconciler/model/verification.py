"""What a plan says of mail: checks of domains, links that have to wait, and who stops sending.

Moments are text such as ``2026-11-25T14:20:00Z``: UTC, so that their order is that of the texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.dns import DnsState, ExpectedRecord
from reconciler.model.ids import ResourceId


class Next(StrEnum):
    """What happens next to one check of a domain."""

    NOTHING = "nothing to do"
    """It is verified."""
    ASK = "ask for verification now"
    CREATE = "wait for the domain"
    """The domain is not there yet, so that nobody knows what its records are."""
    DNS = "wait for DNS"
    DOMAIN = "wait for Domain"
    """Azure verifies who owns the domain before anything else."""
    AZURE = "wait for Azure"


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """One check that a spec wants verified: where it stands, and what happens next."""

    check: str
    """One of `reconciler.model.dns.CHECKS`."""
    state: str
    """What Azure says, such as ``NotStarted``; empty where it says nothing."""
    error_code: str
    """Why Azure has failed it, empty for no reason."""
    next: Next
    why: str
    """Why that is next, in words."""
    mend: str = ""
    """What somebody has to do first; empty where time alone helps."""
    not_before: str = ""
    """The moment before which another look is of no use; empty where that is not known."""
    dns: DnsState | None = None
    """What DNS has; None where it was not asked."""
    record: ExpectedRecord | None = None
    """The record that is to be published; None where it is there, or nobody knows."""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be verified."""
        return self.next is not Next.NOTHING


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """A link that a later run makes, or undoes, once domains are verified."""

    domain: ResourceId
    address: str
    """How people name the domain."""
    joins: bool
    """Whether it will be linked; false for a fallback, which will be unlinked."""
    until: str
    """What is waited for, in words."""


@dataclass(frozen=True, slots=True)
class Impact:
    """Who can no longer send mail through a change."""

    cause: str
    """What of the change does it, in words."""
    who: tuple[str, ...] = ()
    """Those who are known, in words that begin with what they are."""
    unknown: tuple[str, ...] = ()
    """What could not be found out, so that there may be more."""
