"""Works something out once for a run, whichever thread wants it first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


class Once:
    """Keeps what was worked out, and lets others wait for what is being worked out."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._lock = Lock()
        self._known: dict[Hashable, Future[Any]] = {}

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._known.clear()

    def __call__(self, key: Hashable, work: Callable[[], T]) -> T:
        """Return what ``work`` returned or raised when it was first wanted under ``key``."""
        with self._lock:
            future: Future[T] | None = self._known.get(key)
            mine = future is None
            if future is None:
                future = self._known[key] = Future()
        if mine:
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001 - whoever waits gets it, as does this thread
                future.set_exception(error)
        return future.result()
