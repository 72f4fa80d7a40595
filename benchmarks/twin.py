"""How fast the emulator is, so that tests and rehearsals against it are not slowed down by it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from itertools import count

from benchmarks.figures import Row
from reconciler.emulator import EmulatorServer

LEAST_PER_SECOND = 500
"""Requests a keep-alive client can send each second."""

MOST_SLOWER = 2.0
"""How much longer a page of a list may take with a hundred times the resources."""

_GROUP = "/subscriptions/s/resourceGroups/g"
_LIST = f"{_GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
_VERSION = "api-version=2024-11-30"
_ROUNDS = 500


def emulator() -> Iterator[Row]:
    """Measure reads and writes over one connection, and a page of a list in small and large."""
    with EmulatorServer(page_size=100) as server:
        client = _Client(server.url)
        client.send("PUT", f"{_GROUP}?api-version=2024-11-01", {"location": "westeurope"})
        client.create(100)
        small = client.seconds(lambda _: client.send("GET", f"{_LIST}?{_VERSION}"), 50)
        writes = client.create(_ROUNDS)
        reads = client.seconds(lambda _: client.send("GET", f"{_LIST}/id-1?{_VERSION}"), _ROUNDS)
        client.create(10_000 - 100 - _ROUNDS)
        large = client.seconds(lambda _: client.send("GET", f"{_LIST}?{_VERSION}"), 50)
    for name, took in (("reads", reads), ("writes", writes)):
        rate = 1 / took
        met = "yes" if rate >= LEAST_PER_SECOND else "no"
        target = f"at least {LEAST_PER_SECOND:,}"
        yield Row(f"emulator: {name} each second, one connection", f"{rate:,.0f}", target, met)
    ratio = large / small
    yield Row(
        "emulator: a page of 100 of 10,000, beside one of 100",
        f"{ratio:.2f} x",
        f"at most {MOST_SLOWER:g} x",
        "yes" if ratio <= MOST_SLOWER else "no",
        f"{large * 1000:.1f} ms",
    )


class _Client:
    """A keep-alive client."""

    def __init__(self, url: str) -> None:
        self._wire = HTTPConnection(url.removeprefix("http://"), timeout=60)
        self._numbers = count()

    def send(self, method: str, path: str, body: object = None) -> None:
        """Send one request, which must work."""
        text = None if body is None else json.dumps(body)
        self._wire.request(method, path, text, {"Authorization": "Bearer bench"})
        answer = self._wire.getresponse()
        content = answer.read()
        assert answer.status < 300, content

    def create(self, number: int) -> float:
        """Create so many identities, and return the seconds each took."""
        paths = [f"{_LIST}/id-{next(self._numbers)}?{_VERSION}" for _ in range(number)]
        body = {"location": "westeurope", "tags": {"team": "mail"}}
        return self.seconds(lambda index: self.send("PUT", paths[index], body), number)

    @staticmethod
    def seconds(action: Callable[[int], None], rounds: int) -> float:
        """Return the seconds a round of an action takes."""
        start = time.perf_counter()
        for index in range(rounds):
            action(index)
        return (time.perf_counter() - start) / rounds
