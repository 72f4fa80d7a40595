"""What an apply did, for programs."""

from __future__ import annotations

import json

from reconciler.model.report import ApplyReport, Outcome
from reconciler.model.value import Absent, Json, Pending
from reconciler.render.plan_json import FORMAT_VERSION, change_document, failure_document


def render_report(report: ApplyReport) -> str:
    """Return the report as JSON, keys sorted."""
    document: dict[str, Json] = {
        "formatVersion": FORMAT_VERSION,
        "converged": report.converged,
        "checked": report.checked,
        "interrupted": report.interrupted,
        "outcomes": [_outcome(outcome) for outcome in report.outcomes],
        "remaining": [change_document(change) for change in report.remaining],
        "outputs": {
            f"{o.output.stack}/{o.output.name}": o.value
            for o in report.outputs
            if not isinstance(o.value, Absent | Pending)
        },
    }
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _outcome(outcome: Outcome) -> dict[str, Json]:
    """Return how one step ended as plain values."""
    return {
        "step": outcome.step.id,
        "method": outcome.step.verb.value,
        "resource": outcome.step.resource.text,
        "result": outcome.result.value,
        "seconds": round(outcome.seconds, 3),
        "becauseOf": outcome.because_of,
        "failure": failure_document(outcome.failure) if outcome.failure else None,
    }
