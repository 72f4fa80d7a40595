"""What happened: the writes that were asked for, and what they changed of which resource.

It belongs to one process, as the request log does, and shows in the activity log and in the
``resourcechanges`` of Resource Graph.
"""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire.messages import JsonObject, Request
from reconciler.emulator.wire.tokens import claims_of

MOST = 10_000
"""How many writes and changes are kept."""

NOBODY = "emulator"
"""Who is said to have called with a token that says nothing."""


@dataclass(frozen=True, slots=True)
class Event:
    """One write that was answered."""

    time: float
    """When, in seconds since the epoch."""
    method: str
    path: str
    status: int
    correlation: str
    """The id that is in the header of the answer, too."""
    caller: str
    """The object id of the caller, or :data:`NOBODY`."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a write did to one resource."""

    number: int
    """Which change of this process it is."""
    time: float
    correlation: str
    caller: str
    before: Record | None
    """The resource before; None when it was made."""
    after: Record | None
    """The resource after; None when it is gone."""


class History:
    """The writes and changes of one process; every method may be called from any thread."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._number = 0
        self._events: deque[Event] = deque(maxlen=MOST)
        self._changes: deque[Change] = deque(maxlen=MOST)

    def answered(self, time: float, request: Request, status: int) -> None:
        """Keep a write that was answered; reads are passed over."""
        if request.method in ("GET", "HEAD") or not request.path.startswith("/subscriptions/"):
            return
        event = Event(
            time, request.method, request.path, status, request.correlation, caller(request)
        )
        with self._lock:
            self._events.append(event)

    def changed(
        self,
        time: float,
        request: Request | None,
        pairs: Iterable[tuple[Record | None, Record | None]],
    ) -> None:
        """Keep what a request changed; None for what went on by itself."""
        found = [pair for pair in pairs if _counts(*pair)]
        with self._lock:
            for before, after in found:
                self._number += 1
                correlation = request.correlation if request else ""
                who = caller(request) if request else "System"
                change = Change(self._number, time, correlation, who, before, after)
                self._changes.append(change)

    def events(self) -> list[Event]:
        """Return the writes, oldest first."""
        with self._lock:
            return list(self._events)

    def changes(self) -> list[Change]:
        """Return the changes, oldest first."""
        with self._lock:
            return list(self._changes)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._events.clear()
            self._changes.clear()


def caller(request: Request) -> str:
    """Return the object id in the token of a request."""
    claims = claims_of(request.headers.get("authorization", "").partition(" ")[2])
    return str(claims.get("oid") or NOBODY)


def differences(before: JsonObject, after: JsonObject) -> dict[str, tuple[object, object]]:
    """Return what differs between two bodies: both values, by path such as ``tags.env``."""
    found: dict[str, tuple[object, object]] = {}
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            inner = differences(old, new)
            found |= {f"{name}.{path}": pair for path, pair in inner.items()}
        elif old != new:
            found[name] = (old, new)
    return found


def _counts(before: Record | None, after: Record | None) -> bool:
    """Tell whether a pair of records is a change of a resource that ARM tracks."""
    record = after or before
    if record is None or record.type.startswith("emulator/"):
        return False
    return before is None or after is None or before.body != after.body
