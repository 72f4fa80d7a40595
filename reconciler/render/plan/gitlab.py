"""A plan as GitLab's terraform report, which merge requests show as a widget.

It has three numbers; a replacement counts as a delete and a create, as GitLab's own conversion of a
Terraform plan does. https://docs.gitlab.com/user/infrastructure/iac/mr_integration/
"""

from __future__ import annotations

import json

from reconciler.model.plan import Action
from reconciler.render.plan.view import PlanView


def render_plan(view: PlanView) -> str:
    """Return the report; private entries, blocked changes and what stays count for nothing."""
    counts = view.plan.counts
    replaced = counts[Action.REPLACE]
    report = {
        "create": counts[Action.CREATE] + replaced,
        "update": counts[Action.UPDATE] + counts[Action.ADOPT],
        "delete": counts[Action.DELETE] + replaced,
    }
    return json.dumps(report) + "\n"
