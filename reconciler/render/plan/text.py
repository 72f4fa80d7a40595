"""A plan for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.plan import Action
from reconciler.render.formats.one_line import broken, columns
from reconciler.render.formats.private import WITHHELD, Request
from reconciler.render.formats.sections import Section, Tone
from reconciler.render.formats.style import (
    ACTION_COLOURS,
    BOLD,
    CYAN,
    DIM,
    GREEN,
    MAGENTA,
    RED,
    YELLOW,
    Style,
)
from reconciler.render.formats.words import UNKNOWN, json_text, plural, safe
from reconciler.render.plan.outputs import outputs_lines
from reconciler.render.plan.view import Batch, PlanView, Row

FIELD_COLOURS = {"+": GREEN, "-": RED, "~": YELLOW}
TONE_COLOURS = {Tone.GOOD: GREEN, Tone.NOTE: CYAN, Tone.WARNING: YELLOW, Tone.DANGER: RED}
VERDICT_COLOURS = {Tone.DANGER: (MAGENTA,), Tone.GOOD: (GREEN,)}
"""That something changes, or waits, has no colour."""
LONGEST = 40
"""Field names are aligned up to this many characters."""
INDENT = 6
"""Columns before what belongs to a change."""
NARROWEST = 40
"""A terminal is taken to have at least so many columns."""
SCREEN = 40
"""From so many lines on, what would be lost is named again at the end, where people look."""
NAMED = 10
"""How many resources are named there."""


def render_plan(
    view: PlanView, *, colour: bool, requests: bool = False, width: int | None = None
) -> str:
    """Return the plan as text.

    Args:
        view: what to show.
        colour: whether to paint it.
        requests: whether to show each request with its body.
        width: the columns of the terminal; None to break no line, as programs like it.

    """
    return _Text(Style(colour), max(width, NARROWEST) if width else None).plan(
        view, requests=requests
    )


class _Text:
    """Writes the parts of a plan for one terminal."""

    def __init__(self, style: Style, width: int | None) -> None:
        self.style = style
        self.width = width

    def plan(self, view: PlanView, *, requests: bool) -> str:
        """Return the whole plan."""
        lines: list[str] = []
        for batch in view.batches:
            lines += self._batch(batch)
            for card in batch.cards if requests else ():
                for request in card.requests:
                    lines += self._request(request)
            lines.append("")
        lines += outputs_lines(view.plan.outputs, self.style)
        for section in view.sections:
            lines += self._section(section)
        lines += self._obstacles(view)
        if len(lines) > SCREEN:
            lines += self._lost(view)
        lines += self._summary(view)
        return "\n".join(lines) + "\n"

    def _batch(self, batch: Batch) -> Iterator[str]:
        """Yield the lines of changes that are alike: a headline each, and the rest once."""
        card = batch.first
        change = card.change
        colour = ACTION_COLOURS[card.action]
        head = self.style(f"{card.symbol:>3} {card.title}", colour, BOLD)
        for one in batch.cards:
            yield f"{head} {self.style(one.address, BOLD)}"
        alike = "" if batch.is_one else f"{len(batch.cards)} alike, each "
        yield from self._told("", f"{alike}{change.kind}: {change.reason}", DIM)
        names = min(LONGEST, max((len(r.name) for r in card.rows), default=0))
        for row in card.rows:
            yield from self._field(row, names)
        for note in change.notes:
            yield from self._told("note:", note)
        if change.mend:
            yield from self._told("mend:", change.mend)
        if card.action in (Action.BLOCKED, Action.REPLACE, Action.DELETE):
            yield from self._places(batch)

    def _places(self, batch: Batch) -> Iterator[str]:
        """Yield where the specs name what is lost or blocked."""
        places = [card.place for card in batch.cards if card.place]
        if places:
            more = f" and {len(places) - 1} more places" if len(places) > 1 else ""
            yield f"{'':{INDENT}}{self.style(f'at {places[0]}{more}', DIM)}"

    def _field(self, row: Row, names: int) -> Iterator[str]:
        """Yield the lines of one field: one if it fits, else one for each side."""
        sign = self.style(row.sign, FIELD_COLOURS[row.sign])
        sides = [side for side in (row.before, row.after) if side]
        forced = self.style("  # forces replacement", RED) if row.forces_replacement else ""
        head = f"{'':{INDENT}}{sign} {row.name:<{names}}"
        plain = f"{'':{INDENT}}  {row.name:<{names}}  {' -> '.join(sides)}"
        if self.width is None or len(sides) == 1 or columns(plain) <= self.width:
            arrow = self.style(" -> ", DIM)
            yield f"{head}  {arrow.join(map(self._value, sides))}{forced}"
            return
        yield f"{head.rstrip()}{forced}"
        yield f"{'':{INDENT}}    {self.style('-', RED)} {self._value(row.before)}"
        yield f"{'':{INDENT}}    {self.style('+', GREEN)} {self._value(row.after)}"

    def _value(self, value: str) -> str:
        """Return a value, dim if it is not known yet."""
        return self.style(value, DIM) if value == UNKNOWN else value

    def _told(self, label: str, text: str, *codes: str, indent: int = INDENT) -> Iterator[str]:
        """Yield a sentence behind a label, broken between words if the terminal is narrow."""
        text = safe(text)
        room = None if self.width is None else self.width - indent - len(label) - bool(label)
        lines = broken(text, room)
        head = f"{'':{indent}}{self.style(label, CYAN)} " if label else f"{'':{indent}}"
        blank = " " * (indent + len(label) + bool(label))
        for number, line in enumerate(lines):
            yield f"{blank if number else head}{self.style(line, *codes)}"

    def _request(self, request: Request) -> Iterator[str]:
        """Yield one request with its body."""
        yield f"      {self.style(safe(request.line), DIM)}"
        if request.private:
            yield f"        {self.style(WITHHELD, DIM)}"
        if request.body is not None:
            body = json_text(request.body, sort_keys=True).rstrip()
            yield from (f"        {self.style(line, DIM)}" for line in body.splitlines())
        for name, source in sorted(request.pending.items()):
            yield f"        {self.style(f'with {name} = {source} once it is known', DIM)}"

    def _section(self, section: Section) -> Iterator[str]:
        """Yield a part of the report: a heading, a sentence and a table."""
        title = self.style(safe(section.title), TONE_COLOURS[section.tone], BOLD)
        yield title
        yield from self._told("", section.summary)
        rows = [[safe(cell) for cell in cells] for cells in section.rows]
        heads = [[safe(cell) for cell in section.head]] if section.head else []
        widths = [max(map(columns, cells)) for cells in zip(*heads, *rows, strict=True)]
        for number, cells in enumerate([*heads, *rows]):
            *padded, last = (c + " " * (w - columns(c)) for c, w in zip(cells, widths, strict=True))
            head = "".join(f"{cell}  " for cell in padded)
            for line in self._hanging(head, last.rstrip()):
                yield f"{'':{INDENT}}{self.style(line, DIM) if number < len(heads) else line}"
        yield ""

    def _hanging(self, head: str, text: str) -> Iterator[str]:
        """Yield a row with its last cell broken between words if the terminal is narrow."""
        indent = columns(head)
        room = None if self.width is None else self.width - INDENT - indent
        for number, line in enumerate(broken(text, room) or [""]):
            yield f"{' ' * indent if number else head}{line}".rstrip()

    def _obstacles(self, view: PlanView) -> Iterator[str]:
        """Yield the limits that the plan breaks and the reads that failed."""
        for breach in view.plan.breaches:
            yield f"{self.style(f'  ! guard {breach.guard}', MAGENTA, BOLD)} {safe(breach.problem)}"
            yield from self._told("mend:", breach.mend)
            yield ""
        for gap in view.plan.gaps:
            yield f"{self.style('  ! could not read', MAGENTA, BOLD)} {safe(gap.request)}"
            yield from self._told("", str(gap))
            if gap.mend:
                yield from self._told("mend:", gap.mend)
            yield ""

    def _lost(self, view: PlanView) -> Iterator[str]:
        """Yield the names of what would be lost, as far as there is room for them."""
        lost = [card.address for card in view.cards if card.is_loss]
        if lost:
            more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
            names = f"{', '.join(lost[:NAMED])}{more}"
            told = f"{plural(len(lost), 'resource')} would be lost: {names}."
            yield from self._told("", told, RED, indent=0)

    def _summary(self, view: PlanView) -> Iterator[str]:
        """Yield the last lines."""
        whole, context = view.summary, view.context
        where = f"{safe(view.plan.environment)}: " if view.plan.environment else ""
        verdict, counts = f"{where}{whole.verdict}.", f"{whole.counts}." if whole.counts else ""
        fits = self.width is None or len(verdict) + 1 + len(counts) <= self.width
        head = self.style(verdict, *VERDICT_COLOURS.get(whole.tone, ()), BOLD)
        yield f"{head} {counts}" if counts and fits else head
        if counts and not fits:
            yield from self._told("", counts, indent=0)
        if whole.requests:
            yield self.style(f"{whole.requests}.", DIM)
        for approval in context.approvals:
            owners = safe(", ".join(approval.owners))
            files = plural(len(approval.files), "file")
            yield self.style(f"To approve, by CODEOWNERS: one of {owners} for {files}.", DIM)
        if context.digest:
            yield self.style(f"Plan {safe(context.digest)}.", DIM)
