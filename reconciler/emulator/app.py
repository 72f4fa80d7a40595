"""From a request to a response: authentication, routing, faults and the request log."""

import re
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from reconciler.emulator import registry
from reconciler.emulator.arm import operations, provider, tags_api
from reconciler.emulator.arm.call import Call, Failure, Settings
from reconciler.emulator.authorization import permissions, role_assignments, role_definitions
from reconciler.emulator.callers import caller, gate, sign_in
from reconciler.emulator.communication import verification
from reconciler.emulator.communication.communication_actions import (
    check_name_availability,
    list_exchange_domains,
)
from reconciler.emulator.communication.geography import NAMESPACE
from reconciler.emulator.control import page
from reconciler.emulator.control.doors import PREFIX, Control
from reconciler.emulator.control.faults import Faults
from reconciler.emulator.control.strikes import Strikes
from reconciler.emulator.managed_identity import federated_credentials, system_identities
from reconciler.emulator.resource_manager import activity_log, catalog, graph, providers, resources
from reconciler.emulator.state.history import changes_of, event_of
from reconciler.emulator.state.in_flight import InFlight
from reconciler.emulator.state.request_log import RequestLog
from reconciler.emulator.state.store import Store
from reconciler.emulator.state.transaction import NotWritableError, Transaction
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JSON_TYPE, Request, Response, read_json, write_json
from reconciler.emulator.wire.routes import Route, RouteKind, fold, parse, resource_key

ROWS = registry.ROWS
"""Every emulated resource type that has a group, by folded full type."""

_ACTIVITY_LOG = (activity_log.NAMESPACE, activity_log.TYPE)
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
        self._in_flight = InFlight()
        self._strikes = Strikes(self.faults, self.closing, self._refused)
        self._control = Control(store, self.faults, log, settings)

    def handle(self, request: Request) -> Response | None:
        """Answer a request; None means: close the connection without an answer."""
        if (request.method, request.path) == ("GET", "/"):
            with self._store.transaction(write=False) as state:
                return page.answer(state, self._log)
        request = replace(request, correlation=self._settings.identifiers.guid())
        if request.path == PREFIX or request.path.startswith(f"{PREFIX}/"):
            return self._guarded(request, None, control=True)
        with self._in_flight.enter(request) as overlapped:
            carry_out = partial(self._guarded, request, overlapped=overlapped)
            response, carried_out = self._strikes.answer(request, carry_out)
        status = response.status if response else None
        now = self._settings.clock.now()
        self._log.add(now, request, status, carried_out)
        event = event_of(now, request, carried_out or status or 500)
        if event is not None:
            with self._store.transaction(write=True) as state:
                state.add_event(event)
        return response

    def _refused(self, request: Request, error: errors.ArmError) -> Response:
        return self._finished(request, _error_response(error))

    def _guarded(
        self,
        request: Request,
        failure: Failure | None,
        overlapped: str | None = None,
        *,
        control: bool = False,
    ) -> Response:
        """Answer a request, whatever happens."""
        try:
            if control:
                response = self._control.answer(request)
            else:
                response = self._answer(request, failure, overlapped)
        except errors.ArmError as error:
            response = _error_response(error)
        except Exception:  # noqa: BLE001 - the border of the thread: record and go on
            request_id = self._settings.identifiers.guid()
            traceback.print_exc(file=sys.stderr)
            response = _error_response(errors.internal_error(request_id))
        return response if control else self._finished(request, response)

    def _answer(
        self, request: Request, failure: Failure | None, overlapped: str | None
    ) -> Response:
        signing_in = sign_in.find(request)
        if signing_in is not None:
            with self._store.transaction(write=False) as state:
                return signing_in(state, self._settings)
        if not request.headers.get("authorization", "").casefold().startswith("bearer "):
            raise errors.authentication_failed()
        route = parse(request.path)
        if route.kind is RouteKind.UNKNOWN:
            raise errors.not_implemented(request.method, request.path)
        version = _api_version(request)
        answer = _find(request, route, version)
        content = read_json(request.body) if request.method in ("PUT", "PATCH", "POST") else None
        if overlapped is not None:
            raise federated_credentials.concurrent_write(overlapped)

        def carry_out(state: Transaction) -> Response:
            call = Call(
                request,
                route,
                version,
                content,
                state,
                self._settings,
                failure=failure,
            )
            resources.check_subscription(call)
            if self._settings.behaviour.authorization:
                call = replace(call, caller=caller.identify(call))
                gate.check(call)
            providers.check_registered(call)
            return answer(call)

        writes = self._settle_due(route) or request.method not in ("GET", "HEAD")
        if not writes:
            try:
                with self._store.transaction(write=False) as state:
                    return carry_out(state)
            except NotWritableError:
                # Another process began an operation just now, and this read polls it.
                pass
        with self._store.transaction(write=True) as state:
            response = carry_out(state)
            self._noted(request, state)
        return response

    def _noted(self, request: Request | None, state: Transaction) -> None:
        """Remember what was written, and by which request; None for what went on by itself."""
        now = self._settings.clock.now()
        state.add_changes(changes_of(now, request, state.changes))
        self._settings.behaviour.consistency.changed(now, state.changes)

    def _settle_due(self, route: Route) -> bool:
        """Let what is due take effect; tell whether this read is a poll."""
        now, behaviour = self._settings.clock.now(), self._settings.behaviour
        with self._store.transaction(write=False) as state:
            due = bool(state.due(now))
            undecided = verification.undecided(state, behaviour, now)
            polls = route.kind in (RouteKind.OPERATION_STATUS, RouteKind.OPERATION_RESULT)
            if route.kind is RouteKind.ITEM:
                polls = state.unsettled(resource_key(route)) is not None
        if due:
            with self._store.transaction(write=True) as state:
                for operation in state.due(now):
                    operations.settle(state, operation)
                self._noted(None, state)
        if decided := verification.decide(undecided, behaviour):
            with self._store.transaction(write=True) as state:
                verification.settle(state, decided)
        return polls

    @invented("rate-limit-headers", "The rate-limit headers are constant; nothing is throttled.")
    def _finished(self, request: Request, response: Response) -> Response:
        """Add the headers which ARM puts on every answer (recorded, all projects)."""
        identifier = request.correlation
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
    "Groups, subscriptions, providers, lists of all resources and operation statuses accept any "
    "api-version of the right form.",
)
def _find(request: Request, route: Route, version: str) -> Callable[[Call], Response]:
    """Return what answers a route.

    Raises:
        errors.ArmError: 404 or 501: nothing does, or not in this version.

    """
    if route.kind is RouteKind.EXTENSION:
        registry.check_extension(route, version)
        return _EXTENSIONS[fold(route.types[0])]
    if route.kind not in (RouteKind.COLLECTION, RouteKind.ITEM):
        return _ANSWERS[route.kind]
    if request.method == "POST" and route.kind is RouteKind.COLLECTION:
        return _find_action(request, route, version)
    if (fold(route.namespace), fold(route.type_name)) == _ACTIVITY_LOG:
        return activity_log.answer
    row = registry.find_row(route, version, partial(_location, request))
    return partial(provider.answer, row=row)


def _location(request: Request) -> str:
    """Return where a PUT wants its resource to be; empty for none, and for other requests."""
    content = read_json(request.body) if request.method == "PUT" else None
    location = content.get("location") if isinstance(content, dict) else None
    return location if isinstance(location, str) else ""


def _find_action(request: Request, route: Route, version: str) -> Callable[[Call], Response]:
    """Return what answers a POST below a resource, or below a provider.

    Raises:
        errors.ArmError: 404 or 501: nothing does, or not in this version.

    """
    row = registry.find_action(route, version) if route.names else None
    if row is not None:
        return partial(provider.answer_action, row=row)
    action = _ACTIONS.get((fold(route.namespace), fold(route.type_name)))
    if action is not None and not route.group:
        return action
    if not route.group and fold(route.type_name) in ("register", "unregister"):
        return providers.answer_provider
    raise errors.not_implemented(request.method, request.path)


_ANSWERS = {
    RouteKind.SUBSCRIPTIONS: resources.answer_subscriptions,
    RouteKind.SUBSCRIPTION: resources.answer_subscription,
    RouteKind.GROUPS: resources.answer_groups,
    RouteKind.GROUP: resources.answer_group,
    RouteKind.PROVIDER: providers.answer_provider,
    RouteKind.PROVIDER_OPERATIONS: providers.answer_operations,
    RouteKind.PROVIDERS: providers.answer_providers,
    RouteKind.GRAPH: graph.answer,
    RouteKind.TENANTS: resources.answer_tenants,
    RouteKind.RESOURCES: catalog.answer_resources,
    RouteKind.OPERATION_RESULT: operations.answer_result,
    RouteKind.OPERATION_STATUS: operations.answer_status,
}
"""What answers the routes of ARM itself."""

_EXTENSIONS = {
    "roleassignments": role_assignments.answer,
    "roledefinitions": role_definitions.answer,
    "permissions": permissions.answer,
    "identities": system_identities.answer,
    "tags": tags_api.answer,
}
"""What answers below another resource, by folded type."""

_ACTIONS = {
    (fold(NAMESPACE), "checknameavailability"): check_name_availability,
    (fold(NAMESPACE), "listverifiedexchangeonlinedomains"): list_exchange_domains,
}
"""What answers a POST to a provider, by folded namespace and action."""


def _error_response(error: errors.ArmError) -> Response:
    headers = error.headers
    if not any(name == "Content-Type" for name, _ in headers):
        headers = (*headers, ("Content-Type", JSON_TYPE))
    return Response(error.status, write_json(error.content()).encode(), headers)
