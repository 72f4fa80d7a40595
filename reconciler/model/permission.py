"""What a caller must be allowed to do, where, and what for; and what it is allowed to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.failure import Failure
from reconciler.model.ids import ResourceId


class Phase(StrEnum):
    """Which command sends a request; what `plan` sends, `apply` sends as well."""

    PLAN = "plan"
    APPLY = "apply"


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """One action that must be allowed at one scope."""

    phase: Phase
    action: str
    """Such as ``Microsoft.Communication/communicationServices/write``; Azure ignores its case."""
    scope: ResourceId
    """The narrowest place that is there before the first write."""
    address: str
    """What in the specs needs it."""
    reason: str
    """What it is needed for, in a few words."""
    wide: str = ""
    """Why it must be allowed in a whole subscription, where it must."""

    @property
    def assignable(self) -> ResourceId:
        """The narrowest place that a custom role can be offered at: a group or a subscription."""
        return self.scope.group or ResourceId(f"/subscriptions/{self.scope.subscription}")


@dataclass(frozen=True, slots=True)
class Role:
    """A custom role with what it is made of."""

    phase: Phase
    name: str
    description: str
    needs: tuple[Need, ...]
    scopes: tuple[ResourceId, ...]
    """Where it can be assigned, and has to be."""
    condition: str = ""
    """What its assignment must be limited by, in Azure's language for conditions; or nothing."""
    unlisted: tuple[str, ...] = ()
    """Actions that Microsoft does not list: Azure may refuse a role that has them."""

    @property
    def actions(self) -> tuple[str, ...]:
        """What it allows: each action once, sorted."""
        return tuple(sorted({need.action for need in self.needs}))


@dataclass(frozen=True, slots=True)
class Grant:
    """One entry of what Azure says that the caller may do; ``*`` stands for anything."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()
    """What is taken away from ``actions`` again; another grant may still allow it."""


@dataclass(frozen=True, slots=True)
class Access:
    """What the caller may do beside what it must be allowed to do."""

    needs: tuple[Need, ...]
    missing: tuple[Need, ...]
    unread: Mapping[ResourceId, Failure] = field(default_factory=dict)
    """Scopes of which nothing is known."""

    def missing_for(self, phase: Phase) -> tuple[Need, ...]:
        """Return what a command lacks."""
        return tuple(n for n in self.missing if phase is Phase.APPLY or n.phase is phase)
