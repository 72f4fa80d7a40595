"""Writes that overlap in time: the federated credentials of one identity take one at a time.

https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.emulator.wire.messages import Request
from reconciler.emulator.wire.routes import RouteKind, ancestor_key, fold, parse

_TYPE = "userassignedidentities/federatedidentitycredentials"


class InFlight:
    """The identities whose federated credentials are being written in this process."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._held: dict[str, int] = {}

    @contextmanager
    def enter(self, request: Request) -> Iterator[str | None]:
        """Mark a request as being carried out.

        Yields:
            The folded id of the identity when another write for it is in progress, else None.

        """
        key = _identity(request)
        if key is None:
            yield None
            return
        with self._lock:
            before = self._held.get(key, 0)
            self._held[key] = before + 1
        try:
            yield key if before else None
        finally:
            with self._lock:
                self._held[key] -= 1
                if not self._held[key]:
                    del self._held[key]


def _identity(request: Request) -> str | None:
    """Return the identity whose federated credentials a request writes, or None."""
    if request.method not in ("PUT", "DELETE"):
        return None
    route = parse(request.path)
    if route.kind is not RouteKind.ITEM or fold(route.type_name) != _TYPE:
        return None
    return ancestor_key(route, 1)
