"""What happened: the writes that were asked for, and what they changed of which resource.

It is kept in the state, and shows in the activity log and in the ``resourcechanges`` of Resource
Graph. Snapshots leave it out: they say what there is, not how it came about.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire.messages import JsonObject, Request
from reconciler.emulator.wire.tokens import claims_of

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
    """Which change of the state it is; 0 before it is kept."""
    time: float
    correlation: str
    caller: str
    before: Record | None
    """The resource before; None when it was made."""
    after: Record | None
    """The resource after; None when it is gone."""


def event_of(time: float, request: Request, status: int) -> Event | None:
    """Return the event of a request that was answered; None for a read, or what is not of ARM."""
    if request.method in ("GET", "HEAD") or not request.path.startswith("/subscriptions/"):
        return None
    return Event(time, request.method, request.path, status, request.correlation, caller(request))


def changes_of(
    time: float,
    request: Request | None,
    pairs: Iterable[tuple[Record | None, Record | None]],
) -> list[Change]:
    """Return what a request changed of the resources that ARM tracks.

    Args:
        time: when, in seconds since the epoch.
        request: what asked for it; None for what went on by itself.
        pairs: every resource that was written, before and after.

    """
    correlation = request.correlation if request else ""
    who = caller(request) if request else "System"
    return [Change(0, time, correlation, who, *pair) for pair in pairs if _counts(*pair)]


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
