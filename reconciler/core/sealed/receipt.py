"""What a run did, request by request: planned, sent, and read back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.core.sealed.canonical import canonical, digest_of
from reconciler.core.sealed.plan_file import private_requests, request
from reconciler.core.sealed.witness import State, without_secrets, written_state
from reconciler.kinds import KINDS
from reconciler.model.entries import DesiredEntries
from reconciler.model.exchange import Exchange
from reconciler.model.plan import Action, Plan, Step
from reconciler.model.report import ApplyReport, Outcome, Result, Shown
from reconciler.model.resource import ObservedResource, ObservedState
from reconciler.model.value import Json


@dataclass(frozen=True, slots=True)
class Promised:
    """What the plan file of a run lists, and what earlier runs of the file had done of it."""

    requests: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    """The requests of the file, by id."""
    done: frozenset[str] = frozenset()
    """Ids of those that earlier runs have carried out."""
    begun: frozenset[tuple[str, str]] = frozenset()
    """Group and mark of the private ones that earlier runs have begun."""


def content_of(
    plan: Plan,
    observed: ObservedState,
    lists: Sequence[DesiredEntries],
    report: ApplyReport,
    exchanges: Sequence[Exchange],
    promised: Promised = Promised(),
) -> dict[str, Json]:
    """Return what a receipt says; no secret and no address is in it.

    Args:
        plan: what was applied.
        observed: what it was made from.
        lists: the private entries, with their contents.
        report: how it went.
        exchanges: every write that left.
        promised: by the plan file, if one was carried out.
    """
    actions = {c.address: c.action for c in plan.changes if not c.is_private}
    rest = list(exchanges)
    # What was never filled in knows only the place of its resource: it comes last.
    filled_first = sorted(report.outcomes, key=lambda o: bool((o.sent or o.step).pending))
    taken = {outcome.step.id: _taken(outcome, rest) for outcome in filled_first}
    told: list[Json] = []
    hidden: list[tuple[Outcome, list[Exchange]]] = []
    for outcome in report.outcomes:
        mine = taken[outcome.step.id]
        if outcome.step.private:
            hidden.append((outcome, mine))
        else:
            step = outcome.step
            planned = promised.requests.get(step.id) or request(
                step, actions.get(step.address, Action.UPDATE)
            )
            before = written_state(observed.resources.get(step.resource))
            is_open = step.takes_over or "pending" in planned
            done = _done(outcome, mine, was_open=is_open)
            told.append({"planned": planned, "before": before, **done})
    earlier: dict[str, Json] = {"earlier": sorted(promised.done)} if promised.done else {}
    return {
        **earlier,
        "requests": told,
        "private": _hidden(private_requests(plan.steps, lists, promised.begun), hidden),
        "unplanned": [{**_exchange(one), "path": _shown(one.path)} for one in rest],
        "converged": report.converged,
        "left": sorted({change.address for change in report.remaining}),
    }


def _taken(outcome: Outcome, rest: list[Exchange]) -> list[Exchange]:
    """Take the exchanges of a step out of those that are left."""
    step = outcome.sent or outcome.step
    path = f"{step.resource.folded}/{step.action}".lower() if step.action else step.resource.folded
    mine = [e for e in rest if e.method == step.verb.value and _is_of(e.path.lower(), path, step)]
    if step.body is not None:  # a run that goes on may write one resource more than once
        content = canonical(step.body)
        mine = [one for one in mine if one.body == content] or mine
    for one in mine:
        rest.remove(one)
    return mine


def _is_of(sent: str, path: str, step: Step) -> bool:
    """Whether a path is that of a step; with values pending, its last segment is not known."""
    return sent == path or (
        bool(step.pending) and sent.rpartition("/")[0] == path.rpartition("/")[0]
    )


def _done(outcome: Outcome, exchanges: Iterable[Exchange], *, was_open: bool) -> dict[str, Json]:
    """Return how a step ended, with what was sent and what reads back.

    Args:
        outcome: how the step ended.
        exchanges: what left for it.
        was_open: whether the plan had left something to be filled in.
    """
    step, failure = outcome.sent or outcome.step, outcome.failure
    told: dict[str, Json] = {
        "result": outcome.result.value,
        "sent": [_exchange(one) for one in exchanges],
    }
    if failure is not None:
        told["failure"] = {"code": failure.code, "message": failure.message}
    if outcome.because_of:
        told["becauseOf"] = outcome.because_of
    if outcome.result is Result.DONE:
        told["after"] = _after(step, outcome.reads_back)
        if outcome.reads_back is not None and not outcome.reads_back.read:
            told["shownBy"] = "answer"
    bodies = [one.body for one in exchanges if one.body]
    if was_open:
        told["filled"] = {
            "resource": step.resource.text,
            "body": without_secrets(step.resource, json.loads(bodies[-1])) if bodies else None,
            "readsBack": without_secrets(step.resource, step.wanted),
        }
    return told


def _after(step: Step, shown: Shown | None) -> State:
    """Return the state that reads back."""
    if shown is None:
        return None
    return written_state(ObservedResource(step.resource, step.kind, shown.body))


def _exchange(one: Exchange) -> dict[str, Json]:
    """Return one write that left; of its body the digest of its very bytes."""
    return {
        "at": one.at,
        "method": one.method,
        "attempt": one.attempt,
        "body": digest_of(one.body) if one.body else None,
        "status": one.status,
        "correlationId": one.correlation_id,
        "problem": one.problem,
    }


def _shown(path: str) -> str:
    """Return a path as it may be told: the name of something private may tell whose it is."""
    private = any(
        kind.private and f"/{kind.arm_type.rpartition('/')[2].lower()}/" in path.lower()
        for kind in KINDS.values()
    )
    return f"{path.rpartition('/')[0]}/(private)" if private else path


def _hidden(
    groups: Iterable[Mapping[str, Json]],
    outcomes: Sequence[tuple[Outcome, list[Exchange]]],
) -> list[Json]:
    """Return private requests as numbers: how they ended, and how they were answered."""
    results: dict[tuple[str, str], Counter[str]] = {}
    statuses: dict[tuple[str, str], Counter[str]] = {}
    for outcome, exchanges in outcomes:
        key = (outcome.step.address, outcome.step.verb.value)
        results.setdefault(key, Counter())[outcome.result.value] += 1
        for one in exchanges:
            statuses.setdefault(key, Counter())[str(one.status or "none")] += 1
    return [
        {
            **told,
            "results": _counted(results.get((str(told["address"]), str(told["method"])))),
            "statuses": _counted(statuses.get((str(told["address"]), str(told["method"])))),
        }
        for told in groups
    ]


def _counted(found: Mapping[str, int] | None) -> dict[str, Json]:
    """Return counts by word."""
    return dict(sorted((found or {}).items()))
