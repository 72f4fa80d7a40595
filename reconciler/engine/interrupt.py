"""Ctrl-C and SIGTERM: finish what is in flight, start no more."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupt:
    """A flag that a signal sets."""

    def __init__(self) -> None:
        """Begin unset."""
        self._event = threading.Event()

    @property
    def is_set(self) -> bool:
        """Whether the run has been asked to stop."""
        return self._event.is_set()

    def set(self) -> None:
        """Ask the run to stop."""
        self._event.set()


@contextmanager
def listening() -> Iterator[Interrupt]:
    """Yield a flag that the first Ctrl-C or SIGTERM sets; a second Ctrl-C ends the run at once."""
    interrupt = Interrupt()

    def handle(_number: int, _frame: FrameType | None) -> None:
        if interrupt.is_set:
            raise KeyboardInterrupt
        interrupt.set()

    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupt
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
