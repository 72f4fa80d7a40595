"""The control endpoint under ``/emulator``; it is not part of Azure and needs no token."""

from reconciler.emulator import errors
from reconciler.emulator.faults import Faults, parse_fault
from reconciler.emulator.messages import JSON_TYPE, Request, Response, read_json, write_json
from reconciler.emulator.request_log import RequestLog
from reconciler.emulator.routes import fold
from reconciler.emulator.store import Store

PREFIX = "/emulator"
"""The path below which the control endpoint answers."""


class Control:
    """Answers the control endpoint."""

    def __init__(self, store: Store, faults: Faults, log: RequestLog) -> None:
        """Keep what the endpoint acts on."""
        self._store = store
        self._faults = faults
        self._log = log

    def answer(self, request: Request) -> Response:
        """Answer a request below :data:`PREFIX`.

        Raises:
            errors.ArmError: 400 or 501 with a code that begins with ``Emulator``.

        """
        match request.method, request.path.removeprefix(PREFIX).rstrip("/"):
            case "GET", "/health":
                return _json({"status": "ok"})
            case "GET", "/requests":
                return _json(self._log.entries())
            case "DELETE", "/requests":
                self._log.clear()
            case "POST", "/faults":
                self._faults.add(parse_fault(read_json(request.body)))
            case "DELETE", "/faults":
                self._faults.clear()
            case "PUT", "/subscriptions":
                self._declare(read_json(request.body))
            case "POST", "/reset":
                self._reset()
            case _:
                raise errors.not_implemented(request.method, request.path)
        return Response(204)

    def _reset(self) -> None:
        with self._store.transaction(write=True) as state:
            state.clear()
        self._faults.clear()
        self._log.clear()

    def _declare(self, content: object) -> None:
        """Declare the subscriptions that exist: ``[{"subscriptionId", "displayName"}]``."""
        if not isinstance(content, list):
            message = "give a list of subscriptions"
            raise errors.invalid_control_request(message)
        rows: list[tuple[str, str, str]] = []
        for entry in content:
            identifier = entry.get("subscriptionId") if isinstance(entry, dict) else None
            if not isinstance(identifier, str) or not identifier:
                message = "every subscription has a subscriptionId"
                raise errors.invalid_control_request(message)
            rows.append((fold(identifier), identifier, str(entry.get("displayName", identifier))))
        with self._store.transaction(write=True) as state:
            state.declare_subscriptions(rows)


def _json(content: object) -> Response:
    return Response(200, write_json(content).encode(), (("Content-Type", JSON_TYPE),))
