"""What a plan destroys and what is blocked, as Markdown: what a reviewer must not overlook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.model.plan import Action
from reconciler.render.formats.markdown import (
    by_folder,
    code,
    fenced,
    inert,
    linked,
    prose,
    quoted,
    size,
)
from reconciler.render.formats.words import plural, safe
from reconciler.render.plan.view import Batch, Card, PlanView


def urgent(view: PlanView, *, listed: bool, room: int | None = None) -> list[str]:
    """Return what would be lost and what is blocked: above all else, and by name.

    Args:
        view: the plan.
        listed: whether to show names and reasons alone.
        room: the characters that names may take, if they are listed; None for what they need.

    """
    losses = [batch for batch in view.batches if batch.first.is_loss]
    blocked = [batch for batch in view.batches if batch.first.action is Action.BLOCKED]
    lines: list[str] = []
    for alert, found, verb in (("CAUTION", losses, "would be lost"), ("WARNING", blocked, "")):
        cards = [card for batch in found for card in batch.cards]
        if not cards:
            continue
        headline = f"<b>{plural(len(cards), 'resource')} {verb or 'blocked'}</b>"
        if listed:
            items = list(_gathered(cards, room))
        else:
            items = [line for batch in found for line in _item(batch)]
        lines += quoted(alert, [headline, "", *items])
    return lines


def _item(batch: Batch) -> Iterator[str]:
    """Yield a batch of what is urgent as an item of a list, with what it means."""
    card = batch.first
    change = card.change
    br = "<br>" if batch.is_one else ""
    if batch.is_one:
        place = f", {linked(place_of(card.place), card.link)}" if card.place else ""
        yield f"- **{card.title}** {code(card.address)} {inert(change.kind)}{place}"
    else:
        yield f"- **{card.title}** {len(batch.cards)} of {inert(change.kind)}, all alike"
        yield from (f"  {line}".rstrip() for line in ("", *names_as_code(batch.cards), ""))
    yield f"  {br}{prose(sentence(change.reason))}"
    yield from (f"  <br>{prose(sentence(note))}" for note in change.notes)
    if change.mend:
        yield f"  <br>**mend:** {prose(sentence(change.mend))}"


def _gathered(cards: Sequence[Card], room: int | None) -> Iterator[str]:
    """Yield cards by what happens to them and why, with their names and nothing else.

    Args:
        cards: what is urgent.
        room: the characters that names may take; None for as many as they need.

    """
    groups: dict[tuple[str, str, str], list[Card]] = {}
    for card in cards:
        why = "" if room is not None else card.change.reason
        groups.setdefault((card.title, card.change.kind, why), []).append(card)
    for (title, kind, reason), members in groups.items():
        why = f": {prose(reason)}" if reason else ""
        yield f"**{title}** {len(members)} of {inert(kind)}{why}"
        yield ""
        names = [f"{members[0].symbol} {line}" for line in names_as_text(members)]
        if room is not None:
            names, left = _fitting(members, room // len(groups) - 200)
            names += [f"# and {left} more"] if left else []
        yield from fenced(names, "diff")


def _fitting(cards: Sequence[Card], room: int) -> tuple[list[str], int]:
    """Return as many whole names as there is room for, and how many there is none for."""
    kept = []
    for card in cards:
        room -= size(card.address) + 5
        if room < 0:
            break
        kept.append(f"{card.symbol} {card.address}")
    return kept, len(cards) - len(kept)


def names_as_code(cards: Iterable[Card]) -> Iterator[str]:
    """Yield names as a block of code, those of a folder on one line."""
    yield from fenced(names_as_text(cards), "text")


def names_as_text(cards: Iterable[Card]) -> Iterator[str]:
    """Yield names as plain lines: a name by itself, or those of a folder together."""
    for folder, names in by_folder(card.address for card in cards):
        yield f"{folder}{names[0]}" if len(names) == 1 else f"{folder}: {', '.join(names)}"


def place_of(place: str) -> str:
    """Return a place without its column."""
    return safe(place.rpartition(":")[0])


def sentence(text: str) -> str:
    """Return a text with a full stop."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
