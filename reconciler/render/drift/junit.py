"""Drift as JUnit: a case for each resource that differs, is waived or could not be read."""

from __future__ import annotations

from reconciler.render.drift.view import DriftView, Group, live_and_wanted, waiver_words
from reconciler.render.formats import junit
from reconciler.render.formats.words import plural


def render_drift(view: DriftView) -> str:
    """Return the drift as JUnit XML; one passing case stands for all that is in sync."""
    drift = view.drift
    cases = [_case(group) for group in view.groups]
    cases += [
        junit.Case(one.stack, one.address, "unreadable", "error", "unreadable", one.reason)
        for one in drift.unread
    ]
    cases += [
        junit.Case("waivers", waiver_words(w), "Waiver", "failure", "expired", w.reason, w.until)
        for w in view.expired
    ]
    cases += [
        junit.Case("waivers", waiver_words(w), "Waiver", "skipped", "", f"{w.until}: {w.reason}")
        for w in view.holding
    ]
    same = drift.resources - len(drift.unread) - len(view.groups)
    cases.append(junit.Case("in sync", plural(max(same, 0), "resource"), "Resource"))
    return junit.render(f"reconciler drift {drift.environment}".strip(), cases)


def _case(group: Group) -> junit.Case:
    """Return the differences of one resource as a case."""
    lines = [f"{line.what}: {live_and_wanted(line)}\n  {line.author}" for line in group.lines]
    item = group.lines[0].item
    names = ", ".join(line.what for line in group.lines)
    text = "\n".join([*lines, *([f"at {group.lines[0].place}"] if group.lines[0].place else [])])
    return junit.Case(item.stack, group.address, group.kind, "failure", item.sort, names, text)
