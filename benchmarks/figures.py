"""The figures of ``make bench``: how each is measured, and what it may be."""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.estate import Estate
from benchmarks.floor import PAGE
from benchmarks.measure import RECONCILER, UNHURRIED, Cost, best, cost_of, floor

SIZE = 10_000
"""Resources in the estate that most figures are about."""

ROUNDS = 3
"""How often a run is repeated; the cheapest counts, since what disturbs one only adds to it."""

LATENCY = 0.05
"""Seconds before each answer, where latency is what counts."""

OPERATION = 17.0
"""Seconds until Azure has made a Communication Services resource, as recorded."""

LOAD_ALL = """
import sys, yaml
from pathlib import Path
for path in sorted(Path(sys.argv[1]).glob("*.yaml")):
    list(yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader))
"""
"""What many tools begin with, and all that this program does."""

ARGPARSE = """
import argparse
parser = argparse.ArgumentParser(prog="other", description="As many commands, on argparse alone.")
commands = parser.add_subparsers()
for name in sys.argv[2:]:
    command = commands.add_parser(name, help="Does something.")
    command.add_argument("paths", nargs="*")
    command.add_argument("--target", default="azure", help="Where to.")
parser.parse_args(["--help"])
"""

MODULES = """
import sys
bare = set(sys.modules)
from reconciler.cli.main import run
run(sys.argv[1:])
print(len(set(sys.modules) - bare))
"""


class Row(NamedTuple):
    """One line of the table, in words."""

    figure: str
    ours: str
    target: str
    met: str
    beside: str = ""


def at_most(
    figure: str, value: float, limit: float, unit: str, beside: str = "", digits: int = 2
) -> Row:
    """Return the row of a figure that may not be larger than a limit."""
    ours, target = f"{value:,.{digits}f} {unit}", f"at most {limit:,.{digits}f} {unit}"
    return Row(figure, ours.strip(), target.strip(), "yes" if value <= limit else "no", beside)


def times_less(figure: str, ours: float, theirs: float, factor: float) -> Row:
    """Return the row of a figure that has to be so many times smaller than somebody else's."""
    ratio = theirs / ours
    met = "yes" if ratio >= factor else "no"
    return Row(figure, f"{ours:,.4g}", f"{factor:g} x less than {theirs:,g}", met, f"{ratio:.0f} x")


@contextmanager
def written(estate: Estate) -> Iterator[Path]:
    """Write an estate's specs into a folder that goes away again."""
    with tempfile.TemporaryDirectory(prefix="reconciler-bench-") as name:
        folder = Path(name)
        (folder / ".git").mkdir()
        estate.write(folder)
        yield folder


def plan_cost(estate: Estate, rounds: int = ROUNDS) -> tuple[Cost, int, Cost]:
    """Return what a plan without changes costs, its requests, and the cost of loading alone."""
    plans, loads, requests = [], [], 0
    with written(estate) as folder, floor(estate) as endpoint:
        for _ in range(rounds):
            ran = cost_of([*RECONCILER, "plan", "--quiet", "--target", endpoint.url], folder)
            assert ran.code == 0, f"the plan is not empty: exit code {ran.code}\n{ran.output}"
            plans.append(ran)
            requests = sum(endpoint.counts().values())
            loads.append(cost_of([sys.executable, "-c", LOAD_ALL, str(folder / "specs")]))
    return best(plans), requests, best(loads)


def plan() -> Iterator[Row]:
    """Measure plans in which nothing is to be done, one of them beside Terraform's."""
    ours, requests, load = plan_cost(Estate(SIZE))
    what = f"plan of {SIZE:,} resources, no change"
    ratio = f"{ours.cpu / load.cpu:.2f} x CSafeLoader on the same files ({load.cpu:.2f} s)"
    yield at_most(f"{what}: CPU", ours.cpu, 3.0, "s", ratio)
    yield at_most(f"{what}: memory", ours.memory, 150, "MB", digits=0)
    lists = 2 * math.ceil(SIZE / 2 / PAGE)
    yield at_most(f"{what}: requests", requests, lists, "", "a page of a list each", digits=0)
    ours, requests, _ = plan_cost(Estate(1_000))
    yield times_less("plan of 1,000: CPU s, beside Terraform + azapi", ours.cpu, 92, 40)
    yield times_less("plan of 1,000: requests, beside Terraform + azapi", requests, 1003, 100)


def validation() -> Iterator[Row]:
    """Measure the schemas alone, on documents that have been read already."""
    with written(Estate(SIZE)) as folder:
        ran = [cost_of([sys.executable, "-m", "benchmarks.schemas", str(folder)]) for _ in range(2)]
    fast, slow = map(min, zip(*(json.loads(cost.output) for cost in ran), strict=True))
    what = f"schemas of {SIZE:,} valid resources: CPU"
    yield at_most(what, fast, 0.3, "s", f"jsonschema alone: {slow:.2f} s, {slow / fast:.0f} x")


def startup() -> Iterator[Row]:
    """Measure commands that do next to nothing, beside a program on argparse with as many."""
    from reconciler.cli.main import COMMANDS

    script = str(Path(sys.executable).with_name("reconciler"))
    other = [sys.executable, "-c", f"import sys\n{ARGPARSE}", "-", *COMMANDS]
    with written(Estate(2)) as folder:
        for arguments, libraries in (
            (["--help"], "click"),
            (["validate"], "click, yaml, jsonschema_rs"),
        ):
            bare = [sys.executable, "-c", f"import {libraries}"]
            commands = ([script, *arguments], other, bare)
            rounds = [[cost_of(command, folder).cpu for command in commands] for _ in range(15)]
            ours, theirs, least = map(min, zip(*rounds, strict=True))
            name = f"reconciler {' '.join(arguments)}{' of one file' * ('-' not in arguments[0])}"
            beside = f"{ours * 1000:.0f} ms, argparse {theirs * 1000:.0f} ms"
            beside += f"; {least * 1000:.0f} ms to import {libraries}"
            yield at_most(f"{name}: CPU, beside argparse alone", ours / theirs, 1.5, "x", beside)
            ran = cost_of([sys.executable, "-c", MODULES, *arguments], folder)
            modules = int(ran.output.split()[-1])
            yield at_most(f"{name}: modules imported", modules, 110, "", digits=0)


def growth() -> Iterator[Row]:
    """Measure how the cost of a plan grows with the number of resources."""
    sizes = (1_000, 10_000, 100_000)
    costs = [plan_cost(Estate(size), rounds=2 if size > SIZE else ROUNDS)[0] for size in sizes]
    words = ", ".join(
        f"{size:,}: {cost.cpu:.2f} s and {cost.memory:.0f} MB"
        for size, cost in zip(sizes, costs, strict=True)
    )
    exponent = slope(sizes[1:], [cost.cpu for cost in costs[1:]])
    yield at_most("growth from 10,000 to 100,000: exponent of CPU", exponent, 1.05, "", words)


def slope(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """Return the exponent of the growth between the first and the last of some sizes."""
    return math.log(costs[-1] / costs[0]) / math.log(sizes[-1] / sizes[0])


def children() -> Iterator[Row]:
    """Measure what Azure lists nowhere but in its parent, with the latency of a real endpoint."""
    from reconciler.engine.observe import WORKERS

    estate = Estate(3_000, mail=True)
    with written(estate) as folder, floor(estate, latency=LATENCY) as endpoint:
        ours = cost_of([*RECONCILER, "plan", "--quiet", "--target", endpoint.url], folder)
        requests = sum(endpoint.counts().values())
        host = endpoint.url.removeprefix("http://")
        bare = [sys.executable, "-m", "benchmarks.bare", host, f"--workers={WORKERS}"]
        theirs = cost_of([*bare, f"--size={estate.size}"])
    assert (ours.code, theirs.code) == (0, 0)
    what = "plan of 1,000 email services with a domain and a sender each, at 50 ms: wall"
    words = f"{requests:,} requests, {WORKERS} at once: {ours.wall:.1f} s"
    beside = f"{words}; a client that only asks: {theirs.wall:.1f} s"
    floor_wall = requests * LATENCY / WORKERS
    yield at_most(what, ours.wall / floor_wall, 1.3, "x requests x latency / at once", beside)


def apply() -> Iterator[Row]:
    """Measure creates: a thousand in the time that Azure takes for them, and many at once."""
    from reconciler.engine.clock import LOCAL_HASTE

    pairs = 500
    estate = Estate(2 * pairs)
    ours, counts = _apply_cost(estate, UNHURRIED, latency=LATENCY, operation=OPERATION)
    asked = counts["GET"] + counts["PUT"] + counts["POST"]
    least, words = _least(pairs)
    what = "apply of 1,000 creates at 50 ms, 17 s an operation, in real time: wall"
    target = "x ARM's budget and the last operation"
    yield at_most(what, ours.wall / least, 1.15, target, f"{ours.wall:.0f} s; {words}")
    what = "apply of 1,000 creates"
    words = ", ".join(f"{count:,} {method}" for method, count in sorted(counts.items()))
    yield at_most(f"{what}: requests, beside Terraform + azapi", asked, 3505, "", words, digits=0)
    ours, _ = _apply_cost(estate, RECONCILER, operation=OPERATION * LOCAL_HASTE)
    yield times_less(f"{what}: CPU s, beside Terraform + azapi", ours.cpu, 236, 20)
    ours, _ = _apply_cost(Estate(SIZE), RECONCILER)
    words = f"{ours.cpu:.0f} s of CPU, {ours.cpu / SIZE * 1000:.1f} ms a create"
    yield at_most(f"apply of {SIZE:,} creates: memory", ours.memory, 512, "MB", words, digits=0)


def _least(pairs: int) -> tuple[float, str]:
    """Return the seconds below which no apply of so many pairs can be, and what they are made of.

    Whether the names are free is asked before anything is written. Then ARM takes writes, and those
    of identities, as its buckets hold and fill; and what is attached to the last identity is made.
    """
    from reconciler.core.sending.throttle import IDENTITY_WRITES, LIMITS, Call, Limit

    def taken(limit: Limit, requests: int) -> float:
        return max(0.0, (requests - limit.depth) / limit.per_second)

    names = taken(LIMITS[Call.WRITES], pairs)
    identities = taken(IDENTITY_WRITES, pairs)
    writes = taken(LIMITS[Call.WRITES], 3 * pairs)
    words = (
        f"ARM takes {3 * pairs:,} writes in {writes:.0f} s, of these {pairs:,} questions for names"
        f" in {names:.0f} s, and then {pairs:,} identities in {identities:.0f} s"
    )
    return max(names + identities, writes) + OPERATION, words


def _apply_cost(
    estate: Estate, program: Sequence[str], latency: float = 0.0, operation: float = 0.0
) -> tuple[Cost, Mapping[str, int]]:
    """Return what it costs to create everything, and the requests by method."""
    with (
        written(estate) as folder,
        floor(estate, latency=latency, operation=operation, empty=True) as endpoint,
    ):
        command = [*program, "apply", "--yes", "--quiet", "--target", endpoint.url]
        ran = cost_of(command, folder)
        assert ran.code == 0, f"the apply did not converge: exit code {ran.code}\n{ran.output}"
        return ran, endpoint.counts()
