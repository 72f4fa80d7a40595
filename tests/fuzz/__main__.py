"""``make fuzz``: many inputs, no traceback, none that takes long. Exit code 1 if one does.

Inputs that do something new are kept in tests/documents/corpus with ``--keep``; tests replay them.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
import traceback
from random import Random

from tests.fuzz.mutate import CORPUS, ROOT, mutated, seeds
from tests.fuzz.target import attempt, signature

SLOW = 2.0
"""Seconds that no input may take."""

MOST = 10
"""Failures after which it is enough."""

SMALL = 2_000
"""Bytes that an input has at most to be kept."""


def main() -> int:
    """Try inputs, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=int, default=0, metavar="N", help="keep N new ones at most")
    options = parser.parse_args()
    known = {signature(attempt(text)) for text in seeds()}
    begun, tried, failures, kept, slowest = time.monotonic(), 0, 0, 0, 0.0
    while tried < options.inputs and failures < MOST:
        name = f"{options.seed}/{tried}"
        content = mutated(Random(name))
        tried += 1
        started = time.process_time()
        sort = tried_one(content, name)
        took = time.process_time() - started
        slowest = max(slowest, took)
        if took > SLOW:
            say(f"input {name} took {took:.1f} s")
        failures += sort is None or took > SLOW
        if sort is not None and sort not in known:
            known.add(sort)
            if kept < options.keep and len(content) <= SMALL:
                kept += 1
                (CORPUS / hashlib.sha256(content).hexdigest()[:12]).write_bytes(content)
    seconds = time.monotonic() - begun
    say(
        f"fuzz: {tried:,} inputs in {seconds:.0f} s (seed {options.seed}), {len(known):,} sorts of"
        f" findings, slowest {slowest:.2f} s, {kept} kept, {failures} failures"
    )
    return 1 if failures else 0


def tried_one(content: bytes, name: str) -> str | None:
    """Return the signature of an input, None if it made something fail."""
    try:
        return signature(attempt(content))
    except Exception:  # noqa: BLE001 - that is what is looked for
        place = ROOT / f".fuzz-{hashlib.sha256(content).hexdigest()[:12]}"
        place.write_bytes(content)
        say(f"input {name}, kept as {place}:\n{traceback.format_exc()}")
        return None


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
