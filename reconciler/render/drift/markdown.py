"""Drift for a job summary or an issue: the worst first, and never longer than a comment may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from reconciler.model.drift import Waived
from reconciler.model.resource import Severity
from reconciler.render.drift.view import DriftView, Group, live_and_wanted, waiver_words
from reconciler.render.formats.markdown import (
    LIMIT,
    code,
    folded,
    inert,
    linked,
    prose,
    quoted,
    size,
    table,
)
from reconciler.render.formats.words import plural

LEVELS = 3
"""0: every difference with its values; 1: resources and their fields; 2: numbers by stack."""
HEADS = {Severity.HIGH: "high", Severity.MEDIUM: "medium", Severity.LOW: "low"}


def render_drift(view: DriftView, *, limit: int = LIMIT) -> str:
    """Return the drift as GitHub-flavoured Markdown; names and values in it are inert."""
    text = ""
    for level in range(LEVELS):
        text = "\n".join(_document(view, level)).rstrip("\n") + "\n"
        if size(text) <= limit:
            break
    return text


def _document(view: DriftView, level: int) -> Iterator[str]:
    """Yield the lines at one level."""
    where = f" of {inert(view.drift.environment)}" if view.drift.environment else ""
    yield f"## {view.verdict}{where}"
    yield ""
    yield f"{view.counts}, at {view.drift.at}."
    yield ""
    if level:
        told = ("", "values and authors", "everything but numbers")[level]
        yield from quoted("NOTE", [f"Shortened to fit: the HTML or JSON report also has {told}."])
    if not view.drift.is_complete:
        yield from quoted("WARNING", _unknown(view))
    if level == LEVELS - 1:
        yield from _numbers(view)
    else:
        for severity, title in HEADS.items():
            found = [group for group in view.groups if group.severity is severity]
            yield from _groups(found, title, level)
    yield from _waivers(view.expired, "Waivers that have run out", level)
    yield from _waivers(view.holding, "Waivers in use", level)
    for failure in view.drift.unasked:
        yield f"Who changed it could not be asked: {code(failure.request)}: {inert(str(failure))}"
        yield ""
    if view.context.version:
        yield f"<sub>reconciler {inert(view.context.version)}</sub>"


def _unknown(view: DriftView) -> Iterator[str]:
    """Yield what could not be read, up to ten of each."""
    yield "<b>Not everything could be read</b>, so more may have drifted."
    unread, gaps = view.drift.unread, view.drift.gaps
    yield from (f"<br>{code(one.address)}: {inert(one.reason)}" for one in unread[:10])
    yield from (f"<br>{code(gap.request)}: {inert(str(gap))}" for gap in gaps[:10])
    left = len(unread[10:]) + len(gaps[10:])
    if left:
        yield f"<br>and {left} more"


def _groups(found: Sequence[Group], title: str, level: int) -> Iterator[str]:
    """Yield the resources of one severity; those of high severity are open."""
    if not found:
        return
    lines = list(_rows(found) if level else _details(found))
    headline = f"<b>{title}</b>: {plural(len(found), 'resource')}"
    yield from folded(headline, lines, is_open=title == "high")


def _details(found: Sequence[Group]) -> Iterator[str]:
    """Yield every difference with its values and its author."""
    rows = []
    for group in found:
        for number, line in enumerate(group.lines):
            name = "" if number else linked(group.address, line.link)
            detail = inert(live_and_wanted(line))
            about = f"<br>{line.since}" if line.since else ""
            rows.append([name, code(line.what), detail, f"{inert(line.author)}{about}"])
    yield from table(("resource", "what", "difference", "who"), rows)


def _rows(found: Sequence[Group]) -> Iterator[str]:
    """Yield every resource with the names of what differs."""
    for group in found:
        yield f"- {code(group.address)}: {', '.join(code(line.what) for line in group.lines)}"


def _numbers(view: DriftView) -> Iterator[str]:
    """Yield how many differences there are, by stack and severity."""
    counts = Counter((i.stack, i.severity) for i in view.drift.items)
    rows = [
        [code(stack), severity.value, str(counts[stack, severity])]
        for stack in sorted({stack for stack, _ in counts})
        for severity in HEADS
        if counts[stack, severity]
    ]
    yield from table(("stack", "severity", "number"), rows[:500])
    yield ""


def _waivers(found: Sequence[Waived], title: str, level: int) -> Iterator[str]:
    """Yield waivers, folded; at the last level only how many there are."""
    if not found:
        return
    if level == LEVELS - 1:
        yield f"{title}: {len(found)}"
        yield ""
        return
    lines = [f"- {code(waiver_words(w))} until {w.until}: {prose(w.reason)}" for w in found]
    yield from folded(f"{title}: {len(found)}", lines)
