"""``--cluster`` of the commands that have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from reconciler.app.loading.specs import Specs
from reconciler.cli.progress import Progress
from reconciler.engine.ports import Reader

UNSEEN = ("tls://", "tcp://127.0.0.1:", "tcp://localhost:", "tcp://[::1]:")
"""How addresses begin that nobody listens to on the way."""


@contextmanager
def clustered(
    address: str, specs: Specs, target: str, progress: Progress
) -> Iterator[Callable[[Reader], Reader] | None]:
    """Yield what puts the cluster at an address around a reader, None without an address.

    Args:
        address: what ``--cluster`` says.
        specs: what is compared with Azure.
        target: what ``--target`` says.
        progress: is told how far the workers are.

    """
    from reconciler.app.targets.cluster import through_cluster

    with through_cluster(address, specs, target, progress) as through:
        if address and not address.startswith(UNSEEN):
            progress.say("what goes over tcp:// is neither encrypted nor signed; tls:// is")
        yield through
