"""One desired resource beside what is there: what a decision is made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from reconciler.core.specs.protection import PREVENT_DELETE, PREVENT_REPLACE
from reconciler.kinds.kind import Computed, Kind
from reconciler.model.plan import Action, Block, Change, FieldChange
from reconciler.model.resource import DesiredResource, ObservedResource
from reconciler.model.value import ABSENT, Pending


@dataclass(frozen=True, slots=True)
class Facts:
    """A desired resource beside what is there."""

    desired: DesiredResource
    kind: Kind
    live: ObservedResource | None
    today: str = ""
    """The day of the run."""

    @property
    def is_made_with_parent(self) -> bool:
        """Whether Azure makes it along with its parent."""
        return self.desired.id.name.lower() in self.kind.made_with_parent

    def protected(self, action: Action) -> str:
        """Return why it may not be deleted or replaced, empty if it may."""
        lifecycle, word = self.desired.lifecycle, _protecting(action)
        deletes = action is Action.DELETE
        protection = lifecycle.prevent_delete if deletes else lifecycle.prevent_replace
        if protection.on:
            return f"`{word}` is on"
        if protection.off_until and self.today > protection.off_until:
            return f"`{word}` was off until {protection.off_until}"
        return ""

    def given_out(
        self, fields: Iterable[FieldChange], *, creating: bool
    ) -> tuple[FieldChange, ...]:
        """Return the fields that Azure will give out: their values are known after apply."""
        switched_on = {f.path for f in fields if f.after is True}

        def appears(computed: Computed) -> bool:
            return computed.follows in switched_on if computed.follows else creating

        return tuple(
            FieldChange((c.name,), ABSENT, Pending(self.desired.id, c.name))
            for c in self.kind.computed
            if not c.optional and appears(c)
        )

    def change(
        self,
        action: Action,
        reason: str,
        fields: tuple[FieldChange, ...] = (),
        notes: Iterable[str] = (),
    ) -> Change:
        """Return a change of this resource."""
        return Change(
            id=self.desired.id,
            kind=self.desired.kind,
            address=self.desired.address,
            stack=self.desired.stack,
            action=action,
            reason=reason,
            fields=fields,
            notes=tuple(notes),
            place=self.desired.place,
            desired=self.desired,
            observed=self.live,
        )

    def blocked(
        self,
        intended: Action,
        block: Block,
        reason: str,
        mend: str,
        fields: tuple[FieldChange, ...] = (),
        notes: Iterable[str] = (),
    ) -> Change:
        """Return a change that is not made, and what stands in its way."""
        change = self.change(Action.BLOCKED, reason, fields, notes)
        return replace(change, intended=intended, block=block, mend=mend)


def permission(action: Action) -> str:
    """Return what a spec says to allow a loss."""
    return f"`lifecycle: {{{_protecting(action)}: false, until: DATE}}`"


def _protecting(action: Action) -> str:
    """Return the word of a spec that protects from a loss."""
    return PREVENT_DELETE if action is Action.DELETE else PREVENT_REPLACE
