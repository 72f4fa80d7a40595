"""The control endpoint under ``/emulator``; it is not part of Azure and needs no token."""

from collections.abc import Callable

from reconciler.emulator.arm.call import Settings
from reconciler.emulator.communication import verification
from reconciler.emulator.control import seed
from reconciler.emulator.control.faults import Faults, parse_fault
from reconciler.emulator.state import snapshot
from reconciler.emulator.state.behaviour import seconds
from reconciler.emulator.state.request_log import RequestLog
from reconciler.emulator.state.rows import Subscription
from reconciler.emulator.state.store import Store
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.messages import JSON_TYPE, Request, Response, read_json, write_json

PREFIX = "/emulator"
"""The path below which the control endpoint answers."""


class Control:
    """Answers the control endpoint."""

    def __init__(
        self,
        store: Store,
        faults: Faults,
        log: RequestLog,
        settings: Settings,
    ) -> None:
        """Keep what the endpoint acts on."""
        behaviour = settings.behaviour
        self._settings = settings
        self._store = store
        self._faults = faults
        self._log = log
        self._reads: dict[tuple[str, str], Callable[[], object]] = {
            ("GET", "/health"): lambda: {"status": "ok"},
            ("GET", "/requests"): log.entries,
            ("GET", "/settings"): behaviour.content,
            ("GET", "/faults"): lambda: {"struck": faults.struck()},
            ("GET", "/held"): faults.held.content,
            ("GET", "/snapshot"): self._snapshot,
        }
        self._changes: dict[tuple[str, str], Callable[[Request], None]] = {
            ("DELETE", "/requests"): lambda _: log.clear(),
            ("DELETE", "/faults"): lambda _: faults.clear(),
            ("DELETE", "/held"): lambda _: faults.held.release(),
            ("POST", "/faults"): _with_body(lambda content: faults.add(parse_fault(content))),
            ("POST", "/reset"): lambda _: self._reset(),
            ("PUT", "/subscriptions"): _with_body(self._declare),
            ("PUT", "/settings"): _with_body(behaviour.change),
            ("PUT", "/quota"): _with_body(behaviour.change_quota),
            ("PUT", "/principals"): _with_body(behaviour.declare_principals),
            ("PUT", "/permissions"): _with_body(behaviour.declare_permissions),
            ("PUT", "/verification"): _with_body(self._verify),
            ("PUT", "/snapshot"): _with_body(self._restore),
            ("POST", "/seed"): _with_body(self._seed),
            ("POST", "/clock"): _with_body(self._advance),
        }

    def answer(self, request: Request) -> Response:
        """Answer a request below :data:`PREFIX`.

        Raises:
            errors.ArmError: 400, 403 or 501 with a code that begins with ``Emulator``.

        """
        if "origin" in request.headers:
            raise errors.foreign_origin(request.headers["origin"])
        place = request.path.removeprefix(PREFIX).rstrip("/")
        reader = self._reads.get((request.method, place))
        if reader is not None:
            return _json(reader())
        change = self._changes.get((request.method, place))
        if change is None:
            raise errors.not_implemented(request.method, request.path)
        change(request)
        return Response(204)

    def _reset(self) -> None:
        with self._store.transaction(write=True) as state:
            state.clear()
            state.forget_history()
        self._faults.clear()
        self._log.clear()
        self._settings.behaviour.reset()

    def _snapshot(self) -> object:
        with self._store.transaction(write=False) as state:
            return snapshot.take(state)

    def _restore(self, content: object) -> None:
        with self._store.transaction(write=True) as state:
            snapshot.restore(state, content)

    def _seed(self, content: object) -> None:
        with self._store.transaction(write=True) as state:
            seed.plant(state, self._settings, content)

    def _advance(self, content: object) -> None:
        """Move the clock on: ``{"advance": 60}``, in seconds."""
        given = content if isinstance(content, dict) else {}
        if set(given) != {"advance"}:
            message = "give advance, a number of seconds, and nothing else"
            raise errors.invalid_control_request(message)
        self._settings.clock.advance(seconds(given, "advance", 0))

    def _verify(self, content: object) -> None:
        with self._store.transaction(write=True) as state:
            verification.set_states(state, content)

    def _declare(self, content: object) -> None:
        """Declare which exist: ``[{"subscriptionId", "displayName", "tenantId"}]``."""
        if not isinstance(content, list):
            message = "give a list of subscriptions"
            raise errors.invalid_control_request(message)
        rows = [_subscription(entry) for entry in content]
        with self._store.transaction(write=True) as state:
            state.declare_subscriptions(rows)


def _subscription(entry: object) -> Subscription:
    given = entry if isinstance(entry, dict) else {}
    identifier = given.get("subscriptionId")
    name, tenant = given.get("displayName", identifier), given.get("tenantId", "")
    if not isinstance(identifier, str) or not identifier:
        message = "every subscription has a subscriptionId"
        raise errors.invalid_control_request(message)
    if not isinstance(name, str) or not isinstance(tenant, str):
        message = "displayName and tenantId of a subscription are texts"
        raise errors.invalid_control_request(message)
    return Subscription(identifier, name, tenant)


def _with_body(change: Callable[[object], None]) -> Callable[[Request], None]:
    return lambda request: change(read_json(request.body))


def _json(content: object) -> Response:
    return Response(200, write_json(content).encode(), (("Content-Type", JSON_TYPE),))
