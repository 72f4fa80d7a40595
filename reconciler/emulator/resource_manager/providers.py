"""What ARM says of providers, and whether a subscription is registered with them.

https://learn.microsoft.com/rest/api/resources/providers
"""

from collections.abc import Iterator

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.resource_type import ResourceType
from reconciler.emulator.registry import EXTENSIONS, NAMESPACES, ROWS
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.wire.routes import RouteKind, fold

_JSON = (("Content-Type", JSON_TYPE),)
_AWAY = "emulator/unregistered"
_REGISTERED = {"register": "Registered", "unregister": "Unregistered"}


@invented(
    "provider-registered",
    "Every emulated provider is `Registered` from the start; `register` and `unregister` take "
    "effect at once. Without the registration a PUT is 409 `MissingSubscriptionRegistration`.",
)
def answer_provider(call: Call) -> Response:
    """Answer ``GET /subscriptions/{s}/providers/{namespace}``, and its registration.

    Raises:
        ArmError: 501: another provider, or another method.

    """
    actions = [fold(kind) for kind in call.route.types]
    namespace = NAMESPACES.get(fold(call.route.namespace))
    if namespace is None or call.request.method != ("POST" if actions else "GET"):
        raise errors.not_implemented(call.request.method, call.request.path)
    if actions == ["register"]:
        call.state.delete_resource(_key(call, namespace))
    elif actions == ["unregister"]:
        call.state.put_resource(_record(call, namespace))
    return Response(200, write_json(_shown(call, namespace)).encode(), _JSON)


def answer_providers(call: Call) -> Response:
    """Answer ``GET /subscriptions/{s}/providers``: those that are emulated."""
    if call.request.method != "GET":
        raise errors.not_implemented(call.request.method, call.request.path)
    value = [_shown(call, namespace) for namespace in sorted(NAMESPACES.values())]
    return Response(200, write_json({"value": value}).encode(), _JSON)


def check_registered(call: Call) -> None:
    """Refuse to create or replace a resource of a provider the subscription is not registered with.

    Raises:
        ArmError: 409 ``MissingSubscriptionRegistration``; text: azure-core's tests.

    """
    namespace = NAMESPACES.get(fold(call.route.namespace))
    if call.request.method != "PUT" or call.route.kind is not RouteKind.ITEM or namespace is None:
        return
    if call.state.resource(_key(call, namespace)) is not None:
        message = (
            f"The subscription is not registered to use namespace '{namespace}'. See "
            "https://aka.ms/rps-not-found for how to register subscriptions."
        )
        raise ArmError(409, "MissingSubscriptionRegistration", message)


@invented(
    "provider-operations",
    "The operations of a provider are those of the types that are emulated, with their names for "
    "texts.",
)
def answer_operations(call: Call) -> Response:
    """Answer ``GET /providers/{namespace}/operations``.

    Raises:
        ArmError: 501: another provider, or another method.

    """
    rows = [row for row in ROWS.values() if fold(row.namespace) == fold(call.route.namespace)]
    if not rows or call.request.method != "GET":
        raise errors.not_implemented(call.request.method, call.request.path)
    value = [
        _operation(row, verb)
        for row in rows
        for verb in ("read", "write", "delete", *(f"{name}/action" for name in row.actions))
    ]
    return Response(200, write_json({"value": value}).encode(), _JSON)


def _operation(row: ResourceType, verb: str) -> JsonObject:
    name = f"{row.namespace}/{row.registered}/{verb}"
    texts = {"resource": row.registered, "operation": verb, "description": name}
    return {"name": name, "isDataAction": False, "display": {"provider": row.namespace} | texts}


def _shown(call: Call, namespace: str) -> JsonObject:
    away = call.state.resource(_key(call, namespace)) is not None
    return {
        "id": f"/subscriptions/{call.route.subscription}/providers/{namespace}",
        "namespace": namespace,
        "resourceTypes": list(_types(namespace)),
        "registrationState": _REGISTERED["unregister" if away else "register"],
        "registrationPolicy": "RegistrationRequired",
    }


def _types(namespace: str) -> Iterator[JsonObject]:
    """Yield the types of a provider with their api-versions, the newest first."""
    known = [
        (row.registered, list(row.api_versions), row.tracked)
        for row in ROWS.values()
        if row.namespace == namespace
    ]
    known += [
        (extension.name, list(extension.api_versions), False)
        for extension in EXTENSIONS.values()
        if extension.namespace == namespace
    ]
    for name, versions, tracked in sorted(known):
        yield {
            "resourceType": name,
            "locations": ["global"] if fold(name).startswith(("comm", "email")) else [],
            "apiVersions": sorted(versions, reverse=True),
            "capabilities": "SupportsTags, SupportsLocation" if tracked else "None",
        }


def _key(call: Call, namespace: str) -> str:
    return fold(f"/subscriptions/{call.route.subscription}/providers/{namespace}/{_AWAY}")


def _record(call: Call, namespace: str) -> Record:
    return Record(
        key=_key(call, namespace),
        subscription=fold(call.route.subscription),
        group="",
        type=_AWAY,
        name=fold(namespace),
        id=_key(call, namespace),
        body="{}",
        etag="",
        state="Succeeded",
    )
