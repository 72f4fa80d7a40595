"""What can be known to fail before the first write: names that are taken, secrets that are missing.

Both need more than reads (a POST) or more than Azure, so that only apply can ask.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from reconciler.app.targets.connection import Connection
from reconciler.engine.observe import WORKERS
from reconciler.engine.ports import RequestFailedError
from reconciler.kinds import KINDS
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Block, Change, Plan, Verb


def checked(plan: Plan, connection: Connection) -> Plan:
    """Return ``plan`` with a block on each change that could not succeed.

    A check that fails itself says nothing: Azure is asked again by the request proper.
    """
    if not plan.is_applyable or not plan.steps:
        return plan
    problems = {**_taken_names(plan, connection), **_missing_secrets(plan)}
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


def _taken_names(plan: Plan, connection: Connection) -> dict[ResourceId, tuple[str, str]]:
    """Return what is wrong about the names of resources to be created, and how to mend it."""
    asked = [c for c in plan.changes if c.action is Action.CREATE and KINDS[c.kind].global_name]
    if not asked:
        return {}
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="name") as pool:
        answers = list(pool.map(partial(_taken, connection), asked))
    return {c.id: answer for c, answer in zip(asked, answers, strict=True) if answer is not None}


def _taken(connection: Connection, change: Change) -> tuple[str, str] | None:
    """Return what is wrong about one name, and how to mend it."""
    kind = KINDS[change.kind]
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


def _missing_secrets(plan: Plan) -> dict[ResourceId, tuple[str, str]]:
    """Return which variables with secrets are not set, by the resource, and how to mend that."""
    missing: dict[ResourceId, tuple[str, str]] = {}
    for step in plan.steps:
        for value in (step.body or {}).values() if step.verb is Verb.POST else ():
            name = value.get("env") if isinstance(value, dict) else None
            if isinstance(name, str) and not os.environ.get(name):
                problem = f"the environment variable {name} is not set"
                mend = f"set {name} where apply runs; its value is never shown"
                missing.setdefault(step.resource, (problem, mend))
    return missing
