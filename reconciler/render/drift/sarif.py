"""Drift as SARIF: a finding on the line of the spec; code scanning closes it when it is gone.

The fingerprint is that of the difference, so that a finding stays one and the same while the value
does, whatever happens to the lines of the file.
"""

from __future__ import annotations

from reconciler.model.drift import Sort
from reconciler.model.resource import Severity
from reconciler.model.value import Json
from reconciler.render.drift.view import DriftView, Line, live_and_wanted
from reconciler.render.formats.sarif import log, place
from reconciler.render.formats.words import json_text

LEVELS = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
SCORES = {Severity.HIGH: "8.0", Severity.MEDIUM: "5.0", Severity.LOW: "2.0"}
"""What GitHub sorts by.
https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""
ABOUT = {
    Sort.CHANGED: "A field has another value than its spec says",
    Sort.MISSING: "A resource is not there",
    Sort.UNWANTED: "A resource is there that should not exist",
    Sort.UNMANAGED: "A resource is in no spec",
}
MOST = 5_000
"""Findings of a run that GitHub shows; the worst ones are kept."""


def render_drift(view: DriftView) -> str:
    """Return the drift as a SARIF log."""
    lines = view.lines[:MOST]
    used = sorted({(line.item.sort, line.item.severity) for line in lines})
    rules = [_rule(sort, severity) for sort, severity in used]
    results = [_result(line, used.index((line.item.sort, line.item.severity))) for line in lines]
    return json_text(log(view.context.version, rules, results))


def _rule(sort: Sort, severity: Severity) -> Json:
    return {
        "id": f"drift/{sort}-{severity}",
        "name": f"{sort.capitalize()}{severity.capitalize()}",
        "shortDescription": {"text": ABOUT[sort]},
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {"security-severity": SCORES[severity], "tags": ["drift", severity.value]},
    }


def _result(line: Line, index: int) -> Json:
    """Return one difference as a finding."""
    item = line.item
    detail = live_and_wanted(line)
    text = f"{item.address} {line.what}{f': {detail}' if detail else ''}"
    result: dict[str, Json] = {
        "ruleId": f"drift/{item.sort}-{item.severity}",
        "ruleIndex": index,
        "level": LEVELS[item.severity],
        "message": {"text": f"{text}\n{line.author}"},
        "partialFingerprints": {"reconcilerDrift/v1": item.fingerprint},
    }
    if item.span is not None:
        result["locations"] = [{"physicalLocation": place(item.span)}]
    return result
