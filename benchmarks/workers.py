"""A cluster of two workers in a process of its own, of which one can be killed."""

from __future__ import annotations

import os
import signal
import sys

from distributed import LocalCluster

WORKERS = 2


def main() -> None:
    """Print the scheduler's address; kill a worker for each line of stdin, until that ends."""
    cluster = LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=WORKERS, threads_per_worker=2, dashboard_address=None
    )
    with cluster:
        print(cluster.scheduler_address, flush=True)
        for _ in sys.stdin:
            os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
