"""Journals as one JSON document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from reconciler.model.run import RunRecord
from reconciler.model.value import Json
from reconciler.render.formats.words import json_text

FORMAT_VERSION = "1.0"


def journal_document(records: Iterable[RunRecord]) -> str:
    """Return runs as JSON, the newest last."""
    runs: list[Json] = [_run(record) for record in records]
    return json_text({"formatVersion": FORMAT_VERSION, "runs": runs})


def _run(record: RunRecord) -> Json:
    """Return one run."""
    writes: list[Json] = [
        {
            "method": write.method,
            "path": write.path,
            "attempt": write.attempt,
            "sent": write.sent,
            "answered": write.answered or None,
            "status": write.status,
            "correlationId": write.correlation_id or None,
            "problem": write.problem or None,
            "unknown": write.is_open,
        }
        for write in record.writes
    ]
    return {
        "run": record.run,
        "runner": asdict(record.runner),
        "target": record.target,
        "environment": record.environment or None,
        "begun": record.begun,
        "ended": record.ended or None,
        "result": record.result or None,
        "unfinished": record.is_unfinished,
        "steps": record.steps,
        "writes": writes,
    }
