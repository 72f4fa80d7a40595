"""Injected faults, the request log and the rest of the control endpoint."""

import http.client
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from reconciler.emulator import EmulatorError, EmulatorServer


def test_a_fault_answers_in_place_of_azure_for_as_many_requests_as_it_says(arm: Any) -> None:
    fault = {
        "method": "put",
        "path": "COMMUNICATIONSERVICES/acs-1$",
        "skip": 1,
        "times": 2,
        "status": 429,
        "code": "TooManyRequests",
        "message": "slow down",
        "headers": {"Retry-After": "7"},
    }
    assert arm.fault(**fault).status == 204

    answers = [arm.create_service() for _ in range(4)]

    assert [answer.status for answer in answers] == [201, 429, 429, 201]
    assert answers[1].content == {"error": {"code": "TooManyRequests", "message": "slow down"}}
    assert answers[1].headers["retry-after"] == "7"
    assert arm.service("GET").status == 200


def test_a_fault_without_end_lasts_until_faults_are_cleared(arm: Any) -> None:
    arm.fault(method="*", times=None, status=503)
    assert {arm.service("GET").status for _ in range(5)} == {503}

    arm.send("DELETE", "/emulator/faults", headers={})

    assert arm.service("GET").status == 404


def test_the_first_fault_that_strikes_wins(arm: Any) -> None:
    arm.fault(status=500)
    arm.fault(status=503)

    assert [arm.service("GET").status for _ in range(3)] == [500, 503, 404]


@pytest.mark.parametrize(("after", "status"), [(False, 404), (True, 200)])
def test_a_cut_connection_is_closed_without_an_answer(arm: Any, after: bool, status: int) -> None:
    arm.fault(method="PUT", cut=True, after=after)

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        arm.create_service()

    assert arm.service("GET").status == status
    (entry,) = [
        line
        for line in arm.send("GET", "/emulator/requests", headers={}).content
        if line["status"] is None
    ]
    assert entry["method"] == "PUT"


@pytest.mark.parametrize(("seconds", "header"), [(7, "7"), (None, None)])
def test_a_request_is_throttled_with_and_without_retry_after(
    arm: Any, seconds: int | None, header: str | None
) -> None:
    arm.fault(throttle=seconds)

    answer = arm.service("GET")

    assert (answer.status, answer.code) == (429, "TooManyRequests")
    assert answer.headers.get("retry-after") == header


def test_a_conflict_is_that_of_a_running_operation(arm: Any) -> None:
    arm.fault(method="PUT", conflict=True)

    answer = arm.create_service()

    assert (answer.status, answer.code) == (409, "AnotherOperationInProgress")


def test_an_error_may_come_after_the_request_was_carried_out(arm: Any) -> None:
    arm.fault(method="PUT", status=500, after=True)

    assert arm.create_service().status == 500
    assert arm.service("GET").status == 200


def test_a_share_of_the_requests_is_struck_the_same_in_each_run(arm: Any) -> None:
    def struck(seed: int) -> list[int]:
        arm.send("DELETE", "/emulator/faults", headers={})
        arm.fault(method="GET", times=None, share=0.3, seed=seed, status=503)
        return [arm.service("GET").status for _ in range(60)]

    first = struck(1)

    assert first == struck(1)
    assert first != struck(2)
    assert 5 < first.count(503) < 35
    assert arm.send("GET", "/emulator/faults", headers={}).content["struck"] > 0


def test_a_streak_ends_after_so_many_requests_in_a_row(arm: Any) -> None:
    arm.fault(method="GET", times=None, status=503, streak=2)
    arm.fault(method="GET", times=None, status=500, streak=3)

    assert [arm.service("GET").status for _ in range(6)] == [503, 503, 500, 404, 503, 503]


def test_the_log_tells_what_was_carried_out_whatever_was_answered(arm: Any) -> None:
    for fault in ({"status": 500}, {"status": 500, "after": True}, {"cut": True, "after": True}):
        arm.fault(method="PUT", **fault)
    arm.create_service("acs-1")
    arm.create_service("acs-2")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        arm.create_service("acs-3")

    entries = arm.send("GET", "/emulator/requests", headers={}).content[-3:]

    assert [e["status"] for e in entries] == [500, 500, None]
    assert [e["carried_out"] for e in entries] == [None, 201, 201]


def test_a_stale_read_says_what_it_said_the_time_before(arm: Any) -> None:
    arm.fault(method="GET", skip=1, times=1, stale=True)

    first = arm.service("GET").status
    arm.create_service()

    assert [first, arm.service("GET").status, arm.service("GET").status] == [404, 404, 200]


def test_an_operation_can_vanish_while_the_resource_settles(polled: Any) -> None:
    polled.fault(method="PUT", vanish=True)
    url = polled.create_service().headers["azure-asyncoperation"]

    assert polled.send("GET", url).status == 404

    reads = [polled.service("GET").content["properties"] for _ in range(4)]
    assert reads[-1]["provisioningState"] == "Succeeded"


@pytest.mark.parametrize(("after", "status"), [(False, 404), (True, 200)])
def test_a_request_is_held_until_it_is_released_and_then_cut(
    arm: Any, connect: Callable[..., Any], emulator: EmulatorServer, after: bool, status: int
) -> None:
    other = connect(emulator)
    arm.fault(method="PUT", hold=True, after=after)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(arm.create_service)
        while not (now := other.send("GET", "/emulator/held", headers={}).content):
            assert not held.done()
        assert [entry["method"] for entry in now] == ["PUT"]
        other.send("DELETE", "/emulator/held", headers={})
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            held.result()

    assert other.service("GET").status == status
    assert other.send("GET", "/emulator/held", headers={}).content == []


def test_a_delayed_request_is_carried_out_late(arm: Any) -> None:
    arm.fault(method="GET", delay=0.1)
    before = time.monotonic()

    assert arm.service("GET").status == 404

    assert time.monotonic() - before >= 0.1


def test_an_operation_can_be_made_to_fail(polled: Any) -> None:
    polled.fault(method="PUT", operation="Failed", code="InternalError", message="no luck")
    url = polled.create_service().headers["azure-asyncoperation"]
    ended = [polled.send("GET", url) for _ in range(3)][-1]

    assert ended.status == 200
    assert ended.content["status"] == "Failed"
    assert ended.content["error"] == {"code": "InternalError", "message": "no luck"}
    assert polled.service("GET").content["properties"]["provisioningState"] == "Failed"


def test_a_failed_delete_leaves_the_resource(arm: Any) -> None:
    arm.create_service()
    arm.fault(method="DELETE", operation="Failed", code="Busy", message="still used")

    url = arm.service("DELETE").headers["location"]

    assert arm.send("GET", url).content["error"]["code"] == "Busy"
    assert arm.service("GET").content["properties"]["provisioningState"] == "Failed"
    assert arm.create_service().status == 201
    assert arm.service("GET").content["properties"]["provisioningState"] == "Succeeded"


def test_a_failed_deletion_of_a_group_ends_in_a_conflict(arm: Any) -> None:
    path = arm.service_path().partition("/providers")[0] + "?api-version=2024-11-01"
    arm.fault(method="DELETE", operation="Failed", code="Locked", message="no")

    url = arm.send("DELETE", path).headers["location"]

    answer = arm.send("GET", url)
    assert (answer.status, answer.code) == (409, "Locked")
    assert arm.send("GET", path).content["properties"]["provisioningState"] == "Failed"


@pytest.mark.parametrize(
    "fault",
    [
        [],
        {},
        {"status": 500, "cut": True},
        {"status": 200},
        {"status": "many"},
        {"operation": "Succeeded"},
        {"cut": True, "path": "("},
        {"cut": True, "times": "x"},
        {"status": 500, "headers": []},
        {"delay": 1, "after": True},
        {"status": 500, "share": 0},
        {"status": 500, "share": 1.5},
        {"throttle": "long"},
        {"status": 500, "colour": "red"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(arm: Any, fault: Any) -> None:
    answer = arm.send("POST", "/emulator/faults", fault, headers={})

    assert (answer.status, answer.code) == (400, "EmulatorInvalidControlRequest")


def test_the_log_has_every_request_but_never_the_token(
    run: Callable[..., EmulatorServer], connect: Callable[..., Any], tmp_path: Path
) -> None:
    log = tmp_path / "requests.jsonl"
    arm = connect(run(log=log))
    headers = {"Authorization": "Bearer secret-token", "x-ms-client-request-id": "me"}
    path = arm.identity_path()
    arm.send("PUT", path, {"location": "westeurope"}, headers=headers)
    arm.send("GET", path)

    entries = arm.send("GET", "/emulator/requests", headers={}).content

    assert [json.loads(line) for line in log.read_text().splitlines()] == entries
    assert "secret-token" not in log.read_text()
    first = entries[0]
    assert first.pop("time").endswith("Z")
    assert first == {
        "seq": 1,
        "method": "PUT",
        "path": path.partition("?")[0],
        "query": "api-version=2024-11-30",
        "status": 404,
        "carried_out": 404,
        "request": {"location": "westeurope"},
        "client_request_id": "me",
    }
    assert entries[1]["client_request_id"] is None
    arm.send("DELETE", "/emulator/requests", headers={})
    arm.send("GET", path)
    assert [e["seq"] for e in arm.send("GET", "/emulator/requests", headers={}).content] == [3]


def test_reset_forgets_everything(arm: Any) -> None:
    arm.create_service()
    arm.fault(status=500, times=None)
    arm.send("PUT", "/emulator/subscriptions", [{"subscriptionId": "x"}], headers={})

    assert arm.send("POST", "/emulator/reset", headers={}).status == 204

    assert arm.send("GET", "/emulator/requests", headers={}).content == []
    assert arm.service("GET").code == "ResourceGroupNotFound"


def test_health_needs_no_token(arm: Any) -> None:
    answer = arm.send("GET", "/emulator/health", headers={})

    assert (answer.status, answer.content) == (200, {"status": "ok"})


@pytest.mark.parametrize("content", [{}, [{}], [{"subscriptionId": 1}], [1]])
def test_subscriptions_are_declared_as_a_list(arm: Any, content: Any) -> None:
    answer = arm.send("PUT", "/emulator/subscriptions", content, headers={})

    assert (answer.status, answer.code) == (400, "EmulatorInvalidControlRequest")


def test_a_log_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="cannot be written: Is a directory; name another"):
        EmulatorServer(log=tmp_path).start()
