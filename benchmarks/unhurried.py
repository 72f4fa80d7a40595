"""The program as it is, but for one thing: it waits for a target on this machine as for Azure.

``python -m benchmarks.unhurried apply ...``
"""

from __future__ import annotations

import sys

from reconciler.cli.main import run
from reconciler.engine import clock

if __name__ == "__main__":
    clock.LOCAL_HASTE = 1.0
    sys.exit(run(sys.argv[1:]))
