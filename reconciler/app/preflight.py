"""What can be known to fail before the first write: names that are taken, secrets that are missing.

Both need more than reads (a POST) or more than Azure, so that only apply can ask.
"""

from __future__ import annotations

import os
from dataclasses import replace

from reconciler.app.connection import Connection
from reconciler.engine.ports import RequestFailedError
from reconciler.kinds import KINDS
from reconciler.model.plan import Action, Block, Change, Plan, Verb


def checked(plan: Plan, connection: Connection) -> Plan:
    """Return ``plan`` with a block on each change that could not succeed.

    A check that fails itself says nothing: Azure is asked again by the request proper.
    """
    if not plan.is_applyable or not plan.steps:
        return plan
    problems = {
        change.id: problem
        for change in plan.changes
        if (problem := _missing_secret(plan, change) or _taken(change, connection)) is not None
    }
    if not problems:
        return plan
    changes = tuple(
        replace(
            change,
            action=Action.BLOCKED,
            intended=change.action,
            block=Block.REFUSED,
            reason=problems[change.id][0],
            mend=problems[change.id][1],
        )
        if change.id in problems
        else change
        for change in plan.changes
    )
    return replace(plan, changes=changes)


def _taken(change: Change, connection: Connection) -> tuple[str, str] | None:
    """Return what is wrong about the name of a resource to be created, and how to mend it."""
    kind = KINDS[change.kind]
    if change.action is not Action.CREATE or not kind.global_name:
        return None
    try:
        problem = connection.probe.name_problem(kind, change.id)
        # Another run may have made it meanwhile: then the step will say that the plan is stale.
        if problem and connection.reader.get(kind, change.id) is not None:
            return None
    except RequestFailedError:
        return None
    if not problem:
        return None
    reason = f"the name `{change.id.name}` is not free: {problem.rstrip('.')}"
    return reason, "choose another name: it must be free in all of Azure"


def _missing_secret(plan: Plan, change: Change) -> tuple[str, str] | None:
    """Return which variable with a secret is not set, and how to mend that."""
    for step in plan.steps:
        if step.verb is not Verb.POST or step.resource != change.id:
            continue
        for value in (step.body or {}).values():
            name = value.get("env") if isinstance(value, dict) else None
            if isinstance(name, str) and not os.environ.get(name):
                return (
                    f"the environment variable {name} is not set",
                    f"set {name} where apply runs; its value is never shown",
                )
    return None
