"""A process that has imported everything, and makes a run of the command line in no time.

It reads a JSON object a line (``arguments``, ``folder``, ``environment``, ``output``), forks, and
answers with the pid of the child, which is a run like any other: it can be killed with -9.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

IMPORTED = (
    "azure.mgmt.communication",
    "azure.mgmt.msi.v2024_11_30",
    "reconciler.app.applying.apply",
    "reconciler.app.sealed.plan_file",
    "reconciler.app.applying.run",
    "reconciler.cli.commands.change",
    "reconciler.cli.commands.runs",
    "reconciler.render.plan.text",
    "reconciler.render.runs.report_text",
)


def main() -> None:
    """Serve until standard input ends."""
    for name in IMPORTED:
        importlib.import_module(name)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            _run(order)
        _say(pid)
        _, status = os.waitpid(pid, 0)
        _say(os.waitstatus_to_exitcode(status))


def _say(number: int) -> None:
    """Answer."""
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _run(order: dict[str, Any]) -> None:
    """Run the command line and end this process."""
    from reconciler.cli.main import run

    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number in (1, 2):
        os.dup2(output, number)
    os.chdir(order["folder"])
    os.environ.update(order["environment"])
    code = 1
    try:
        code = run(order["arguments"])
        sys.stdout.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
