"""A plan as SARIF: a finding on the line of the spec that wants the change.

A change of what no spec names has no line, and so is a finding of the whole repository.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model.plan import Action
from reconciler.model.value import Json
from reconciler.render.formats.sarif import log, place
from reconciler.render.formats.words import json_text, plural
from reconciler.render.plan.view import Card, PlanView

RULES: Mapping[Action, tuple[str, str]] = {
    Action.BLOCKED: ("error", "A change that is refused, or of which too little is known"),
    Action.DELETE: ("warning", "A resource that would be deleted"),
    Action.REPLACE: ("warning", "A resource that would be deleted and made anew"),
    Action.ADOPT: ("note", "A resource that would be marked as the stack's own"),
    Action.UPDATE: ("note", "A resource that would be updated in place"),
    Action.CREATE: ("note", "A resource that would be created"),
    Action.NONE: ("note", "A resource that stays, with something to know about it"),
}
GUARD = "plan/guard"


def render_plan(view: PlanView) -> str:
    """Return the plan as a SARIF log."""
    used = [action for action in RULES if any(card.action is action for card in view.cards)]
    rules = [_rule(f"plan/{action}", *RULES[action]) for action in used]
    breaches = view.plan.breaches
    if breaches:
        rules.append(_rule(GUARD, "error", "A limit that the plan breaks as a whole"))
    results = [_result(card, used.index(card.action)) for card in view.cards]
    results += [
        {
            "ruleId": GUARD,
            "ruleIndex": len(used),
            "level": "error",
            "message": {"text": f"{breach.guard}: {breach.problem}\nmend: {breach.mend}"},
        }
        for breach in breaches
    ]
    return json_text(log(view.context.version, rules, results))


def _rule(name: str, level: str, about: str) -> Json:
    return {
        "id": name,
        "name": name.partition("/")[2].capitalize(),
        "shortDescription": {"text": about},
        "defaultConfiguration": {"level": level},
    }


def _result(card: Card, index: int) -> Json:
    """Return one change as a finding."""
    change = card.change
    fields = ", ".join(dict.fromkeys(row.name for row in card.rows))
    lines = [f"{card.title} {card.address}: {change.reason}"]
    if fields:
        lines.append(f"{plural(len(card.rows), 'field')}: {fields}")
    lines += [*change.notes, *([f"mend: {change.mend}"] if change.mend else [])]
    result: dict[str, Json] = {
        "ruleId": f"plan/{card.action}",
        "ruleIndex": index,
        "level": RULES[card.action][0],
        "message": {"text": "\n".join(lines)},
        "partialFingerprints": {"change/v1": f"{card.title} {change.id.folded}"},
    }
    if change.span is not None:
        result["locations"] = [{"physicalLocation": place(change.span)}]
    return result
