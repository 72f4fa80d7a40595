"""What a run may do, apart from what the specs say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.model.plan import Action, Breach, Change

SMALL = 3
"""Up to so many deletes and replaces, their share of the whole is not looked at."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits, and the wish to prune; the defaults are those of the project schema."""

    today: str = ""
    """The day of the run as ``YYYY-MM-DD``, against which waivers expire; empty for never."""
    prune: bool = False
    """Delete resources that bear the mark of a stack that no longer describes them."""
    max_deletes: int = 3
    max_replaces: int = 1
    places: Mapping[str, str] = field(default_factory=dict)
    """The file that set a limit, by the limit's name; the project file sets the others."""
    max_delete_percent: int = 50
    """Of the resources that were observed; counted only above `SMALL` losses."""
    max_address_remove_percent: int = 10
    """Of the addresses that one suppression list has; the first one is free unless it is 0."""


def breaches(policy: Policy, changes: tuple[Change, ...]) -> Iterator[Breach]:
    """Yield the limits that ``changes`` break, with the figures that make them believable."""
    deletes = sum(c.action is Action.DELETE for c in changes)
    replaces = sum(c.action is Action.REPLACE for c in changes)
    observed = sum(c.observed is not None for c in changes)
    for guard, count, limit in (
        ("maxDeletes", deletes, policy.max_deletes),
        ("maxReplaces", replaces, policy.max_replaces),
    ):
        if count > limit:
            verb = "deleted" if guard == "maxDeletes" else "replaced"
            problem = f"{count} resources would be {verb}, the limit is {limit}"
            yield Breach(guard, problem, _mend(policy, guard, count))
    lost = deletes + replaces
    if lost > SMALL and lost * 100 > observed * policy.max_delete_percent:
        share = lost * 100 // observed
        problem = (
            f"{lost} of {observed} resources would be deleted or replaced ({share} %),"
            f" the limit is {policy.max_delete_percent} %"
        )
        yield Breach("maxDeletePercent", problem, _mend(policy, "maxDeletePercent", share))


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
    guard, otherwise = "maxAddressRemovePercent", "look for what the file of addresses has lost"
    mend = _mend(policy, guard, share, otherwise)
    return Breach(guard, problem, mend)


def _mend(
    policy: Policy, guard: str, figure: int, otherwise: str = "look for what left the specs"
) -> str:
    """Say how to raise a limit, and what to do if that is not meant."""
    file = policy.places.get(guard, "reconciler.yaml")
    return (
        f"if that is meant, set `guards: {{{guard}: {figure}}}` in {file} for this change;"
        f" if not, {otherwise}"
    )
