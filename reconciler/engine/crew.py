"""So many at work at once: who only waits for Azure makes room for another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition


class Crew:
    """Places for those at work. Who comes back from a wait goes before who has not begun."""

    def __init__(self, places: int, on_room: Callable[[], None]) -> None:
        """Begin with nobody at work.

        Args:
            places: how many may be at work at once.
            on_room: called when somebody steps aside, on the thread of whoever does.

        """
        self._free = places
        self._coming_back = 0
        self._changed = Condition()
        self._on_room = on_room

    def enter(self) -> bool:
        """Take a place if there is one for a beginner, and return whether there was."""
        with self._changed:
            if self._free <= self._coming_back:
                return False
            self._free -= 1
            return True

    def leave(self) -> None:
        """Give a place back."""
        with self._changed:
            self._free += 1
            self._changed.notify()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Give the place back for as long as there is only something to wait for."""
        self.leave()
        self._on_room()
        try:
            yield
        finally:
            with self._changed:
                self._coming_back += 1
                self._changed.wait_for(lambda: self._free > 0)
                self._coming_back -= 1
                self._free -= 1
