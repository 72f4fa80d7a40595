"""Requests that are held: what a client is in the middle of when it is killed."""

import threading

from reconciler.emulator.wire.messages import JsonObject, Request


class Held:
    """The requests that wait to be released."""

    def __init__(self) -> None:
        """Begin with none."""
        self._condition = threading.Condition()
        self._waiting: list[Request] = []
        self._round = 0

    def wait(self, request: Request) -> None:
        """Wait until everything that is held is released."""
        with self._condition:
            mine = self._round
            self._waiting.append(request)
            self._condition.wait_for(lambda: self._round > mine)
            self._waiting.remove(request)

    def release(self) -> None:
        """Let everything go that is held now."""
        with self._condition:
            self._round += 1
            self._condition.notify_all()

    def content(self) -> list[JsonObject]:
        """Return what is held: method and path of each request."""
        with self._condition:
            return [{"method": r.method, "path": r.path} for r in self._waiting]
