"""A plan for the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from reconciler.model.plan import Action, Change, Plan
from reconciler.render.outputs_text import outputs_lines
from reconciler.render.private import WITHHELD, Request, requests_by_change, title
from reconciler.render.style import (
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
from reconciler.render.view import Row, addresses, ordered, row, summary
from reconciler.render.words import SYMBOLS, safe

FIELD_COLOURS = {"+": GREEN, "-": RED, "~": YELLOW}
LONGEST = 40
"""Field names are aligned up to this many characters."""


def render_plan(plan: Plan, *, colour: bool, requests: bool = False) -> str:
    """Return the plan as text.

    Args:
        plan: what to show.
        colour: whether to paint it.
        requests: whether to show each request with its body.

    """
    style = Style(colour)
    lines: list[str] = []
    known, steps = addresses(plan), requests_by_change(plan)
    for change in ordered(plan):
        lines.extend(_change(change, known, style))
        for request in steps(change) if requests else ():
            lines.extend(_request(request, style))
        lines.append("")
    lines.extend(outputs_lines(plan.outputs, style))
    lines.extend(_obstacles(plan, style))
    lines.extend(_summary(plan, style))
    return "\n".join(lines) + "\n"


def _change(change: Change, known: Mapping[str, str], style: Style) -> Iterator[str]:
    """Yield the lines of one change."""
    colour = ACTION_COLOURS[change.action]
    sign = f"{SYMBOLS[change.action]:>3}"
    word = title(change) if change.action is not Action.NONE else "keep"
    yield f"{style(f'{sign} {word}', colour, BOLD)} {style(safe(change.address), BOLD)}"
    yield f"      {style(f'{change.kind}: {safe(change.reason)}', DIM)}"
    rows = [row(field, known) for field in change.fields]
    width = min(LONGEST, max((len(r.name) for r in rows), default=0))
    yield from (f"      {_field(r, width, style)}" for r in rows)
    for note in change.notes:
        yield f"      {style('note:', CYAN)} {safe(note)}"
    if change.mend:
        yield f"      {style('mend:', CYAN)} {safe(change.mend)}"
    if change.span and change.action in (Action.BLOCKED, Action.REPLACE, Action.DELETE):
        yield f"      {style(f'at {change.span}', DIM)}"


def _field(row: Row, width: int, style: Style) -> str:
    """Return the line of one field."""
    value = " -> ".join(side for side in (row.before, row.after) if side)
    forced = style("  # forces replacement", RED) if row.forces_replacement else ""
    return f"{style(row.sign, FIELD_COLOURS[row.sign])} {row.name:<{width}}  {value}{forced}"


def _request(request: Request, style: Style) -> Iterator[str]:
    """Yield one request with its body."""
    yield f"      {style(safe(request.line), DIM)}"
    if request.private:
        yield f"        {style(WITHHELD, DIM)}"
    if request.body is not None:
        body = json.dumps(request.body, indent=2, sort_keys=True)
        yield from (f"        {style(line, DIM)}" for line in body.splitlines())
    for name, source in sorted(request.pending.items()):
        yield f"        {style(f'with {name} = {source} once it is known', DIM)}"


def _obstacles(plan: Plan, style: Style) -> Iterator[str]:
    """Yield the limits that the plan breaks and the reads that failed."""
    for breach in plan.breaches:
        yield f"{style(f'  ! guard {breach.guard}', MAGENTA, BOLD)} {breach.problem}"
        yield f"      {style('mend:', CYAN)} {breach.mend}"
        yield ""
    for gap in plan.gaps:
        yield f"{style('  ! could not read', MAGENTA, BOLD)} {safe(gap.request)}"
        yield f"      {safe(str(gap))}"
        if gap.mend:
            yield f"      {style('mend:', CYAN)} {safe(gap.mend)}"
        yield ""


def _summary(plan: Plan, style: Style) -> Iterator[str]:
    """Yield the last lines."""
    whole = summary(plan)
    where = f"{plan.environment}: " if plan.environment else ""
    head = style(f"{where}{whole.verdict}.", BOLD)
    yield f"{head} {whole.counts}." if whole.counts else head
    if whole.requests:
        yield style(f"{whole.requests}.", DIM)
