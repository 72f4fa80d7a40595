"""Recorded calls, sent to an emulator one after the other.

The recordings leave out what was there before, and how much time went by. Both are made up for:
what a recorded answer presupposes is seeded, and the clock of the emulator stands still while the
recording shows an operation in progress, and jumps to its end otherwise.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from reconciler.emulator import EmulatorServer
from tests.parity.compare import Comparison, Difference
from tests.parity.presupposed import gone, presupposed
from tests.parity.recording import OPERATION, Recorded

SECONDS = 60.0
"""How long an operation takes on the clock of the replay."""

_TOKEN = {"Authorization": "Bearer replay", "Content-Type": "application/json"}
_LINKS = ("azure-asyncoperation", "location")


@dataclass
class HeldClock:
    """A clock that goes on only when it is told to."""

    time: float = 1_742_000_000.0

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return self.time


@dataclass(frozen=True)
class Outcome:
    """A call that was replayed, and in what the answers differ."""

    call: Recorded
    differences: list[Difference]
    echoed: bool = False
    """Whether the resource was seeded from the very answer that is compared."""


@dataclass
class Replay:
    """One sequence on its way through an emulator."""

    wire: http.client.HTTPConnection
    clock: HeldClock
    comparison: Comparison = field(default_factory=Comparison)
    operations: dict[str, str] = field(default_factory=dict)
    """Where the emulator tells the status of each recorded operation, by recorded name."""

    def outcome(self, call: Recorded) -> Outcome:
        """Send one call and compare the answers."""
        self.clock.time += 0.001 if call.runs else SECONDS
        echoed = self._prepare(call)
        target = self.operations.get(call.operation or "", f"{call.path}?{call.query}")
        body = None if call.request is None else self._translated(call.request)
        status, headers, content = self.send(call.method, self._translated(target), body)
        self._learn(call, headers)
        found = self.comparison.differences(call, status, headers, content)
        return Outcome(call, found, echoed)

    def send(self, method: str, target: str, body: Any = None) -> tuple[int, dict[str, str], Any]:
        """Send a request; return status, headers by lower-case name, and the body."""
        text = None if body is None else json.dumps(body)
        self.wire.request(method, target, text, _TOKEN)
        answer = self.wire.getresponse()
        raw = answer.read().decode()
        content = "null" if raw == "null" else json.loads(raw) if raw else None
        return answer.status, {n.lower(): v for n, v in answer.getheaders()}, content

    def _prepare(self, call: Recorded) -> bool:
        """Bring the state to what the recorded answer presupposes; tell whether it is an echo."""
        if call.status == 429 and isinstance(call.response, dict):
            headers = {"Retry-After": call.headers.get("retry-after", "1")}
            fault = {"status": 429, "headers": headers, **call.response["error"]}
            self.send("POST", "/emulator/faults", fault)
        there = {entry["key"] for entry in self.send("GET", "/emulator/snapshot")[2]["resources"]}
        for path in gone(call, there):
            self.send("DELETE", path)
            self.clock.time += SECONDS
        needed, own = presupposed(call, there)
        status, _, answer = self.send("POST", "/emulator/seed", [*needed, *own])
        assert status == 204, answer
        return bool(own) and call.method != "DELETE"

    def _learn(self, call: Recorded, headers: dict[str, str]) -> None:
        """Remember where the emulator tells the status of an operation."""
        for name in _LINKS:
            match = OPERATION.search(call.headers.get(name, ""))
            if match and name in headers:
                parts = urlsplit(headers[name])
                self.operations[match[1]] = f"{parts.path}?{parts.query}"

    def _translated(self, value: Any) -> Any:
        """Return what is sent with the emulator's identifiers in place of the recorded ones."""
        text = json.dumps(value)
        for recorded, emulated in self.comparison.guids.items():
            text = text.replace(recorded, emulated)
        return json.loads(text)


def replay(sequence: list[Recorded]) -> Iterator[Outcome]:
    """Replay one sequence against an emulator of its own."""
    clock = HeldClock()
    with EmulatorServer(operations=f"seconds:{SECONDS}", clock=clock) as emulator:
        wire = http.client.HTTPConnection(emulator.url.removeprefix("http://"), timeout=30)
        wire_replay = Replay(wire, clock)
        for call in sequence:
            yield wire_replay.outcome(call)
        wire.close()
