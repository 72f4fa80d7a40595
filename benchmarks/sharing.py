"""A plan of many subscriptions, shared among processes of which one is killed and run again."""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.estate import Estate
from benchmarks.figures import Row, at_most, written
from benchmarks.measure import RECONCILER, Cost, cost_of, floor

ESTATE = Estate(20_000, subscriptions=40)
COUNT = 4
"""Shards."""


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
