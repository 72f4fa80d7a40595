"""``make bench``: what runs cost, beside what they may cost.

Seconds depend on the machine, so each figure is also a ratio to something that is run right beside
it. Requests and modules are the same on every machine. ``make bench`` takes some minutes; a part of
it is run by ``python -m benchmarks plan startup``.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import figures, sharing, twin
from benchmarks.figures import Row

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "plan": figures.plan,
    "validation": figures.validation,
    "startup": figures.startup,
    "growth": figures.growth,
    "children": figures.children,
    "apply": figures.apply,
    "shards": sharing.shards,
    "cluster": sharing.cluster,
    "emulator": twin.emulator,
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    chosen = parser.parse_args().parts or list(PARTS)
    print(f"{machine()}\n")
    print("| figure | ours | target | met | beside |\n| --- | --- | --- | --- | --- |", flush=True)
    for part in chosen:
        for row in PARTS[part]():
            print(f"| {' | '.join(row)} |", flush=True)


def machine() -> str:
    """Return what was measured on."""
    system = f"{platform.system()} {platform.machine()}"
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    processor = f"{len(models)} x {models[0]}" if models else "unknown processors"
    return f"Python {sys.version.split()[0]}, {system}, {processor}"


if __name__ == "__main__":
    main()
