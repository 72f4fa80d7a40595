"""A plan of many subscriptions, shared among processes of which one is killed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE

from benchmarks.estate import Estate
from benchmarks.figures import LATENCY, Row, at_most, written
from benchmarks.measure import RECONCILER, ROOT, Cost, Endpoint, cost_of, floor
from reconciler.cluster.lanes import UNIT

ESTATE = Estate(100_000, subscriptions=200)
MAIL = Estate(3_000, subscriptions=20, mail=True)
COUNT = 4
"""Shards."""
WORKERS = 2
"""Of a cluster."""


def shards() -> Iterator[Row]:
    """Measure whether the report of many shards is that of one machine, and what they cost."""
    with written(ESTATE) as folder, floor(ESTATE) as endpoint:
        plan = [*RECONCILER, "plan", "--quiet", "--target", endpoint.url]
        whole = cost_of([*plan, "-o", "json"], folder)
        asked = endpoint.counts()["GET"]
        _killed([*plan, *_shard(1)], folder)
        endpoint.counts()
        parts = [cost_of([*plan, *_shard(number)], folder) for number in range(1, COUNT + 1)]
        again = endpoint.counts()["GET"]
        names = [f"part-{number}.json" for number in range(1, COUNT + 1)]
        merge = [*RECONCILER, "report", "merge", "--require-complete", "-o", "json"]
        merged = cost_of([*merge, *names], folder)
    what = f"{ESTATE.size:,} resources in {ESTATE.subscriptions} subscriptions, {COUNT} shards"
    same = _digest(merged) == _digest(whole)
    words = f"{len(whole.output):,} bytes of JSON; one shard was killed and run again"
    yield Row(f"{what}: merged report", "the same" if same else "another",
              "that of one machine, to the byte", "yes" if same else "no", words)  # fmt: skip
    yield at_most(f"{what}: requests of all", again, asked, "", digits=0)
    most = max(part.memory for part in parts)
    words = f"one machine: {whole.cpu:.0f} s of CPU and {whole.memory:.0f} MB"
    cpu = max(part.cpu for part in parts)
    yield at_most(f"{what}: CPU of a shard", cpu, whole.cpu, "s", words)
    words = f"merge: {merged.cpu:.0f} s of CPU and {merged.memory:.0f} MB"
    yield at_most(f"{what}: memory of a shard", most, whole.memory, "MB", words, digits=0)


def cluster() -> Iterator[Row]:
    """Measure whether a plan read by workers is that of one machine, when one of them is killed."""
    with written(ESTATE) as folder, floor(ESTATE) as endpoint, _workers() as workers:
        plan = [*RECONCILER, "plan", "--quiet", "--target", endpoint.url, "-o", "json"]
        whole = cost_of(plan, folder)
        asked = endpoint.counts()["GET"]
        before = Counter[str]()
        with ThreadPoolExecutor() as pool:
            killing = pool.submit(_kill_when, lambda: _seen(endpoint, before) > asked // 4, workers)
            spread = cost_of([*plan, *workers.option], folder)
            killing.result()
        again = _seen(endpoint, before)
    what = f"{ESTATE.size:,} resources in {ESTATE.subscriptions} subscriptions, two workers of Dask"
    same = _digest(spread) == _digest(whole)
    words = f"{len(whole.output):,} bytes of JSON; one of the two workers was killed meanwhile"
    yield Row(f"{what}: report", "the same" if same else "another",
              "that of one machine, to the byte", "yes" if same else "no", words)  # fmt: skip
    words = f"{again - asked} more than by one machine: what the killed worker had asked"
    yield at_most(f"{what}: requests", again, asked + WORKERS * UNIT, "", words, digits=0)
    words = f"one machine: {whole.cpu:.0f} s of CPU and {whole.memory:.0f} MB"
    yield at_most(f"{what}: CPU of the run itself", spread.cpu, whole.cpu, "s", words)
    most, words = 1.1 * whole.memory, "a tenth more than one machine"
    yield at_most(f"{what}: memory of the run itself", spread.memory, most, "MB", words, digits=0)
    yield _waiting()


def _waiting() -> Row:
    """Measure what a cluster saves where most of a plan is waiting."""
    with written(MAIL) as folder, floor(MAIL, latency=LATENCY) as endpoint, _workers() as workers:
        plan = [*RECONCILER, "plan", "--quiet", "--target", endpoint.url]
        alone, spread = cost_of(plan, folder), cost_of([*plan, *workers.option], folder)
    assert alone.output == spread.output
    what = (
        f"plan of 1,000 email services in {MAIL.subscriptions} subscriptions at 50 ms,"
        " two workers of Dask: wall"
    )
    words = f"CPU of the run itself {spread.cpu:.1f} s, of one machine {alone.cpu:.1f} s"
    return at_most(what, spread.wall, alone.wall, "s", words, digits=1)


@dataclass(frozen=True, slots=True)
class Workers:
    """A cluster that is running."""

    address: str
    kill: Callable[[], None]

    @property
    def option(self) -> Sequence[str]:
        """What makes a plan read through them."""
        return ("--cluster", self.address)


@contextmanager
def _workers() -> Iterator[Workers]:
    """Run a cluster in another process: this one has to stay small."""
    command = (sys.executable, "-m", "benchmarks.workers")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        told = child.stdin

        def kill() -> None:
            told.write("kill\n")
            told.flush()

        try:
            yield Workers(child.stdout.readline().strip(), kill)
        finally:
            told.close()


def _seen(endpoint: Endpoint, before: Counter[str]) -> int:
    """Return how many reads there were, with those of earlier looks."""
    before.update(endpoint.counts())
    return before["GET"]


def _kill_when(holds: Callable[[], bool], workers: Workers) -> None:
    """Kill a worker as soon as something holds."""
    while not holds():
        time.sleep(0.02)  # noqa: TID251
    workers.kill()


def _shard(number: int) -> list[str]:
    """Return the options of a shard."""
    return ["--shard", f"{number}/{COUNT}", "--part", f"part-{number}.json"]


def _killed(command: list[str], folder: Path) -> None:
    """Begin a run, and kill it without a word."""
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as run:
        time.sleep(3)  # noqa: TID251  (somewhere in the middle, and it does not matter where)
        run.kill()


def _digest(cost: Cost) -> str:
    """Return what stands for the output of a run."""
    return hashlib.sha256(cost.output.encode()).hexdigest()
