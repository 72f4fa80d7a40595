"""What an apply did, for programs."""

from __future__ import annotations

from reconciler.model.report import ApplyReport, Outcome
from reconciler.model.value import Absent, Json, Pending
from reconciler.render.formats.private import outcomes, resource_of, step_id
from reconciler.render.formats.words import json_text
from reconciler.render.plan.json import FORMAT_VERSION, change_document, failure_document


def render_report(report: ApplyReport) -> str:
    """Return the report as JSON, keys sorted."""
    document: dict[str, Json] = {
        "formatVersion": FORMAT_VERSION,
        "converged": report.converged,
        "checked": report.checked,
        "interrupted": report.interrupted,
        "stopped": report.stopped or None,
        "outcomes": [_outcome(outcome, count) for outcome, count in outcomes(report.outcomes)],
        "remaining": [change_document(change) for change in report.remaining],
        "waiting": [change_document(change) for change in report.waiting],
        "outputs": {
            f"{o.output.stack}/{o.output.name}": o.value
            for o in report.outputs
            if not isinstance(o.value, Absent | Pending)
        },
    }
    return json_text(document, sort_keys=True)


def _outcome(outcome: Outcome, count: int) -> dict[str, Json]:
    """Return how one step, or so many private ones, ended as plain values."""
    private: dict[str, Json] = {"private": count} if count else {}
    return private | {
        "step": step_id(outcome.step),
        "method": outcome.step.verb.value,
        "resource": resource_of(outcome.step),
        "result": outcome.result.value,
        "seconds": round(outcome.seconds, 3),
        "becauseOf": outcome.because_of,
        "failure": failure_document(outcome.failure) if outcome.failure else None,
    }
