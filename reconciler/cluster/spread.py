"""A run whose reads are spread over a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from reconciler.arm.target import Target
from reconciler.cluster.lanes import Lanes
from reconciler.cluster.reader import ClusterReader
from reconciler.cluster.scheduler import connected
from reconciler.engine.clock import SystemClock
from reconciler.engine.interrupt import listening
from reconciler.engine.ports import Listener, Reader


@contextmanager
def spread(
    address: str, target: Target, tenants: Mapping[str, str], listener: Listener
) -> Iterator[Callable[[Reader], Reader]]:
    """Yield what makes a reader that asks through workers out of one that asks by itself.

    Args:
        address: where the scheduler is.
        target: whom the workers ask.
        tenants: tenant ids by subscription id, where they are not that of the sign-in.
        listener: hears of what has ended.

    Raises:
        UsageError: Dask is not installed, or this is no address.
        UnavailableError: there is no scheduler, or its workers are of another version.

    """
    with listening(raising=True) as interrupt, connected(address) as cluster:
        lanes = Lanes(cluster, target.endpoint, tenants, listener, SystemClock(), interrupt)
        yield lambda own: ClusterReader(lanes, own)
