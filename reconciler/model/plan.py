"""The plan: what would be done, why, and by which requests. A value; apply takes nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from reconciler.model.failure import Failure
from reconciler.model.ids import ResourceId
from reconciler.model.resource import DesiredResource, ObservedResource, Output
from reconciler.model.source import Place, Span
from reconciler.model.value import Absent, Body, Json, Pending

if TYPE_CHECKING:
    from reconciler.model.verification import CheckPlan, Impact, LinkPlan


class Action(StrEnum):
    """What happens to a resource.

    | action  | before   | after    | requests     |
    | ------- | -------- | -------- | ------------ |
    | none    | observed | observed | none         |
    | create  | absent   | desired  | PUT          |
    | update  | observed | desired  | PATCH        |
    | adopt   | observed | desired  | PATCH        |
    | replace | observed | desired  | DELETE, PUT  |
    | delete  | observed | absent   | DELETE       |
    | blocked | anything | the same | none         |

    *Adopt* is an update that also marks the resource as the stack's own.
    """

    NONE = "none"
    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"
    REPLACE = "replace"
    DELETE = "delete"
    BLOCKED = "blocked"

    @property
    def writes(self) -> bool:
        """Whether it sends requests that change something."""
        return self not in (Action.NONE, Action.BLOCKED)


class Block(StrEnum):
    """What stands in the way of a change."""

    UNREADABLE = "unreadable"
    """It could not be read, so nothing is known; nothing is done."""
    REFUSED = "refused"
    """A safety rule forbids it."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs.

    ``before`` is ABSENT where Azure has no value, ``after`` where the value is removed; a `Pending`
    value is known only after apply.
    """

    path: tuple[str, ...]
    """The field in the spec's words, such as ``("tags", "env")``."""
    before: Json | Absent
    after: Json | Absent | Pending
    forces_replacement: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource, and why."""

    id: ResourceId
    kind: str
    address: str
    stack: str
    action: Action
    reason: str
    """Why, in a few words. It explains and never decides."""
    fields: tuple[FieldChange, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reviewer should know before saying yes."""
    mend: str = ""
    """What to do about a block."""
    block: Block | None = None
    intended: Action | None = None
    """For a blocked change, the action that was blocked."""
    place: Place | None = None
    """Where the spec names it, None if no spec does."""
    desired: DesiredResource | None = None
    observed: ObservedResource | None = None
    entries: int = 0
    """How many private entries it is about; 0 for a change of one resource."""
    checks: tuple[CheckPlan, ...] = ()
    """Of a mail domain: the checks that the spec wants verified."""
    links: tuple[LinkPlan, ...] = ()
    """Of a Communication Services resource: the links that wait for domains to be verified."""
    impact: tuple[Impact, ...] = ()
    """Who can no longer send mail afterwards."""

    @property
    def is_waiting(self) -> bool:
        """Whether something of it is left to DNS or Azure, and so to a later run."""
        return any(check.is_open for check in self.checks) or bool(self.links)

    @property
    def is_private(self) -> bool:
        """Whether it is about private entries, of which only the number is shown."""
        return self.entries > 0

    @property
    def span(self) -> Span | None:
        """Where the spec names it, None if no spec does."""
        return self.place.span if self.place is not None else None


class Verb(StrEnum):
    """The requests that change something."""

    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"
    POST = "POST"


@dataclass(frozen=True, slots=True)
class Step:
    """One request of an apply."""

    id: str
    """The verb and the address, and for a POST its action: unique in a plan."""
    verb: Verb
    address: str
    resource: ResourceId
    kind: str
    body: Body | None
    after: frozenset[str]
    """Steps that must be done before this one starts."""
    expects: Body | None
    """The live body that the step was planned from; None if there was none."""
    wanted: Mapping[str, Json]
    """The managed fields that must read back afterwards; empty for DELETE."""
    pending: Mapping[str, Pending] = field(default_factory=dict)
    """Managed fields that are filled in just before the request, from what earlier steps made."""
    takes_over: bool = False
    """Whether it may find something: what Azure made along with the parent, or an earlier step."""
    action: str = ""
    """What a POST asks for, such as ``linkNotificationHub``."""
    turn: str = ""
    """Steps with the same turn are never under way together; empty for no such rule."""
    private: bool = False
    """Whether resource, body and what Azure says of it are shown to nobody."""
    relies_on: tuple[ObservedResource, ...] = ()
    """What must still be as it was, and is read again just before the write; only in the steps of
    a sealed plan, since other plans are as old as their reads."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit that the whole plan breaks."""

    guard: str
    problem: str
    mend: str


@dataclass(frozen=True, slots=True)
class OutputValue:
    """An output with its value, or with what it waits for."""

    output: Output
    value: Json | Pending | Absent


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done: sorted by address, and the same for equal inputs."""

    changes: tuple[Change, ...]
    steps: tuple[Step, ...]
    breaches: tuple[Breach, ...] = ()
    gaps: tuple[Failure, ...] = ()
    """Why not everything could be read: each cause once."""
    outputs: tuple[OutputValue, ...] = ()
    environment: str = ""
    """The environment that is planned, empty for none."""

    def only(self, stacks: Set[str]) -> Plan:
        """Return the part about some stacks, with whatever is blocked anywhere."""
        changes = tuple(c for c in self.changes if c.stack in stacks or c.block is not None)
        shown = {change.address for change in changes}
        return replace(
            self, changes=changes, steps=tuple(s for s in self.steps if s.address in shown)
        )

    @property
    def counts(self) -> Mapping[Action, int]:
        """How many resources there are of each action; private entries are counted apart."""
        return Counter(change.action for change in self.changes if not change.is_private)

    @property
    def entry_counts(self) -> Mapping[Action, int]:
        """How many private entries there are of each action."""
        counts: Counter[Action] = Counter()
        for change in self.changes:
            if change.is_private:
                counts[change.action] += change.entries
        return counts

    @property
    def is_empty(self) -> bool:
        """Whether Azure is known to be as desired."""
        settled = all(c.action is Action.NONE and not c.is_waiting for c in self.changes)
        return not self.gaps and settled

    @property
    def waiting(self) -> tuple[Change, ...]:
        """What is left to DNS or Azure, and so to a later run."""
        return tuple(change for change in self.changes if change.is_waiting)

    @property
    def only_waits(self) -> bool:
        """Whether there is nothing to change now, and still not everything is as desired."""
        changes = all(change.action is Action.NONE for change in self.changes)
        return not self.gaps and changes and bool(self.waiting)

    @property
    def is_complete(self) -> bool:
        """Whether everything that matters could be read."""
        return not self.gaps and all(c.block is not Block.UNREADABLE for c in self.changes)

    @property
    def is_applyable(self) -> bool:
        """Whether no rule and no unreadable resource stands in its way."""
        return self.is_complete and not self.breaches and all(c.block is None for c in self.changes)
