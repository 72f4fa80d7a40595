"""What a fault does to the request that it strikes."""

import re
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from reconciler.emulator.arm.call import Failure
from reconciler.emulator.control.faults import Fault, Faults
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.messages import Request, Response
from reconciler.emulator.wire.routes import fold

_OPERATION = re.compile("/operation(statuses|results)/")
"""In the path of an operation; the ``Location`` of a new identity is the identity itself."""

CarryOut = Callable[[Failure | None], Response]
"""Carries a request out; what it is given is how its operation shall fail, if it shall."""


class Strikes:
    """Carries requests out, or lets faults strike them; every method may run on any thread."""

    def __init__(
        self,
        faults: Faults,
        closing: threading.Event,
        refuse: Callable[[Request, errors.ArmError], Response],
    ) -> None:
        """Keep the parts; ``refuse`` makes an error the whole answer to a request."""
        self._faults = faults
        self._closing = closing
        self._refuse = refuse
        self._lock = threading.Lock()
        self._last: dict[tuple[str, str], Response] = {}
        self._vanished: set[str] = set()

    def answer(self, request: Request, carry_out: CarryOut) -> tuple[Response | None, int | None]:
        """Answer a request.

        Returns:
            The answer, None to close the connection without one; and the status that the request
            really ended with, None if it was not carried out.

        """
        done: list[int] = []

        def noted(failure: Failure | None) -> Response:
            response = carry_out(failure)
            done.append(response.status)
            return response

        response = self._answer(request, noted)
        return response, done[-1] if done else None

    def _answer(self, request: Request, carry_out: CarryOut) -> Response | None:
        if fold(request.path) in self._vanished:
            return self._refuse(request, errors.operation_not_found())
        fault = self._faults.strike(request.method, request.path)
        if fault is None:
            return self._remembered(request, carry_out(None))
        if fault.delay:
            self._closing.wait(fault.delay)
        if fault.stale:
            before = self._last.get((request.path, request.query))
            return before or self._remembered(request, carry_out(None))
        if fault.after:
            carry_out(None)
        if fault.hold:
            self._faults.held.wait(request)
        if fault.cut or fault.hold:
            return None
        if fault.status is not None:
            error = errors.ArmError(fault.status, fault.code, fault.message, fault.headers)
            return self._refuse(request, error)
        return self._with_its_operation(fault, carry_out)

    def _with_its_operation(self, fault: Fault, carry_out: CarryOut) -> Response:
        """Carry a request out whose operation is to fail, or to be unknown."""
        response = carry_out(fault.failure())
        for name, value in response.headers if fault.vanish else ():
            path = fold(urlsplit(value).path)
            if name in ("Azure-AsyncOperation", "Location") and _OPERATION.search(path):
                with self._lock:
                    self._vanished.add(path)
        return response

    def _remembered(self, request: Request, response: Response) -> Response:
        """Keep the answer to a read while a fault may want it again."""
        if request.method == "GET" and self._faults.has_stale:
            with self._lock:
                self._last[request.path, request.query] = response
        elif self._last and not self._faults.has_stale:
            with self._lock:
                self._last.clear()
        return response
