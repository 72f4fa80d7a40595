"""Long-running operations: their polls, their end, and what is refused meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconciler.emulator import EmulatorError, EmulatorServer
from reconciler.emulator.app import App
from reconciler.emulator.arm import operations
from reconciler.emulator.state.rows import Operation
from reconciler.emulator.state.store import Store
from reconciler.emulator.state.transaction import NotWritableError


@dataclass
class Clock:
    """A clock the test sets."""

    seconds: float = 1_700_000_000.0

    def now(self) -> float:
        """Return the time that was set."""
        return self.seconds


def test_a_put_reports_accepted_for_the_given_number_of_polls(polled: Any) -> None:
    url = polled.create_service().headers["azure-asyncoperation"]

    answers = [polled.send("GET", url) for _ in range(4)]

    states = [answer.content["status"] for answer in answers]
    assert states == ["Accepted", "Accepted", "Succeeded", "Succeeded"]
    assert [answer.status for answer in answers] == [200] * 4
    assert set(answers[0].content) == {"id", "name", "resourceId", "status", "startTime"}
    assert answers[2].content["percentComplete"] == 100.0
    assert answers[2].content["properties"] is None
    assert all("etag" in answer.headers for answer in answers)
    assert not any("retry-after" in answer.headers for answer in answers)


def test_the_resource_settles_with_the_last_poll_that_reports_it_as_running(polled: Any) -> None:
    url = polled.create_service().headers["azure-asyncoperation"]
    seen = [polled.service("GET").content["properties"]["provisioningState"]]
    polled.send("GET", url)
    seen.append(polled.service("GET").content["properties"]["provisioningState"])

    assert seen == ["Accepted", "Succeeded"]


def test_a_delete_reports_deleting_with_202_and_fresh_lower_case_urls(polled: Any) -> None:
    polled.send("GET", polled.create_service().headers["azure-asyncoperation"])
    polled.service("GET")

    deleted = polled.service("DELETE")
    poll = polled.send("GET", deleted.headers["location"])

    assert (poll.status, poll.content["status"]) == (202, "Deleting")
    assert "/locations/westus2/" in poll.headers["azure-asyncoperation"]
    assert poll.headers["location"] == poll.headers["azure-asyncoperation"]
    again = polled.send("GET", poll.headers["location"])
    ended = polled.send("GET", again.headers["location"])
    assert (ended.status, ended.content["status"]) == (200, "Succeeded")
    assert polled.service("GET").status == 404


def test_reading_a_resource_counts_as_a_poll_so_waiting_by_get_ends(polled: Any) -> None:
    polled.create_service()
    for _ in range(2):
        assert polled.service("GET").content["properties"]["provisioningState"] == "Accepted"
    assert polled.service("GET").content["properties"]["provisioningState"] == "Succeeded"
    polled.service("DELETE")
    for _ in range(2):
        assert polled.service("GET").content["properties"]["provisioningState"] == "Deleting"
    assert polled.service("GET").status == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_write_during_an_operation_is_refused(polled: Any, method: str) -> None:
    polled.create_service()

    answer = polled.service(
        method, content={"location": "global", "properties": {"dataLocation": "United States"}}
    )

    assert (answer.status, answer.code) == (409, "AnotherOperationInProgress")


def test_operations_take_the_given_seconds_and_the_resource_three_quarters_of_it(
    run: Callable[..., EmulatorServer], connect: Callable[..., Any]
) -> None:
    clock = Clock()
    arm = connect(run(operations="seconds:20", clock=clock))
    arm.group()
    url = arm.create_service().headers["azure-asyncoperation"]
    seen = []
    for later in (0, 14.9, 0.1, 4.9, 0.1):
        clock.seconds += later
        state = arm.service("GET").content["properties"]["provisioningState"]
        seen.append((state, arm.send("GET", url).content["status"]))

    assert seen == [
        ("Accepted", "Accepted"),
        ("Accepted", "Accepted"),
        ("Succeeded", "Accepted"),
        ("Succeeded", "Accepted"),
        ("Succeeded", "Succeeded"),
    ]
    deleted = arm.service("DELETE").headers["location"]
    clock.seconds += 19.9
    assert arm.service("GET").content["properties"]["provisioningState"] == "Deleting"
    clock.seconds += 0.1
    assert arm.service("GET").status == 404
    assert arm.send("GET", deleted).content["status"] == "Succeeded"


def test_an_unfinished_operation_survives_a_restart(
    run: Callable[..., EmulatorServer], connect: Callable[..., Any], tmp_path: Any
) -> None:
    first = run(state=tmp_path / "state.db", operations="polls:2")
    arm = connect(first)
    arm.group()
    url = arm.create_service().headers["azure-asyncoperation"]
    arm.send("GET", url)
    path = url.removeprefix(first.url)
    first.stop()

    arm = connect(run(state=tmp_path / "state.db"))

    assert arm.service("GET").content["properties"]["provisioningState"] == "Accepted"
    assert arm.service("GET").content["properties"]["provisioningState"] == "Succeeded"
    assert arm.send("GET", path).content["status"] == "Succeeded"


@pytest.mark.parametrize("change", [("&s=", "&s=0"), ("&t=6", "&t=7"), ("?", "?x=1&s=2&")])
def test_a_poll_whose_signature_was_changed_is_refused(arm: Any, change: tuple[str, str]) -> None:
    url = arm.create_service().headers["azure-asyncoperation"]

    answer = arm.send("GET", url.replace(*change))

    assert (answer.status, answer.code) == (403, "EmulatorOperationUrlChanged")


def test_an_operation_url_with_an_encoded_asterisk_is_the_same_url(arm: Any) -> None:
    url = arm.create_service().headers["azure-asyncoperation"]

    assert arm.send("GET", url.replace("*", "%2A")).content["status"] == "Succeeded"


def test_an_unknown_operation_is_not_found(arm: Any) -> None:
    url = arm.create_service().headers["azure-asyncoperation"]
    arm.send("POST", "/emulator/reset", headers={})

    answer = arm.send("GET", url)

    assert (answer.status, answer.code) == (404, "OperationNotFound")


@pytest.mark.parametrize(
    "text", ["later", "polls", "polls:-1", "polls:x", "seconds:-1", "seconds:inf", "immediate:1"]
)
def test_an_unknown_way_of_running_operations_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(EmulatorError, match=r"'seconds:1\.5' or 'recorded'"):
        EmulatorServer(operations=text)


def test_a_read_that_polls_what_another_process_has_just_begun_is_not_refused_by_sqlite(
    run: Callable[..., EmulatorServer],
    connect: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SQLite refuses at once to let a reader write when somebody else has written meanwhile."""
    state = tmp_path / "state.db"
    one, two = (connect(run(state=state, operations="polls:1")) for _ in range(2))
    one.group()
    one.create_service()
    original = operations.poll
    raced: list[int] = []

    def poll(*arguments: Any) -> Operation:
        if not raced:
            raced.append(two.group("Rg2").status)
        return original(*arguments)

    monkeypatch.setattr(operations, "poll", poll)
    monkeypatch.setattr(App, "_settle_due", lambda *_: False)

    answer = one.service("GET")

    assert raced == [201]
    assert (answer.status, answer.content["properties"]["provisioningState"]) == (200, "Accepted")
    monkeypatch.undo()
    assert one.service("GET").content["properties"]["provisioningState"] == "Succeeded"


def test_a_transaction_that_was_begun_for_reading_writes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db", {"tenant": "t"})

    with pytest.raises(NotWritableError), store.transaction(write=False) as state:
        state.clear()

    store.close()
