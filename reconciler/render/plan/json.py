"""A plan as one JSON document, for programs."""

from __future__ import annotations

from reconciler.model.failure import Failure
from reconciler.model.plan import Change, FieldChange
from reconciler.model.value import ABSENT, Absent, Json, Pending
from reconciler.render.formats.private import Request, requests
from reconciler.render.formats.sections import Section
from reconciler.render.formats.words import json_text
from reconciler.render.plan.mail import mail_document
from reconciler.render.plan.view import PlanView

FORMAT_VERSION = "1.3"
"""Grows in the second place when fields are added, in the first when one changes or goes."""


def render_plan(view: PlanView) -> str:
    """Return the plan as JSON: keys sorted, the same for equal plans."""
    return json_text(plan_document(view), sort_keys=True)


def plan_document(view: PlanView) -> dict[str, Json]:
    """Return the plan as plain values; schemas/plan-report.schema.json describes them."""
    plan, context = view.plan, view.context
    return {
        "formatVersion": FORMAT_VERSION,
        "environment": plan.environment or None,
        "empty": plan.is_empty,
        "waiting": bool(plan.waiting),
        "complete": plan.is_complete,
        "applyable": plan.is_applyable,
        "counts": {action.value: count for action, count in plan.counts.items()},
        "addresses": {action.value: count for action, count in plan.entry_counts.items()},
        "changes": [change_document(change) for change in plan.changes],
        "steps": [_step(request) for request in requests(plan.steps)],
        "breaches": [
            {"guard": b.guard, "problem": b.problem, "mend": b.mend} for b in plan.breaches
        ],
        "gaps": [failure_document(gap) for gap in plan.gaps],
        "outputs": {f"{o.output.stack}/{o.output.name}": _value(o.value) for o in plan.outputs},
        "digest": context.digest or None,
        "approvals": [{"owners": a.owners, "files": a.files} for a in context.approvals],
        "sections": [section_document(section) for section in view.sections],
    }


def section_document(section: Section) -> dict[str, Json]:
    """Return a part of the report as plain values."""
    return {
        "slug": section.slug,
        "title": section.title,
        "tone": section.tone.value,
        "summary": section.summary,
        "head": section.head,
        "rows": section.rows,
    }


def change_document(change: Change) -> dict[str, Json]:
    """Return one change as plain values."""
    entries: dict[str, Json] = {"addresses": change.entries} if change.is_private else {}
    return entries | {
        "id": change.id.text,
        "kind": change.kind,
        "address": change.address,
        "stack": change.stack,
        "action": change.action.value,
        "intended": change.intended.value if change.intended else None,
        "block": change.block.value if change.block else None,
        "reason": change.reason,
        "mend": change.mend,
        "notes": list(change.notes),
        "fields": [_field(field) for field in change.fields],
        "source": str(change.span) if change.span else None,
        "mail": mail_document(change) if _concerns_mail(change) else None,
    }


def _concerns_mail(change: Change) -> bool:
    """Whether a change has anything to say of mail."""
    return bool(change.checks or change.links or change.impact)


def failure_document(failure: Failure) -> dict[str, Json]:
    """Return a failure as plain values."""
    return {
        "class": failure.kind.value,
        "code": failure.code,
        "message": failure.message,
        "mend": failure.mend,
        "request": failure.request,
        "correlationId": failure.correlation_id,
    }


def _field(field: FieldChange) -> dict[str, Json]:
    """Return one field's change; a side without a value is left out."""
    entry: dict[str, Json] = {"path": list(field.path)}
    if not isinstance(field.before, Absent):
        entry["before"] = field.before
    if isinstance(field.after, Pending):
        entry["afterUnknown"] = True
    elif not isinstance(field.after, Absent):
        entry["after"] = field.after
    if field.forces_replacement:
        entry["forcesReplacement"] = True
    return entry


def _step(request: Request) -> dict[str, Json]:
    """Return one request as plain values; private ones stand together, as a number."""
    private: dict[str, Json] = {"private": request.private} if request.private else {}
    return private | {
        "id": request.id,
        "method": request.method,
        "resource": request.resource,
        "body": request.body,
        "after": list(request.after),
        "pending": {name: f"{p.target}#{p.field}" for name, p in request.pending.items()},
    }


def _value(value: Json | Pending | Absent) -> Json:
    """Return an output's value, null while it is not known."""
    return None if value is ABSENT or isinstance(value, Pending | Absent) else value
