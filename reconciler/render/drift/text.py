"""Drift for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.drift import Waived
from reconciler.model.resource import Severity
from reconciler.render.drift.view import DriftView, Group, live_and_wanted, waiver_words
from reconciler.render.formats.one_line import broken
from reconciler.render.formats.style import BOLD, CYAN, DIM, GREEN, MAGENTA, RED, YELLOW, Style
from reconciler.render.formats.words import plural, safe

COLOURS = {Severity.HIGH: RED, Severity.MEDIUM: YELLOW, Severity.LOW: DIM}


INDENT = 8
"""Columns before what belongs to a resource."""


def render_drift(view: DriftView, *, colour: bool, width: int | None = None) -> str:
    """Return the drift as text, the worst first.

    Args:
        view: what to show.
        colour: whether to paint it.
        width: the columns of the terminal; None to break no line.

    """
    style = Style(colour)
    lines: list[str] = []
    for group in view.groups:
        lines += [*_group(group, style, width), ""]
    lines += _waivers("waivers that have run out", view.expired, style, RED)
    lines += _waivers("waivers in use", view.holding, style, CYAN)
    for one in view.drift.unread:
        lines += [f"  {style('unknown', MAGENTA, BOLD)}  {safe(one.address)}: {safe(one.reason)}"]
    for gap in view.drift.gaps:
        lines += [
            f"  {style('could not read', MAGENTA, BOLD)}  {safe(gap.request)}: {safe(str(gap))}"
        ]
        lines += [f"      {style('mend:', CYAN)} {safe(gap.mend)}"] if gap.mend else []
    lines += [""] if view.drift.unread or view.drift.gaps else []
    for failure in view.drift.unasked:
        told = f"who changed it could not be asked: {safe(failure.request)}: {safe(str(failure))}"
        lines += [style(told, DIM)]
    if view.history.runs and view.history.runs[-1].closed:
        gone = plural(len(view.history.runs[-1].closed), "difference")
        lines += [style(f"{gone} of the run before gone.", GREEN)]
    where = f"{safe(view.drift.environment)}: " if view.drift.environment else ""
    verdict, counts = f"{where}{view.verdict}.", f"{view.counts}."
    fits = width is None or len(verdict) + 1 + len(counts) <= width
    lines += [f"{style(verdict, BOLD)} {counts}"] if fits else [style(verdict, BOLD), counts]
    return "\n".join(lines) + "\n"


def _group(group: Group, style: Style, width: int | None) -> Iterator[str]:
    """Yield the lines of one resource."""
    head = style(f"{group.severity.value:>6}", COLOURS[group.severity], BOLD)
    fits = width is None or INDENT + len(group.address) + 2 + len(group.kind) <= width
    kind = style(group.kind, DIM)
    yield f"{head}  {style(group.address, BOLD)}{f'  {kind}' if fits else ''}"
    if not fits:
        yield f"{'':{INDENT}}{kind}"
    for line in group.lines:
        severity = line.item.severity
        mark = "" if severity is group.severity else style(f" ({severity})", COLOURS[severity])
        detail = live_and_wanted(line)
        if detail and not line.item.field:  # a sentence; values are not broken
            parts = broken(f"{line.what}{mark}: {safe(detail)}", width and width - INDENT)
            yield from (f"{'':{INDENT}}{part}" for part in parts)
        else:
            yield f"{'':{INDENT}}{line.what}{mark}{f': {safe(detail)}' if detail else ''}"
    for told in dict.fromkeys(f"{line.author}{_after(line.since)}" for line in group.lines):
        for part in broken(told, width and width - INDENT):
            yield f"{'':{INDENT}}{style(part, DIM)}"
    if group.lines[0].place:
        yield f"{'':{INDENT}}{style(f'at {group.lines[0].place}', DIM)}"


def _after(since: str) -> str:
    return f"; {since}" if since else ""


def _waivers(title: str, found: tuple[Waived, ...], style: Style, colour: str) -> Iterator[str]:
    """Yield a heading and a line for each waiver; nothing if there are none."""
    if not found:
        return
    yield style(title, colour, BOLD)
    for waiver in found:
        yield f"        {waiver_words(waiver)} until {waiver.until}: {safe(waiver.reason)}"
    yield ""
