"""What a history knows of each difference, over any number of runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.drifted.drift_history import OPEN, RUNS, advance, from_lines, to_lines
from reconciler.model.drift import Drift, History, Item, Sort, Unread
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.resource import Severity
from tests.conftest import identity
from tests.render.drifts import at

NAMES = ("id-a", "id-b", "id-c")


def item(name: str, value: str = "x", stack: str = "mail") -> Item:
    return Item(
        Sort.CHANGED,
        Severity.HIGH,
        ResourceId(identity(name)),
        "UserAssignedIdentity",
        f"{stack}/identities/{name}",
        stack,
        f"{name} {value}",
        field=("tags", "env"),
        live=value,
    )


def drift(number: int, *items: Item, **more: object) -> Drift:
    whole = Drift(at(number), "prod", ("mail",), 3, items)
    return replace(whole, **more)  # type: ignore[arg-type]


def test_a_difference_that_stays_is_one_difference_seen_again() -> None:
    history, counts = History(), []
    for number in range(3):
        step = advance(history, drift(number, item("id-a")))
        history = step.history
        counts.append((len(step.opened), step.drift.items[0].sighting))
    (entry,) = history.open
    assert (entry.first, entry.seen) == (at(0), 3)
    assert [opened for opened, _ in counts] == [1, 0, 0]


def test_another_value_is_another_difference() -> None:
    history = advance(History(), drift(0, item("id-a", "x"))).history
    step = advance(history, drift(1, item("id-a", "y")))
    assert [entry.first for entry in step.closed] == [at(0)]
    assert [entry.first for entry in step.history.open] == [at(1)]


def test_what_is_gone_is_closed_once_and_begins_anew_when_it_comes_back() -> None:
    history = advance(History(), drift(0, item("id-a"))).history
    gone = advance(history, drift(1))
    assert [entry.address for entry in gone.closed] == ["mail/identities/id-a"]
    assert advance(gone.history, drift(2)).closed == ()
    back = advance(gone.history, drift(2, item("id-a")))
    assert [(e.first, e.seen) for e in back.history.open] == [(at(2), 1)]


FAILURE = Failure(FailureClass.DENIED, "AuthorizationFailed", "no")


@pytest.mark.parametrize(
    "unknown",
    [
        {"unread": (Unread("mail/identities/id-a", "no", "mail"),)},
        {"gaps": (FAILURE,)},
        {"stacks": ("other",)},
        {"environment": "dev"},
    ],
    ids=["unreadable", "gap", "another stack", "another environment"],
)
def test_what_was_not_looked_at_is_not_over(unknown: dict[str, object]) -> None:
    history = advance(History(), drift(0, item("id-a"))).history
    step = advance(history, drift(1, **unknown))
    assert step.closed == ()
    assert [(e.first, e.seen) for e in step.history.open] == [(at(0), 1)]


def test_only_so_many_runs_and_differences_are_kept() -> None:
    history = History()
    for number in range(RUNS + 5):
        history = advance(history, drift(number)).history
    assert len(history.runs) == RUNS
    assert history.runs[0].at == at(5)
    many = [replace(item("id-a"), fingerprint=str(number)) for number in range(OPEN + 3)]
    assert len(advance(History(), drift(0, *many)).history.open) == OPEN


@given(st.lists(st.sets(st.sampled_from(NAMES)), max_size=8))
def test_a_history_remembers_how_long_in_a_row_each_difference_was_seen(
    runs: list[set[str]],
) -> None:
    history = History()
    for number, names in enumerate(runs):
        history = advance(history, drift(number, *map(item, sorted(names)))).history
        history = from_lines(to_lines(history))
    expected = {}
    for name in NAMES:
        row = 0
        while row < len(runs) and name in runs[len(runs) - 1 - row]:
            row += 1
        if row:
            expected[f"mail/identities/{name}"] = (at(len(runs) - row), row)
    assert {e.address: (e.first, e.seen) for e in history.open} == expected
    opened = sum(run.opened for run in history.runs)
    assert opened == sum(len(run.closed) for run in history.runs) + len(history.open)


@pytest.mark.parametrize(
    "line", [None, {}, {"v": 2}, {"v": 1, "open": 3}, {"v": 1, "run": "x"}, {"v": 1, "open": {}}]
)
def test_what_is_no_history_is_refused_with_its_line(line: object) -> None:
    good = list(to_lines(advance(History(), drift(0, item("id-a"))).history))
    with pytest.raises(ValueError, match="line 3"):
        from_lines([*good, line])  # type: ignore[list-item]
