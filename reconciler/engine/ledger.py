"""Keeps every write of a run, for its receipt, as those tell it who send the requests."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock

from reconciler.engine.clock import moment
from reconciler.engine.ports import Sent
from reconciler.model.exchange import Exchange

QUESTIONS = ("/checknameavailability",)
"""POSTs that only ask, by the end of their path in lower case: no writes, whatever ARM counts."""


class Ledger:
    """Implements `reconciler.engine.ports.Recorder`."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = Lock()
        self._exchanges: list[Exchange] = []

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every write until now, in the order in which they left."""
        with self._lock:
            return tuple(self._exchanges)

    def leaving(self, method: str, path: str, attempt: int, body: bytes) -> None:
        """Keep a write that is about to leave."""
        if path.lower().endswith(QUESTIONS):
            return
        kept = b"" if method == "POST" else body
        with self._lock:
            self._exchanges.append(Exchange(moment(), method, path, attempt, kept))

    def answered(self, method: str, path: str, answer: Sent) -> None:
        """Keep how the last write of this method to this path was answered."""
        with self._lock:
            for index in range(len(self._exchanges) - 1, -1, -1):
                one = self._exchanges[index]
                if (one.method, one.path) == (method, path):
                    self._exchanges[index] = replace(
                        one,
                        status=answer.status,
                        correlation_id=answer.correlation_id,
                        problem=answer.problem,
                    )
                    return
