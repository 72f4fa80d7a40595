"""From a request to a response: authentication, routing, faults and the request log."""

import re
import sys
import threading
import traceback
from datetime import UTC, datetime

from reconciler.emulator import (
    communication,
    errors,
    managed_identity,
    operations,
    provider,
    resources,
)
from reconciler.emulator.call import Call, Failure, Settings
from reconciler.emulator.control import PREFIX, Control
from reconciler.emulator.faults import Fault, Faults
from reconciler.emulator.invented import invented
from reconciler.emulator.messages import JSON_TYPE, Request, Response, read_json, write_json
from reconciler.emulator.request_log import RequestLog
from reconciler.emulator.resource_type import ResourceType
from reconciler.emulator.routes import Route, RouteKind, fold, parse, resource_key
from reconciler.emulator.store import Store

ROWS = {
    row.key: row
    for row in (communication.COMMUNICATION_SERVICES, managed_identity.USER_ASSIGNED_IDENTITIES)
}
"""Every emulated resource type of a provider, by folded full type."""

NAMESPACES = {
    communication.NAMESPACE.casefold(): communication.NOT_EMULATED,
    managed_identity.NAMESPACE.casefold(): managed_identity.NOT_EMULATED,
}
"""The types each emulated provider has in Azure but not here, by folded namespace."""

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-[a-z]+)?", re.IGNORECASE)
_BUCKETS = {
    "GET": ("reads", 249, 3749),
    "HEAD": ("reads", 249, 3749),
    "DELETE": ("deletes", 199, 2999),
}
_WRITES = ("writes", 199, 2999)


class App:
    """The emulator without its sockets."""

    def __init__(self, store: Store, settings: Settings, log: RequestLog) -> None:
        """Keep the parts; ``closing`` wakes delayed requests when the server stops."""
        self.faults = Faults()
        self.closing = threading.Event()
        self._store = store
        self._settings = settings
        self._log = log
        self._control = Control(store, self.faults, log)

    def handle(self, request: Request) -> Response | None:
        """Answer a request; None means: close the connection without an answer."""
        if request.path == PREFIX or request.path.startswith(f"{PREFIX}/"):
            return self._guarded(request, None, control=True)
        fault = self.faults.strike(request.method, request.path)
        response = self._struck(request, fault) if fault else self._guarded(request, None)
        status = response.status if response else None
        self._log.add(self._settings.clock.now(), request, status)
        return response

    def _struck(self, request: Request, fault: Fault) -> Response | None:
        if fault.delay:
            self.closing.wait(fault.delay)
        if fault.cut:
            if fault.after:
                self._guarded(request, None)
            return None
        if fault.status is not None:
            error = errors.ArmError(fault.status, fault.code, fault.message, fault.headers)
            return self._finished(request, _error_response(error))
        return self._guarded(request, fault.failure())

    def _guarded(
        self, request: Request, failure: Failure | None, *, control: bool = False
    ) -> Response:
        """Answer a request, whatever happens."""
        try:
            response = self._control.answer(request) if control else self._answer(request, failure)
        except errors.ArmError as error:
            response = _error_response(error)
        except Exception:  # noqa: BLE001 - the border of the thread: record and go on
            request_id = self._settings.identifiers.guid()
            traceback.print_exc(file=sys.stderr)
            response = _error_response(errors.internal_error(request_id))
        return response if control else self._finished(request, response)

    def _answer(self, request: Request, failure: Failure | None) -> Response:
        if not request.headers.get("authorization", "").casefold().startswith("bearer "):
            raise errors.authentication_failed()
        route = parse(request.path)
        if route.kind is RouteKind.UNKNOWN:
            raise errors.not_implemented(request.method, request.path)
        version = _api_version(request)
        row = _row(route, version)
        content = read_json(request.body) if request.method in ("PUT", "PATCH", "POST") else None
        writes = self._settle_due(route) or request.method not in ("GET", "HEAD")
        with self._store.transaction(write=writes) as state:
            call = Call(request, route, version, content, state, self._settings, failure)
            resources.check_subscription(call)
            return _dispatch(call, row)

    def _settle_due(self, route: Route) -> bool:
        """Let the timed operations that are due take effect; tell whether this read is a poll."""
        now = self._settings.clock.now()
        with self._store.transaction(write=False) as state:
            due = bool(state.due(now))
            polls = route.kind in (RouteKind.OPERATION_STATUS, RouteKind.OPERATION_RESULT)
            if route.kind is RouteKind.ITEM:
                polls = state.unsettled(resource_key(route)) is not None
        if due:
            with self._store.transaction(write=True) as state:
                for operation in state.due(now):
                    operations.settle(state, operation)
        return polls

    @invented("rate-limit-headers", "The rate-limit headers are constant; nothing is throttled.")
    def _finished(self, request: Request, response: Response) -> Response:
        """Add the headers which ARM puts on every answer (recorded, all projects)."""
        identifier = self._settings.identifiers.guid()
        moment = datetime.fromtimestamp(self._settings.clock.now(), UTC)
        bucket, remaining, in_all = _BUCKETS.get(request.method, _WRITES)
        headers = (
            ("Cache-Control", "no-cache"),
            ("x-ms-request-id", identifier),
            ("x-ms-correlation-request-id", identifier),
            ("x-ms-routing-request-id", f"EMULATOR:{moment:%Y%m%dT%H%M%SZ}:{identifier}"),
            (f"x-ms-ratelimit-remaining-subscription-{bucket}", str(remaining)),
            (f"x-ms-ratelimit-remaining-subscription-global-{bucket}", str(in_all)),
        )
        return Response(response.status, response.body, response.headers + headers)


def _api_version(request: Request) -> str:
    version = request.parameter("api-version")
    if not version:
        raise errors.missing_api_version()
    if not _VERSION.fullmatch(version):
        raise errors.invalid_api_version(version)
    return version


@invented(
    "open-versions",
    "Groups and subscriptions accept any api-version of the right form; operation statuses too.",
)
@invented(
    "unknown-types",
    "A type of an emulated provider that is not in its specification is 404 `InvalidResourceType`; "
    "one that is, and any other provider, is 501 `EmulatorNotImplemented`.",
)
def _row(route: Route, version: str) -> ResourceType | None:
    """Return the row of a provider's route; None for the routes of ARM itself."""
    if route.kind not in (RouteKind.COLLECTION, RouteKind.ITEM):
        return None
    row = ROWS.get(fold(f"{route.namespace}/{route.type_name}"))
    if row is not None:
        if fold(version) not in row.api_versions:
            kind, namespace = row.registered, row.namespace
            raise errors.invalid_resource_type(kind, namespace, version, row.api_versions)
        return row
    elsewhere = NAMESPACES.get(fold(route.namespace))
    action = len(route.types) > 1 and route.kind is RouteKind.COLLECTION
    if elsewhere is None or action or fold(route.type_name) in elsewhere:
        message = "the type"
        raise errors.not_implemented(message, f"{route.namespace}/{route.type_name}")
    supported = sorted(
        {
            v
            for r in ROWS.values()
            if fold(r.namespace) == fold(route.namespace)
            for v in r.api_versions
        }
    )
    raise errors.invalid_resource_type(route.type_name, route.namespace, version, supported)


def _dispatch(call: Call, row: ResourceType | None) -> Response:
    if row is not None:
        return provider.answer(call, row)
    return _ANSWERS[call.route.kind](call)


_ANSWERS = {
    RouteKind.SUBSCRIPTIONS: resources.answer_subscriptions,
    RouteKind.SUBSCRIPTION: resources.answer_subscription,
    RouteKind.GROUPS: resources.answer_groups,
    RouteKind.GROUP: resources.answer_group,
    RouteKind.OPERATION_RESULT: operations.answer_result,
    RouteKind.OPERATION_STATUS: operations.answer_status,
}
"""What answers the routes of ARM itself."""


def _error_response(error: errors.ArmError) -> Response:
    headers = (*error.headers, ("Content-Type", JSON_TYPE))
    return Response(error.status, write_json(error.content()).encode(), headers)
