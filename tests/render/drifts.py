"""The drift that every renderer is shown: found by the real core in specs and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from reconciler.core.drifted.drift import drift_of
from reconciler.core.drifted.drift_history import advance
from reconciler.core.planner import make_plan
from reconciler.core.policy import Policy
from reconciler.model.drift import Author, Drift, History
from tests.conftest import identity, service
from tests.render.plans import HOSTILE, acs, state_of, uai

BEGIN = datetime.fromisoformat("2026-11-01T06:00:00+00:00")
WRITTEN = {
    "lastModifiedBy": "eve@contoso.test",
    "lastModifiedByType": "User",
    "lastModifiedAt": "2026-10-30T16:42:07.1234567Z",
}


def at(hours: int) -> str:
    """Return a moment so many hours after the first run."""
    return (BEGIN + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def drift_in(
    text: str,
    live: Mapping[str, Mapping[str, Any]],
    *,
    hours: int = 0,
    unmanaged: bool = False,
    unreadable: tuple[str, ...] = (),
) -> Drift:
    """Return the drift of a stack's text over bodies by id."""
    desired, observed = state_of(text, live, unreadable=unreadable)
    plan = make_plan(desired, observed, Policy(today=at(hours)[:10]))
    return drift_of(plan, desired, observed, at(hours), unmanaged=unmanaged)


def calm() -> Drift:
    """Nothing has drifted."""
    return drift_in("  identities: {id-a: {location: westeurope}}\n", {identity("id-a"): uai()})


def mixed() -> Drift:
    """All severities, something missing, something that should be gone, and a stranger."""
    return drift_in(
        """\
  tags: {env: prod}
  identities: {id-a: {location: westeurope}, id-b: {location: westeurope}}
  communicationServices:
    acs-a:
      dataLocation: Europe
      publicNetworkAccess: Disabled
      disableLocalAuth: true
      identity: {userAssigned: [ref:identities/id-a]}
    acs-b: null
""",
        {
            identity("id-a"): uai(tags={"env": "dev"}),
            service("acs-a"): acs(
                tags={"env": "prod"},
                properties={"publicNetworkAccess": "Enabled"},
                systemData=WRITTEN,
            ),
            service("acs-b"): acs(),
            service("acs-c"): acs(),
        },
        unmanaged=True,
    )


def waived() -> Drift:
    """A waiver that holds, one that has run out, and one that hides nothing."""
    return drift_in(
        """\
  communicationServices:
    acs-a:
      dataLocation: Europe
      publicNetworkAccess: Disabled
      disableLocalAuth: true
      tags: {env: prod}
      lifecycle:
        ignoreChanges:
          - {field: publicNetworkAccess, reason: "the move, see `NET-7`", until: '2026-12-31'}
          - {field: disableLocalAuth, reason: old clients, until: '2026-10-31'}
          - {field: tags, reason: billing, until: '2026-12-31'}
""",
        {
            service("acs-a"): acs(
                tags={"env": "prod"}, properties={"publicNetworkAccess": "Enabled"}
            )
        },
    )


def partly() -> Drift:
    """Something could not be read."""
    return drift_in(
        "  identities: {id-a: {location: westeurope}, id-b: {location: westeurope}}\n",
        {identity("id-b"): uai(location="northeurope")},
        unreadable=(identity("id-a"),),
    )


def hostile() -> Drift:
    """Values and authors that would like to be markup."""
    drift = drift_in(
        '  communicationServices: {acs-a: {dataLocation: Europe, tags: {"@b `x` |": "x\\ny"}}}\n',
        {service("acs-a"): acs(tags={"@b `x` |": f"\x1b[31m{HOSTILE}\u202e"})},
    )
    author = Author(HOSTILE, at(0), "\x1b]0;x\x07", "@octocat", "Resource Graph", certain=True)
    return replace(drift, items=tuple(replace(item, author=author) for item in drift.items))


DRIFTS: dict[str, Callable[[], Drift]] = {
    made.__name__: cache(made) for made in (calm, mixed, waived, partly, hostile)
}


@cache
def past() -> tuple[Drift, History]:
    """Return the last of thirty runs, and the history that they left."""
    history = History()
    drift = mixed()
    for number in range(30):
        there = [i for n, i in enumerate(mixed().items) if (number + 5 * n) % 30 > 4 + 3 * n]
        drift = replace(mixed(), at=at(24 * number), items=tuple(there))
        if number == 11:
            drift = replace(drift, unread=partly().unread)
        step = advance(history, drift)
        drift, history = step.drift, step.history
    return drift, history
