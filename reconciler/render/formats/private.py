"""Private entries as they may be shown: what happens to how many, and nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from reconciler.model.entries import Holding
from reconciler.model.plan import Action, Change, Plan, Step, Verb
from reconciler.model.report import Outcome
from reconciler.model.value import Body, Pending
from reconciler.render.formats.words import plural, safe

T = TypeVar("T")
Group: TypeAlias = "tuple[object, ...] | None"
"""What an item is shown together with; None for what is shown by itself."""

WITHHELD = "(private)"
"""Stands for a name or a body that nobody may see."""

ENDINGS = {
    Action.CREATE: "to add",
    Action.DELETE: "to remove",
    Action.BLOCKED: "that cannot be added",
}
"""What happens to private entries, behind their number."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, or several private ones together, as they may be shown."""

    method: str
    resource: str
    body: Body | None
    pending: Mapping[str, Pending]
    id: str = ""
    after: tuple[str, ...] = ()
    private: int = 0
    """How many private requests these are; 0 for one that is shown whole."""

    @property
    def line(self) -> str:
        """Method, resource and the number of requests, if it is not one."""
        count = f": {plural(self.private, 'request')}" if self.private else ""
        return f"{self.method} {self.resource}{count}"


def addresses_in_words(count: int) -> str:
    """Return ``1 address``, ``2 addresses``."""
    return "1 address" if count == 1 else f"{count} addresses"


def endings(counts: Mapping[Action, int]) -> Iterator[str]:
    """Yield what happens to how many addresses."""
    for action, words in ENDINGS.items():
        if counts.get(action):
            yield f"{addresses_in_words(counts[action])} {words}"


def title(change: Change) -> str:
    """Return what happens, in a few words."""
    if change.is_private:
        verbs = {Action.CREATE: "add", Action.DELETE: "remove"}
        return f"{verbs.get(change.action, 'blocked add')} {addresses_in_words(change.entries)}"
    if change.intended not in (None, Action.NONE):
        return f"blocked {change.intended}"
    return change.action.value


def requests(steps: Iterable[Step]) -> Iterator[Request]:
    """Yield what may be shown of steps, in their order; private ones of a kind are one."""
    for step, count in _counted((step, _group(step)) for step in steps):
        after = tuple(sorted(step.after))
        if count:
            id_ = f"{step.verb} {step.address}"
            yield Request(step.verb, resource_of(step), None, {}, id_, after, count)
        else:
            resource = resource_of(step)
            yield Request(step.verb, resource, step.body, step.pending, step.id, after)


def outcomes(found: Iterable[Outcome]) -> Iterator[tuple[Outcome, int]]:
    """Yield how steps ended; private ones that ended alike are one, with their number."""
    return _counted((outcome, _outcome_group(outcome)) for outcome in found)


def step_id(step: Step) -> str:
    """Return the id of a step, without the number of a private one."""
    return f"{step.verb} {step.address}" if step.private else step.id


def subject(step: Step) -> str:
    """Return what a step is about: the address, and for a POST what it asks for."""
    return step_id(step).removeprefix(f"{step.verb} ")


def resource_of(step: Step) -> str:
    """Return the resource of a step, and its action; a private name may tell whose it is."""
    text = f"{step.resource.text}/{step.action}" if step.action else step.resource.text
    return f"{text.rpartition('/')[0]}/{WITHHELD}" if step.private else text


def requests_by_change(plan: Plan) -> Callable[[Change], list[Request]]:
    """Return a function that gives the requests of a change."""
    found: dict[tuple[object, ...], list[Step]] = defaultdict(list)
    for step in plan.steps:
        found[_group(step) or (step.address,)].append(step)

    def of(change: Change) -> list[Request]:
        verb = Verb.DELETE if change.action is Action.DELETE else Verb.PUT
        key = (change.address, verb) if change.is_private else (change.address,)
        return list(requests(found.get(key, ())))

    return of


def _group(step: Step) -> tuple[object, ...] | None:
    """Return what a private step is shown together with."""
    return (step.address, step.verb) if step.private else None


def _outcome_group(outcome: Outcome) -> tuple[object, ...] | None:
    """Return what the outcome of a private step is shown together with."""
    group, failure = _group(outcome.step), outcome.failure
    if group is None:
        return None
    told = (failure.kind, failure.code) if failure is not None else None
    return (*group, outcome.result, told, outcome.because_of)


def _counted(found: Iterable[tuple[T, Group]]) -> Iterator[tuple[T, int]]:
    """Yield the first of each group with the group's size, and what has no group with 0."""
    groups: Counter[tuple[object, ...]] = Counter()
    first: list[tuple[T, Group]] = []
    for item, group in found:
        if group is None or not groups[group]:
            first.append((item, group))
        if group is not None:
            groups[group] += 1
    yield from ((item, groups[group] if group is not None else 0) for item, group in first)


def holdings_text(found: Iterable[Holding]) -> str:
    """Return a line for each list, with figures alone."""
    lines = [
        f"{safe(one.address)}: {addresses_in_words(one.in_file)} in the file,"
        f" {one.hashed} hashed ({one.covered} of them in the file),"
        f" others {'are removed' if one.exact else 'stay'}\n"
        for one in found
    ]
    return "".join(lines) or "No stack describes the addresses of a suppression list.\n"
