"""What is wanted and what is there."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.model.ids import ResourceId
from reconciler.model.source import Place, Span
from reconciler.model.value import Body, Json, Pending

if TYPE_CHECKING:
    from reconciler.model.entries import DesiredEntries, ObservedEntries
    from reconciler.model.failure import Failure
    from reconciler.model.mail import DomainReport


class Severity(StrEnum):
    """How much a difference matters."""

    LOW = "low"
    """Labels and descriptions."""
    MEDIUM = "medium"
    """Everything that is neither."""
    HIGH = "high"
    """Who may do what, who can reach it, and whether mail can be sent."""

    @property
    def rank(self) -> int:
        """Its place in the order from harmless to bad, from 0."""
        return list(Severity).index(self)


class OnRemoval(StrEnum):
    """What leaving the spec means for a resource."""

    FORGET = "forget"
    DELETE = "delete"


class Waiver(NamedTuple):
    """A difference that is tolerated for a while."""

    field: tuple[str, ...]
    """The field, or the field and one entry of it."""
    reason: str
    until: str
    """The last day, as ``YYYY-MM-DD``."""


class Exemption(NamedTuple):
    """A policy that a resource need not keep for a while."""

    policy: str
    """The name of the policy."""
    reason: str
    until: str
    """The last day, as ``YYYY-MM-DD``."""
    place: Place
    """Where the policy is named."""


class Protection(NamedTuple):
    """Whether a kind of loss is refused."""

    on: bool
    off_until: str = ""
    """The last day on which it is off, as ``YYYY-MM-DD``; empty for no such day."""


class Lifecycle(NamedTuple):
    """What may happen to a resource beyond an update in place."""

    prevent_delete: Protection = Protection(on=False)
    prevent_replace: Protection = Protection(on=True)
    on_removal: OnRemoval = OnRemoval.FORGET
    waivers: tuple[Waiver, ...] = ()


ORDINARY: Final = Lifecycle()
"""The lifecycle of what a spec says nothing about, and that holds no state."""


class Refusal(NamedTuple):
    """Why a resource must not be written, whatever the spec says."""

    reason: str
    mend: str


class Presence(StrEnum):
    """How the spec speaks of a resource."""

    MANAGED = "managed"
    """It is described: create it, and keep it so."""
    EXISTING = "existing"
    """It must be there, and is never written."""
    REMOVED = "removed"
    """It is set to null: delete it."""


@dataclass(frozen=True, slots=True)
class DesiredResource:
    """One resource as the spec wants it."""

    id: ResourceId
    kind: str
    """The name of its kind in the table of kinds."""
    address: str
    """How people name it: ``stack/collection/name``."""
    stack: str
    presence: Presence
    place: Place | None
    """Where the spec names it."""
    fields: Mapping[str, Json] = field(default_factory=dict)
    """The managed fields by spec name; null removes. What is not here is not managed."""
    pending: Mapping[str, Pending] = field(default_factory=dict)
    """Managed fields whose values another resource has, or will have once it is written."""
    lifecycle: Lifecycle = ORDINARY
    exemptions: tuple[Exemption, ...] = ()
    mark: str = ""
    """What its tag says if its stack may prune it."""
    former_marks: frozenset[str] = frozenset()
    """Marks under which it may be found, and which give way to its own."""
    needs: frozenset[ResourceId] = frozenset()
    """Resources that must be there before this one is written."""
    verify: tuple[str, ...] = ()
    """Of a mail domain: the checks that are to be verified."""
    dns_zone: ResourceId | None = None
    """Of a mail domain: the zone of Azure DNS that its records are kept in."""
    refusal: Refusal | None = None

    @property
    def span(self) -> Span | None:
        """Where the spec names it, None if no spec does."""
        return self.place.span if self.place is not None else None

    @property
    def relies_on(self) -> frozenset[ResourceId]:
        """The resources that must be there before it, and those whose values it has."""
        return self.needs | {pending.target for pending in self.pending.values()}

    @property
    def may_be_replaced(self) -> bool:
        """Whether the spec allows to delete it and create it anew."""
        return self.presence is Presence.MANAGED and not self.lifecycle.prevent_replace.on


class Output(NamedTuple):
    """A value that a stack hands out."""

    stack: str
    name: str
    source: Pending


@dataclass(frozen=True, slots=True)
class DesiredState:
    """Everything the specs say, in the order of their addresses."""

    resources: tuple[DesiredResource, ...]
    outputs: tuple[Output, ...] = ()
    stacks: tuple[str, ...] = ()
    """The names of the stacks that were read, even those without resources."""
    environment: str = ""
    """The environment that they are rolled out to, empty for none."""
    marks: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The marks of what belongs to these stacks, each with the names of the stacks."""
    elsewhere: frozenset[ResourceId] = frozenset()
    """What other stacks of the project name: it is never pruned, whatever its mark says."""
    entries: tuple[DesiredEntries, ...] = ()
    """The addresses of suppression lists."""

    def only(self, stacks: Set[str]) -> DesiredState:
        """Return what some stacks want, with all that it needs of others; those are *elsewhere*."""
        by_id = {resource.id: resource for resource in self.resources}
        kept = {resource.id for resource in self.resources if resource.stack in stacks}
        open_ = list(kept)
        while open_:
            needed = [id_ for id_ in by_id[open_.pop()].relies_on if id_ in by_id]
            more = [id_ for id_ in needed if id_ not in kept]
            kept.update(more)
            open_ += more
        return replace(
            self,
            resources=tuple(r for r in self.resources if r.id in kept),
            outputs=tuple(o for o in self.outputs if o.stack in stacks),
            stacks=tuple(name for name in self.stacks if name in stacks),
            marks={mark: whose for mark, whose in self.marks.items() if whose & stacks},
            elsewhere=self.elsewhere | (by_id.keys() - kept),
            entries=tuple(e for e in self.entries if e.stack in stacks),
        )


class ObservedResource(NamedTuple):
    """One resource as Azure answers it."""

    id: ResourceId
    """Its id in the spelling that we use for it, not the one that Azure sent."""
    kind: str
    body: Body


@dataclass(frozen=True, slots=True)
class ObservedState:
    """Everything that was looked at.

    An id is in ``resources`` (it exists), in ``unreadable`` (nobody knows) or in neither (it does
    not exist). *Unreadable* is never treated as *absent*: it leads to no create and no delete.
    """

    resources: Mapping[ResourceId, ObservedResource]
    unreadable: Mapping[ResourceId, Failure] = field(default_factory=dict)
    gaps: tuple[Failure, ...] = ()
    """Reads that failed as a whole, so that resources may exist that nobody saw."""
    entries: Mapping[ResourceId, ObservedEntries] = field(default_factory=dict)
    """The addresses of the suppression lists that were looked into."""
    mail: Mapping[ResourceId, DomainReport] = field(default_factory=dict)
    """What DNS says of the mail domains whose records were looked up."""
