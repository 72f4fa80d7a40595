"""The program ``reconciler``, also as ``python -m reconciler``: a process of its own."""

import gc
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and exit.

    Hardly anything that a run makes is garbage: to look for it took a tenth of a small command and
    a seventh of a large plan. So it is looked for seldom, also while modules are imported, and at
    the end not at all: what is left goes with the process.
    """
    gc.set_threshold(100_000, 50, 1000)
    from reconciler.cli.main import run

    code = run()
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
