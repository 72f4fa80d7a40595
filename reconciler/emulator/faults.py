"""Faults a test injects: refused, slow, cut and failing requests."""

import re
import threading
from dataclasses import dataclass, field
from typing import Any

from reconciler.emulator.call import Failure
from reconciler.emulator.errors import invalid_control_request
from reconciler.emulator.messages import JsonObject

_CODE = "InternalServerError"
_MESSAGE = "A fault was injected."
_EFFECTS = ("status", "delay", "cut", "operation")
_KNOWN = {*_EFFECTS, "method", "path", "times", "skip", "code", "message", "headers", "after"}


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
    after: bool = False
    """With ``cut``: carry the request out before."""
    fails_operation: bool = False
    """Let the long-running operation which the request begins fail."""

    def failure(self) -> Failure | None:
        """Return how the operation is to fail, or None."""
        return Failure(self.code, self.message) if self.fails_operation else None


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0


@dataclass(slots=True)
class Faults:
    """The injected faults of one emulator process, first come, first served."""

    _armed: list[_Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Inject a fault."""
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Take all faults away."""
        with self._lock:
            self._armed.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the first fault that strikes this request, and count it."""
        if not self._armed:
            return None
        with self._lock:
            for armed in self._armed:
                fault = armed.fault
                if fault.method not in ("*", method) or not fault.path.search(path):
                    continue
                armed.seen += 1
                if armed.seen <= fault.skip:
                    continue
                if fault.times is None or armed.seen <= fault.skip + fault.times:
                    return fault
        return None


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
    if "after" in content and "cut" not in content:
        message = "after goes with cut"
        raise invalid_control_request(message)
    if content.get("operation", "Failed") != "Failed":
        message = "operation can only be 'Failed'"
        raise invalid_control_request(message)
    try:
        return _fault(content)
    except (TypeError, ValueError, AttributeError, re.error) as reason:
        raise invalid_control_request(str(reason)) from reason


def _fault(content: JsonObject) -> Fault:
    headers: dict[str, Any] = content.get("headers", {})
    times = content.get("times", 1)
    status = content.get("status")
    if status is not None and not 400 <= int(status) <= 599:
        message = "status must be from 400 to 599"
        raise ValueError(message)
    return Fault(
        method=str(content.get("method", "*")).upper(),
        path=re.compile(str(content.get("path", "")), re.IGNORECASE),
        times=None if times is None else int(times),
        skip=int(content.get("skip", 0)),
        status=None if status is None else int(status),
        code=str(content.get("code", _CODE)),
        message=str(content.get("message", _MESSAGE)),
        headers=tuple((str(name), str(value)) for name, value in headers.items()),
        delay=float(content.get("delay", 0.0)),
        cut=content.get("cut") is True,
        after=content.get("after") is True,
        fails_operation="operation" in content,
    )
