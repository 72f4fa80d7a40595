"""The view of a plan: what every format shows, in the same order, whatever it looks like there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.model.plan import Action, Block, Change, FieldChange, Plan, Verb
from reconciler.model.value import ABSENT
from reconciler.render.formats.private import Request, endings, requests_by_change, title
from reconciler.render.formats.sections import Section, Tone
from reconciler.render.formats.words import dotted, plural, safe, shown
from reconciler.render.plan.context import Context
from reconciler.render.plan.parts import sections_of

ORDER = (
    Action.BLOCKED,
    Action.DELETE,
    Action.REPLACE,
    Action.ADOPT,
    Action.UPDATE,
    Action.CREATE,
    Action.NONE,
)
"""What a reviewer must see comes first."""

SYMBOLS: Mapping[Action, str] = {
    Action.NONE: " ",
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.ADOPT: "~",
    Action.REPLACE: "-/+",
    Action.DELETE: "-",
    Action.BLOCKED: "!",
}
"""Actions differ in shape, not only in colour."""

LOSSES = frozenset({Action.DELETE, Action.REPLACE})
"""Actions that destroy something."""

ALIKE = 3
"""From so many equal changes on, they are shown as one batch."""

INFINITIVES = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.ADOPT: "to adopt",
    Action.REPLACE: "to replace",
    Action.DELETE: "to delete",
    Action.BLOCKED: "blocked",
    Action.NONE: "as desired",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One field's change, ready to be printed."""

    sign: str
    """``+``, ``-`` or ``~``."""
    name: str
    before: str
    after: str
    forces_replacement: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One change, ready to be printed."""

    change: Change
    symbol: str
    """``+``, ``~``, ``-/+``, ``-``, ``!``, ``..`` for what waits, or a blank for what stays."""
    title: str
    """What happens, such as ``replace`` or ``blocked delete``."""
    address: str
    """Safe to print on one line."""
    rows: tuple[Row, ...]
    requests: tuple[Request, ...]
    place: str
    """``file:line:column`` in the specs, empty if no spec names it."""
    link: str
    """The address of that line, empty if nobody knows it."""

    @property
    def action(self) -> Action:
        """What happens to the resource."""
        return self.change.action

    @property
    def is_loss(self) -> bool:
        """Whether something is destroyed."""
        return self.action in LOSSES

    @property
    def likeness(self) -> object:
        """What two cards have in common that may be shown as one; None for a card by itself."""
        change = self.change
        if change.is_private or not change.action.writes:
            return None
        told = (change.reason, change.mend, change.notes)
        return (change.kind, self.title, told, self.rows)


@dataclass(frozen=True, slots=True)
class Batch:
    """Cards that differ in nothing but the resource; mostly one card."""

    cards: tuple[Card, ...]

    @property
    def first(self) -> Card:
        """The card that stands for all."""
        return self.cards[0]

    @property
    def is_one(self) -> bool:
        """Whether there is one card only."""
        return len(self.cards) == 1


@dataclass(frozen=True, slots=True)
class Summary:
    """A plan in one line."""

    verdict: str
    tone: Tone
    """Danger if nothing can be applied, good if nothing has to be."""
    counts: str
    requests: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan as it is shown."""

    plan: Plan
    context: Context
    summary: Summary
    batches: tuple[Batch, ...]
    """Everything worth a line, what must be seen first."""
    sections: tuple[Section, ...]

    @property
    def cards(self) -> tuple[Card, ...]:
        """All cards, in the order of the batches."""
        return tuple(card for batch in self.batches for card in batch.cards)

    @property
    def unchanged(self) -> int:
        """How many resources stay as they are and are not shown."""
        return len(self.plan.changes) - sum(len(batch.cards) for batch in self.batches)


def plan_view(plan: Plan, context: Context | None = None) -> PlanView:
    """Return the view of a plan.

    Args:
        plan: what to show.
        context: what is known besides; nothing if None.

    """
    context = context or Context()
    known, requests = addresses(plan), requests_by_change(plan)
    cards = [
        Card(
            change,
            _symbol(change),
            _title(change),
            safe(change.address),
            tuple(row(field, known) for field in change.fields),
            tuple(requests(change)),
            safe(str(change.span)) if change.span else "",
            context.link(change.span),
        )
        for change in ordered(plan)
    ]
    sections = (*sections_of(plan), *context.sections)
    return PlanView(plan, context, summary(plan), batches(cards), sections)


def batches(cards: Iterable[Card]) -> tuple[Batch, ...]:
    """Return cards with those that are alike together, where the first of them stood."""
    alike: dict[object, list[Card]] = {}
    for number, card in enumerate(cards):
        likeness = card.likeness
        alike.setdefault(number if likeness is None else likeness, []).append(card)
    found: list[Batch] = []
    for group in alike.values():
        found += [Batch(tuple(group))] if len(group) >= ALIKE else [Batch((c,)) for c in group]
    return tuple(sorted(found, key=lambda b: _order(b.first.change)))


def ordered(plan: Plan) -> tuple[Change, ...]:
    """Return the changes that are worth a line: all but what is quietly as desired."""
    worth = [c for c in plan.changes if c.action is not Action.NONE or c.notes or c.is_waiting]
    return tuple(sorted(worth, key=_order))


def _symbol(change: Change) -> str:
    """Return the sign of a change."""
    waits = change.action is Action.NONE and change.is_waiting
    return ".." if waits else SYMBOLS[change.action].strip()


def _title(change: Change) -> str:
    """Return what happens, in a few words."""
    if change.action is not Action.NONE:
        return title(change)
    return "wait" if change.is_waiting else "keep"


def _order(change: Change) -> tuple[int, str]:
    return (_RANKS[change.action], change.address)


_RANKS = {action: rank for rank, action in enumerate(ORDER)}


def addresses(plan: Plan) -> Mapping[str, str]:
    """Return the address of every resource of a plan, by its id in lower case."""
    return {change.id.folded: change.address for change in plan.changes}


def row(field: FieldChange, known: Mapping[str, str]) -> Row:
    """Return a field's row; a member of a set of ids stands as a value, by its address.

    Args:
        field: what changes.
        known: see `addresses`.
    """
    before = "" if field.before is ABSENT else shown(field.before)
    after = "" if field.after is ABSENT else shown(field.after)
    path = field.path
    if path[-1].startswith("/subscriptions/"):
        member = safe(known.get(path[-1].lower(), path[-1]))
        path = path[:-1]
        before, after = (member if before else ""), (member if after else "")
    return Row(symbol(field), dotted(path), before, after, field.forces_replacement)


def symbol(field: FieldChange) -> str:
    """Return the sign of one field's change."""
    if field.before is ABSENT:
        return "+"
    return "-" if field.after is ABSENT else "~"


def summary(plan: Plan) -> Summary:
    """Return what a plan comes to."""
    counts = plan.counts
    named = [f"{counts[a]} {INFINITIVES[a]}" for a in reversed(ORDER) if counts[a] and a.writes]
    named += endings(plan.entry_counts)
    blocked = [f"{counts[Action.BLOCKED]} blocked"] if counts[Action.BLOCKED] else []
    settled = [c for c in plan.changes if c.action is Action.NONE and c.desired is not None]
    waiting = sum(change.is_waiting for change in settled)
    same = [f"{waiting} waiting"] if waiting else []
    same += [f"{len(settled) - waiting} as desired"] if len(settled) > waiting else []
    verbs = Counter(step.verb for step in plan.steps)
    parts = [f"{verbs[verb]} {verb}" for verb in Verb if verbs[verb]]
    requests = f"{plural(len(plan.steps), 'write request')}: {', '.join(parts)}"
    words = ", ".join([*named, *blocked, *same])
    verdict, tone = _verdict(plan)
    sent = requests if parts and tone is not Tone.DANGER else ""
    return Summary(verdict, tone, words, sent)


def _verdict(plan: Plan) -> tuple[str, Tone]:
    """Say whether there is something to do, and whether it may be done."""
    if not plan.is_complete:
        unread = plural(sum(c.block is Block.UNREADABLE for c in plan.changes), "resource")
        return f"Incomplete: {unread} could not be read, so nothing is decided", Tone.DANGER
    if not plan.is_applyable:
        return "Refused: a safety rule stands in the way; nothing can be applied", Tone.DANGER
    if plan.only_waits:
        return "Waiting for DNS or Azure: there is nothing to send now", Tone.NOTE
    if plan.is_empty:
        return "In sync: Azure is as the specs say", Tone.GOOD
    return "Changes", Tone.WARNING
