"""From ``--cluster`` to a reader that asks through the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from reconciler.app.loading.specs import Specs
from reconciler.app.targets.connection import EMULATOR, target_of
from reconciler.engine.ports import Listener, Reader
from reconciler.model.errors import UsageError


@contextmanager
def through_cluster(
    address: str, specs: Specs, word: str, listener: Listener
) -> Iterator[Callable[[Reader], Reader] | None]:
    """Yield what puts the cluster at an address around a reader, None without an address.

    Args:
        address: of a Dask scheduler, empty for none.
        specs: their project knows whose tenants subscriptions are in.
        word: the target, as `connect` takes it.
        listener: hears of what has been read.

    Raises:
        UsageError: Dask is not installed, this is no address, or no worker reaches the target.
        UnavailableError: there is no scheduler, or its workers are of another version.

    """
    if not address:
        yield None
        return
    if word == EMULATOR:
        problem = "no worker reaches the embedded emulator"
        raise UsageError(problem, "start `reconciler emulator`, and give its address to --target")
    from reconciler.cluster.spread import spread

    tenants = specs.project.tenants
    with spread(address, target_of(word), tenants or {}, listener) as through:
        yield through
