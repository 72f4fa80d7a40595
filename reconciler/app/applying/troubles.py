"""What can be made to go wrong in a rehearsal: one request of the plan, or a profile of faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.core.specs.references import suggest
from reconciler.model.errors import UsageError
from reconciler.model.plan import Plan
from reconciler.model.value import Json

WRITES = ("PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is made to go wrong."""

    words: str
    faults: tuple[Mapping[str, Json], ...]
    """As the emulator takes them: docs/emulator.md."""


def _every(method: str, **effect: Json) -> Mapping[str, Json]:
    """Return a fault of every path."""
    return {"method": method, "path": ".", **effect}


LONG = "/(communicationServices|emailServices|domains)/[^/]+$"
"""The paths of what is made by a long-running operation."""

PROFILES: Mapping[str, Trouble] = {
    "throttled": Trouble(
        "the first three writes of each method are answered 429 TooManyRequests",
        tuple(_every(m, status=429, code="TooManyRequests", times=3) for m in WRITES),
    ),
    "errors": Trouble(
        "the first three writes of each method are answered 500 InternalServerError",
        tuple(_every(m, status=500, times=3) for m in WRITES),
    ),
    "conflicts": Trouble(
        "the first two writes of each method meet another operation, 409",
        tuple(_every(m, status=409, code="AnotherOperationInProgress", times=2) for m in WRITES),
    ),
    "cut": Trouble(
        "the connection of the first write of each method is cut after it was carried out",
        tuple(_every(m, cut=True, after=True) for m in WRITES),
    ),
    "failed-operation": Trouble(
        "the operations that the first PUT and the first DELETE begin end Failed",
        tuple(
            _every(m, path=LONG, operation="Failed", code="ServiceFailed")
            for m in ("PUT", "DELETE")
        ),
    ),
    "denied": Trouble(
        "every write is answered 403 AuthorizationFailed",
        tuple(
            _every(m, status=403, code="AuthorizationFailed", times=None) for m in (*WRITES, "POST")
        ),
    ),
}
"""Profiles by name."""


def profile(name: str) -> Trouble:
    """Return a profile.

    Raises:
        UsageError: there is none of that name.

    """
    if name not in PROFILES:
        raise UsageError(f"there is no fault profile `{name}`", suggest(name, PROFILES))
    return PROFILES[name]


def listing() -> str:
    """Return the name of each profile with what it does, one a line."""
    width = max(map(len, PROFILES))
    return "".join(f"{name:<{width}}  {found.words}\n" for name, found in PROFILES.items())


def failing_at(plan: Plan, number: int) -> Trouble:
    """Return the trouble that one request of a plan is refused.

    Args:
        plan: the plan.
        number: which request, from 1, in the order of the plan.

    Raises:
        UsageError: the plan has no such request.

    """
    if number > len(plan.steps):
        problem = f"the plan has {len(plan.steps)} requests, and none is number {number}"
        raise UsageError(problem, "count them in `reconciler plan -o json`, under `steps`")
    step = plan.steps[number - 1]
    path = step.resource.text.rpartition("/")[0] if step.pending else step.resource.text
    tail = f"/{step.action}" if step.action else ""
    fault: dict[str, Json] = {
        "method": step.verb.value,
        "path": f"^{_literally(path)}{'/[^/]+' if step.pending else ''}{_literally(tail)}$",
        "status": 400,
        "code": "RehearsedFailure",
        "message": "This request was made to fail.",
        "times": None,
    }
    named = step.address if step.private else step.id
    return Trouble(f"request {number}, {named}, is refused", (fault,))


def _literally(text: str) -> str:
    """Return a regular expression that finds ``text`` alone."""
    return "".join(c if c.isalnum() or c in "/-_" else f"\\{c}" for c in text)
