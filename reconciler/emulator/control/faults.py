"""Faults a test injects: refused, throttled, slow, held, cut, stale and failing requests."""

import random
import re
import threading
from dataclasses import dataclass, field
from typing import Any

from reconciler.emulator.arm.call import Failure
from reconciler.emulator.state.held import Held
from reconciler.emulator.wire.errors import invalid_control_request
from reconciler.emulator.wire.messages import JsonObject

_CODE = "InternalServerError"
_MESSAGE = "A fault was injected."
_EFFECTS = (
    "status",
    "throttle",
    "conflict",
    "delay",
    "cut",
    "hold",
    "operation",
    "vanish",
    "stale",
)
_MODIFIERS = ("method", "path", "times", "skip", "share", "seed", "streak")
_KNOWN = {*_EFFECTS, *_MODIFIERS, "code", "message", "headers", "after"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule: which requests it is for, and what happens to them."""

    method: str
    """The method in upper case, or ``*`` for any."""
    path: re.Pattern[str]
    """Searched for, ignoring case, in the path without its query."""
    times: int | None = 1
    """How many matching requests it strikes; None for all."""
    skip: int = 0
    """How many matching requests it lets pass first."""
    share: float = 1.0
    """Which part of the matching requests it strikes, by chance."""
    seed: int = 0
    """What the chance begins with: equal seeds strike equal sequences of requests."""
    streak: int | None = None
    """How often in a row faults strike one method and path at most; None for no limit."""
    status: int | None = None
    """Answer with this HTTP status and ``code``, ``message`` and ``headers``."""
    code: str = _CODE
    """The error code of the answer, or of the failed operation."""
    message: str = _MESSAGE
    """The error message of the answer, or of the failed operation."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers of the answer, such as ``Retry-After``."""
    delay: float = 0.0
    """Seconds to wait before the request is carried out."""
    cut: bool = False
    """Close the connection instead of answering."""
    hold: bool = False
    """Keep the request until it is released, then close the connection."""
    after: bool = False
    """With ``cut``, ``hold`` or ``status``: carry the request out before."""
    fails_operation: bool = False
    """Let the long-running operation which the request begins fail."""
    vanish: bool = False
    """Let the status of the operation which the request begins be unknown ever after."""
    stale: bool = False
    """Answer a read with what it was answered the time before."""

    def failure(self) -> Failure | None:
        """Return how the operation is to fail, or None."""
        return Failure(self.code, self.message) if self.fails_operation else None


@dataclass(slots=True)
class _Armed:
    fault: Fault
    chance: random.Random
    seen: int = 0
    struck: int = 0

    def strikes(self) -> bool:
        """Count a request that matches, and tell whether it is struck."""
        fault = self.fault
        self.seen += 1
        if self.seen <= fault.skip or (fault.times is not None and self.struck >= fault.times):
            return False
        if fault.share < 1 and self.chance.random() >= fault.share:
            return False
        self.struck += 1
        return True


@dataclass(slots=True)
class Faults:
    """The injected faults of one emulator process, first come, first served."""

    held: Held = field(default_factory=Held)
    """The requests that faults hold now."""
    _armed: list[_Armed] = field(default_factory=list)
    _rows: dict[tuple[str, str], int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Inject a fault."""
        with self._lock:
            chance = random.Random(fault.seed)  # noqa: S311 - to be the same in each run
            self._armed.append(_Armed(fault, chance))

    def clear(self) -> None:
        """Take all faults away, and release what they hold."""
        with self._lock:
            self._armed.clear()
            self._rows.clear()
        self.held.release()

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the first fault that strikes this request, and count it."""
        if not self._armed:
            return None
        with self._lock:
            row = self._rows.pop((method, path), 0)
            for armed in self._armed:
                fault = armed.fault
                if fault.method not in ("*", method) or not fault.path.search(path):
                    continue
                if fault.streak is not None and row >= fault.streak:
                    continue
                if armed.strikes():
                    self._rows[method, path] = row + 1
                    return fault
        return None

    @property
    def has_stale(self) -> bool:
        """Whether answers to reads have to be remembered."""
        return any(armed.fault.stale for armed in self._armed)

    def struck(self) -> int:
        """Return how many requests were struck by the faults that are there."""
        with self._lock:
            return sum(armed.struck for armed in self._armed)


def parse_fault(content: object) -> Fault:
    """Read a fault from the JSON of the control endpoint.

    Raises:
        ArmError: 400 ``EmulatorInvalidControlRequest`` with what is wrong.

    """
    if not isinstance(content, dict):
        message = "a fault is a JSON object"
        raise invalid_control_request(message)
    unknown = sorted(set(content) - _KNOWN)
    if unknown:
        message = f"unknown members: {', '.join(unknown)}"
        raise invalid_control_request(message)
    effects = [name for name in _EFFECTS if name in content]
    if len(effects) != 1:
        message = f"give exactly one of {', '.join(_EFFECTS)}"
        raise invalid_control_request(message)
    if "after" in content and not {"cut", "hold", "status"} & set(content):
        message = "after goes with cut, hold or status"
        raise invalid_control_request(message)
    if content.get("operation", "Failed") != "Failed":
        message = "operation can only be 'Failed'"
        raise invalid_control_request(message)
    try:
        return _fault(content)
    except (TypeError, ValueError, AttributeError, re.error) as reason:
        raise invalid_control_request(str(reason)) from reason


def _spelt_out(content: JsonObject) -> JsonObject:
    """Return a fault with ``throttle`` and ``conflict`` as the answers that they stand for."""
    if "throttle" in content:
        seconds = content["throttle"]
        headers = {} if seconds is None else {"Retry-After": str(int(seconds))}
        message = "The request was throttled by a fault."
        answer = {"status": 429, "code": "TooManyRequests", "message": message, "headers": headers}
        return {**answer, **content}
    if "conflict" in content:
        message = "Another operation is in progress, says a fault."
        return {"status": 409, "code": "AnotherOperationInProgress", "message": message, **content}
    return content


def _fault(content: JsonObject) -> Fault:
    content = _spelt_out(content)
    headers: dict[str, Any] = content.get("headers", {})
    times = content.get("times", 1)
    status = content.get("status")
    share = float(content.get("share", 1.0))
    if status is not None and not 400 <= int(status) <= 599:
        message = "status must be from 400 to 599"
        raise ValueError(message)
    if not 0 < share <= 1:
        message = "share must be above 0 and at most 1"
        raise ValueError(message)
    return Fault(
        method=str(content.get("method", "*")).upper(),
        path=re.compile(str(content.get("path", "")), re.IGNORECASE),
        times=None if times is None else int(times),
        skip=int(content.get("skip", 0)),
        share=share,
        seed=int(content.get("seed", 0)),
        streak=None if content.get("streak") is None else int(content["streak"]),
        status=None if status is None else int(status),
        code=str(content.get("code", _CODE)),
        message=str(content.get("message", _MESSAGE)),
        headers=tuple((str(name), str(value)) for name, value in headers.items()),
        delay=float(content.get("delay", 0.0)),
        cut=content.get("cut") is True,
        hold=content.get("hold") is True,
        after=content.get("after") is True,
        fails_operation="operation" in content,
        vanish=content.get("vanish") is True,
        stale=content.get("stale") is True,
    )
