"""Runs a program to its end, and says what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.estate import Estate
from benchmarks.floor import COUNTS

ROOT = Path(__file__).resolve().parents[1]
RECONCILER = (sys.executable, "-m", "reconciler")
UNHURRIED = (sys.executable, "-m", "benchmarks.unhurried")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a program took."""

    cpu: float
    """Seconds of the processor, in the program and in the kernel for it."""
    wall: float
    """Seconds on the clock."""
    memory: float
    """Most memory in use at once, in MB of 1,000,000 bytes."""
    code: int
    """The exit code."""
    output: str


def cost_of(command: Sequence[str], folder: Path = ROOT) -> Cost:
    """Run a program and return its cost.

    The figures are those of `wait4`. The memory of a child begins with that of the parent it is
    made from, so this process has to stay small.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RECONCILER_")}
    environment["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode()
    unit = 1 if sys.platform == "darwin" else 1024
    memory = usage.ru_maxrss * unit / 1e6
    return Cost(usage.ru_utime + usage.ru_stime, wall, memory, child.returncode, text)


def best(costs: Sequence[Cost]) -> Cost:
    """Return the cheapest of several runs: what disturbs a run only ever adds to it."""
    return min(costs, key=lambda cost: cost.cpu)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A floor that is running."""

    url: str

    def counts(self) -> Mapping[str, int]:
        """Return the requests by method since the last look."""
        wire = HTTPConnection(self.url.removeprefix("http://"), timeout=60)
        wire.request("GET", COUNTS)
        counts: Mapping[str, int] = json.loads(wire.getresponse().read())
        wire.close()
        return counts


@contextmanager
def floor(
    estate: Estate, *, latency: float = 0.0, operation: float = 0.0, empty: bool = False
) -> Iterator[Endpoint]:
    """Serve an estate from another process, as `benchmarks.floor.Floor` says."""
    options = [f"--size={estate.size}", f"--subscriptions={estate.subscriptions}"]
    options += [
        f"--latency={latency}",
        f"--operation={operation}",
        *["--mail"] * estate.mail,
        *["--empty"] * empty,
    ]
    command = (sys.executable, "-m", "benchmarks.floor", *options)
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        try:
            yield Endpoint(server.stdout.readline().strip())
        finally:
            server.stdin.close()
