"""Drift as one JSON document, for programs; schemas/drift-report.schema.json describes it."""

from __future__ import annotations

from reconciler.model.drift import Entry, Item, Run
from reconciler.model.value import ABSENT, Absent, Json, Pending
from reconciler.render.drift.view import DriftView
from reconciler.render.formats.words import json_text
from reconciler.render.plan.json import failure_document

FORMAT_VERSION = "1.1"
"""Grows in the second place when fields are added, in the first when one changes or goes."""


def render_drift(view: DriftView) -> str:
    """Return the drift as JSON: keys sorted."""
    return json_text(drift_document(view), sort_keys=True)


def drift_document(view: DriftView) -> dict[str, Json]:
    """Return the drift as plain values."""
    drift = view.drift
    return {
        "formatVersion": FORMAT_VERSION,
        "at": drift.at,
        "environment": drift.environment or None,
        "complete": drift.is_complete,
        "project": drift.project,
        "stacks": list(drift.stacks),
        "whole": drift.whole,
        "resources": drift.resources,
        "counts": {severity.value: count for severity, count in drift.counts.items()},
        "items": [_item(item) for item in drift.items],
        "waivers": [
            {
                "address": w.address,
                "field": list(w.field),
                "reason": w.reason,
                "until": w.until,
                "expired": w.is_over,
                "differs": w.differs,
            }
            for w in drift.waivers
        ],
        "unreadable": [{"address": one.address, "reason": one.reason} for one in drift.unread],
        "gaps": [failure_document(gap) for gap in drift.gaps],
        "unasked": [failure_document(failure) for failure in drift.unasked],
        "runs": [_run(run) for run in view.history.runs],
    }


def _item(item: Item) -> dict[str, Json]:
    """Return one difference; a side without a value is left out."""
    author, sighting = item.author, item.sighting
    document: dict[str, Json] = {
        "sort": item.sort.value,
        "severity": item.severity.value,
        "address": item.address,
        "kind": item.kind,
        "stack": item.stack,
        "field": list(item.field),
        "reason": item.reason,
        "fingerprint": item.fingerprint,
        "source": str(item.span) if item.span else None,
        "author": {
            "who": author.who or None,
            "when": author.when or None,
            "client": author.client or None,
            "operation": author.operation or None,
            "source": author.source or None,
            "run": author.run or None,
            "certain": author.certain,
        },
        "firstSeen": sighting.first if sighting else None,
        "timesSeen": sighting.seen if sighting else None,
    }
    if item.private:
        document["addresses"] = item.private
    if item.field and item.live is not ABSENT:
        document["live"] = item.live
    if item.field and not isinstance(item.wanted, Absent | Pending):
        document["wanted"] = item.wanted
    return document


def _run(run: Run) -> dict[str, Json]:
    """Return what the history has of one run."""
    return {
        "at": run.at,
        "complete": run.complete,
        "counts": {severity.value: count for severity, count in run.counts.items()},
        "opened": run.opened,
        "closed": [_entry(entry) for entry in run.closed],
    }


def _entry(entry: Entry) -> dict[str, Json]:
    """Return a difference that is over."""
    return {
        "address": entry.address,
        "field": entry.field or None,
        "severity": entry.severity.value,
        "firstSeen": entry.first,
        "timesSeen": entry.seen,
    }
