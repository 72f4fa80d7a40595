"""``make chaos``: kill at every boundary, apply through storms, and print the figures.

python -m tests.chaos                 writes and reads, three storms: about ten minutes
python -m tests.chaos --writes-only   without killing between reads
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.kills import Figures, boundaries, kill, staged
from tests.chaos.stories import STORIES
from tests.chaos.storm import storm
from tests.chaos.world import world

SCALE = 20
"""Tens of resources in a storm."""

SEEDS = (1, 2, 3)


def main() -> int:
    """Run all of it; return 1 if anything was violated."""
    reads = "--writes-only" not in sys.argv[1:]
    figures, begun = Figures(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as made:
        for story in STORIES:
            stage = staged(made, story)
            places = list(boundaries(stage, reads=reads))
            _say(f"{story.name}: {len(places)} boundaries")
            for place in places:
                kill(made, stage, place, figures)
                if place["method"] != "GET":
                    kill(made, stage, place, figures, from_file=True)
            _say(f"  killed {figures.killed} so far, violations {len(figures.violations)}")
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as made:
            _say(f"storm {seed}: {SCALE * 10} resources")
            storm(made, figures, scale=SCALE, seed=seed)
    for violation in figures.violations:
        _say(f"VIOLATION {violation}")
    _say(
        f"boundaries killed {figures.killed}, faults injected {figures.faults},"
        f" requests {figures.requests}, violations {len(figures.violations)},"
        f" in {time.monotonic() - begun:.0f} s"
    )
    return 1 if figures.violations else 0


def _say(words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
