"""``python -m tests.parity RECORDINGS [PAGE]``: replay, say what differs, and write the page."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.parity.recording import read
from tests.parity.replay import replay
from tests.parity.report import explanations, tally


def main(arguments: list[str]) -> int:
    """Return 1 when a difference has no explanation, or an explanation no difference."""
    if not 1 <= len(arguments) <= 2 or not Path(arguments[0]).is_file():
        sys.stderr.write("usage: make parity RECORDINGS=FILE (see tests/parity/__init__.py)\n")
        return 64
    outcomes = (outcome for calls in read(Path(arguments[0])) for outcome in replay(calls))
    report = tally(outcomes, explanations())
    for line in report.complaints():
        sys.stdout.write(f"{line}\n")
    if len(arguments) == 2:
        Path(arguments[1]).write_text(report.markdown(), encoding="utf-8")
    sys.stdout.write(
        f"parity: {report.replayed.total()} replayed, {report.identical.total()} identical, "
        f"{report.explained.total()} explained, {len(report.unexplained)} unexplained\n"
    )
    return 1 if report.unexplained or report.idle else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
