"""How much a plan deletes, and which limits of a run that breaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.core.policy import SMALL, Policy
from reconciler.model.plan import Action, Breach, Change

ADDRESS_GUARD = "maxAddressRemovePercent"
"""The one limit that holds for each suppression list, not for the plan."""


@dataclass(frozen=True, slots=True)
class Losses:
    """How much a plan deletes."""

    deletes: int
    replaces: int
    observed: int

    @property
    def total(self) -> int:
        """How many resources are deleted, whether or not they are made anew."""
        return self.deletes + self.replaces

    @property
    def percent(self) -> int:
        """Their share of what was observed, in whole percent."""
        return self.total * 100 // self.observed if self.observed else 0


def losses(changes: Iterable[Change], among: Iterable[Change]) -> Losses:
    """Return what ``changes`` delete, beside all that was observed ``among`` a whole plan."""
    actions = Counter(change.action for change in changes)
    observed = sum(change.observed is not None for change in among)
    return Losses(actions[Action.DELETE], actions[Action.REPLACE], observed)


def breaches(policy: Policy, lost: Losses) -> Iterator[Breach]:
    """Yield the limits that losses break, with the figures that make them believable."""
    for guard, count, limit in (
        ("maxDeletes", lost.deletes, policy.max_deletes),
        ("maxReplaces", lost.replaces, policy.max_replaces),
    ):
        if count > limit:
            verb = "deleted" if guard == "maxDeletes" else "replaced"
            what = f"{count} resource{'' if count == 1 else 's'}"
            problem = f"{what} would be {verb}, the limit is {limit}"
            yield Breach(guard, problem, _mend(policy, guard, count))
    if lost.total > SMALL and lost.total * 100 > lost.observed * policy.max_delete_percent:
        problem = (
            f"{lost.total} of {lost.observed} resources would be deleted or replaced"
            f" ({lost.percent} %), the limit is {policy.max_delete_percent} %"
        )
        yield Breach("maxDeletePercent", problem, _mend(policy, "maxDeletePercent", lost.percent))


def entry_breach(policy: Policy, address: str, removed: int, live: int) -> Breach | None:
    """Return the limit that is broken if so many of a list's entries are removed."""
    percent = policy.max_address_remove_percent
    free = 1 if percent else 0  # else a list of nine could never lose anybody
    if removed <= free or removed * 100 <= live * percent:
        return None
    share = -(-removed * 100 // live)
    problem = (
        f"{removed} of {live} addresses would be removed ({share} %), the limit is {percent} %"
        f" [{address}]"
    )
    otherwise = "look for what the file of addresses has lost"
    return Breach(ADDRESS_GUARD, problem, _mend(policy, ADDRESS_GUARD, share, otherwise))


def _mend(
    policy: Policy, guard: str, figure: int, otherwise: str = "look for what left the specs"
) -> str:
    """Say how to raise a limit, and what to do if that is not meant."""
    file = policy.places.get(guard, "reconciler.yaml")
    return (
        f"if that is meant, set `guards: {{{guard}: {figure}}}` in {file} for this change;"
        f" if not, {otherwise}"
    )
