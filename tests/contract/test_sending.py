"""How requests are sent: through the real SDK to the emulator, with faults between."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from reconciler.arm.clients import Clients
from reconciler.arm.reader import ArmReader
from reconciler.arm.sending import Sending
from reconciler.arm.target import Target
from reconciler.arm.writer import ArmWriter
from reconciler.engine.interrupt import Interrupt, Stop, WatchedClock
from reconciler.engine.ports import Clock, RequestFailedError, Sent
from reconciler.kinds import KINDS
from reconciler.kinds.kind import lookup
from reconciler.model.event import Event, RequestDelayed
from reconciler.model.failure import FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Verb
from reconciler.model.value import Json
from tests.conftest import Arm, identity, service

KIND = KINDS["CommunicationService"]
ACS = ResourceId(service("acs-x"))
BODY: dict[str, Json] = {"location": "global", "properties": {"dataLocation": "Europe"}}


class Virtual:
    """A clock that waits for nothing and counts what it was asked to."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.seconds += seconds


@dataclass
class Record:
    """Hears of every write."""

    lines: list[tuple[Any, ...]] = field(default_factory=list)
    refuse: Callable[[], None] = lambda: None

    def leaving(self, method: str, path: str, attempt: int, body: bytes) -> None:
        self.refuse()
        self.lines.append(
            ("leaving", method, path.rpartition("/")[2], json.loads(body or b"null"), attempt)
        )

    def answered(self, method: str, path: str, answer: Sent) -> None:
        self.lines.append(("answered", method, answer.status, bool(answer.correlation_id)))


@dataclass
class Sender:
    """Reader and writer with a clock of our own."""

    reader: ArmReader
    writer: ArmWriter
    clock: Virtual
    heard: list[Event]
    record: Record

    @property
    def waits(self) -> list[float]:
        """Return the waits that were told, to a tenth of a second."""
        return [round(event.wait, 1) for event in self.delays]

    @property
    def delays(self) -> list[RequestDelayed]:
        """Return what was told of waits."""
        return [event for event in self.heard if isinstance(event, RequestDelayed)]


@contextmanager
def sender(url: str, interrupt: Interrupt | None = None) -> Iterator[Sender]:
    """Yield what sends to an address."""
    virtual, heard, record = Virtual(), list[Event](), Record()
    clock: Clock = virtual if interrupt is None else WatchedClock(virtual, interrupt)
    clients = Clients(Target(url), writes=True, sending=Sending(clock, heard.append, (record,)))
    yield Sender(ArmReader(clients), ArmWriter(clients), virtual, heard, record)
    clients.close()


@pytest.fixture
def real(arm: Arm) -> Iterator[Sender]:
    """Yield what sends to the emulator."""
    with sender(arm.url) as made:
        yield made


def put(made: Sender) -> None:
    """Create the service."""
    made.writer.write(KIND, Verb.PUT, ACS, BODY)


def sent(arm: Arm, method: str) -> list[int | None]:
    """Return how each request with a method was answered."""
    return [entry["status"] for entry in arm.requests() if entry["method"] == method]


def test_a_read_waits_as_long_as_azure_asks_and_says_so(arm: Arm, real: Sender) -> None:
    arm.fault(method="GET", throttle=17, times=2)
    assert real.reader.get(KIND, ACS) is None
    assert sent(arm, "GET") == [429, 429, 404]
    assert real.waits == [17.0, 17.0]
    assert real.delays[0].request == f"GET {ACS}"
    assert real.delays[0].reason == "since it was answered with 429"


def test_a_throttled_write_is_sent_again_since_it_was_not_carried_out(
    arm: Arm, real: Sender
) -> None:
    arm.fault(method="PUT", throttle=None, times=2)
    put(real)
    assert sent(arm, "PUT") == [429, 429, 201]
    assert [line[-1] for line in real.record.lines if line[0] == "leaving"] == [1, 2, 3]


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"status": 503}, {"status": 408}, {"cut": True}]
)
@pytest.mark.parametrize("after", [False, True])
def test_a_write_whose_fate_is_unknown_is_not_sent_again(
    arm: Arm, real: Sender, fault: dict[str, Any], after: bool
) -> None:
    arm.fault(method="PUT", after=after, **fault)
    with pytest.raises(RequestFailedError) as caught:
        put(real)
    assert caught.value.failure.kind is FailureClass.TRANSIENT
    assert caught.value.failure.maybe_done
    assert len(sent(arm, "PUT")) == 1


def test_nothing_was_done_by_a_request_that_never_left(arm: Arm) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with sender(f"http://127.0.0.1:{unused.getsockname()[1]}") as made:
            with pytest.raises(RequestFailedError) as caught:
                put(made)
            assert not caught.value.failure.maybe_done
            assert len(made.waits) == 4


def test_a_post_is_sent_once_whatever_happens(arm: Arm, real: Sender) -> None:
    put(real)
    arm.forget()
    arm.fault(method="POST", throttle=1)
    with pytest.raises(RequestFailedError):
        real.writer.act(KIND, ACS, "linkNotificationHub", {"resourceId": "x"})
    assert sent(arm, "POST") == [429]


def test_one_refusal_keeps_every_worker_from_sending(arm: Arm, real: Sender) -> None:
    arm.fault(method="GET", throttle=30)
    real.reader.get(KIND, ACS)
    asked = real.clock.seconds
    assert asked >= 30
    real.reader.get(KIND, ResourceId(service("acs-y")))
    assert real.clock.seconds == asked


def test_reads_do_not_wait_for_writes(arm: Arm, real: Sender) -> None:
    arm.fault(method="DELETE", throttle=100, times=1)
    real.writer.write(KINDS["UserAssignedIdentity"], Verb.DELETE, ResourceId(identity("i")), None)
    before = real.clock.seconds
    real.reader.get(KIND, ACS)
    assert real.clock.seconds == before


def test_an_operation_that_cannot_be_found_is_left_to_the_look_at_the_resource(
    arm: Arm, real: Sender
) -> None:
    arm.fault(method="PUT", vanish=True)
    put(real)
    body = real.reader.get(KIND, ACS)
    assert body is not None
    assert lookup(body, ("properties", "provisioningState")) == "Succeeded"


def test_an_operation_that_failed_is_a_failure_with_its_code(arm: Arm, real: Sender) -> None:
    arm.fault(method="PUT", operation="Failed", code="Exploded", message="bang")
    with pytest.raises(RequestFailedError) as caught:
        put(real)
    assert (caught.value.failure.code, caught.value.failure.kind) == (
        "Exploded",
        FailureClass.REFUSED,
    )


def test_every_write_is_recorded_before_it_leaves_and_when_it_is_answered(
    arm: Arm, real: Sender
) -> None:
    put(real)
    assert real.record.lines == [
        ("leaving", "PUT", "acs-x", BODY, 1),
        ("answered", "PUT", 201, True),
    ]


def test_what_a_recorder_refuses_does_not_leave(arm: Arm, real: Sender) -> None:
    interrupt = Interrupt()
    interrupt.set(Stop.LOCK)
    real.record.refuse = interrupt.refuse_to_wait
    with pytest.raises(RequestFailedError) as caught:
        put(real)
    assert caught.value.failure.kind is FailureClass.STOPPED
    assert sent(arm, "PUT") == []


def test_nothing_is_waited_for_past_the_end_of_the_run(arm: Arm) -> None:
    arm.fault(method="GET", throttle=1000, times=None)
    interrupt = Interrupt()
    with sender(arm.url, interrupt) as made:
        interrupt.end_after(made.clock, 60.0)
        with pytest.raises(RequestFailedError) as caught:
            made.reader.get(KIND, ACS)
        assert caught.value.failure.code == "deadline"
        assert 60 <= made.clock.seconds < 62
