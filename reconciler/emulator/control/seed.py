"""Resources put into the state as another tool observed them, instead of by requests.

What is given is what a GET answers. It is kept as it is, the spelling of ids included, and what a
GET would have besides is added as at a creation. Nothing is added that was not given: a domain gets
no sender, because an observation of its senders may say that there is none.
"""

from collections.abc import Callable
from typing import Any

from reconciler.emulator.arm import bodies, nesting, provider
from reconciler.emulator.arm.call import Call, Settings
from reconciler.emulator.arm.resource_type import ResourceType
from reconciler.emulator.authorization import role_assignments
from reconciler.emulator.registry import ROWS
from reconciler.emulator.resource_manager import resources
from reconciler.emulator.state.transaction import Transaction
from reconciler.emulator.wire.errors import ArmError, invalid_control_request
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JsonObject, Request
from reconciler.emulator.wire.routes import Route, RouteKind, fold, group_key, parse

GROUP_LOCATION = "westeurope"
"""Where a resource group is that a seed needs and does not have."""

_VERSION = "2024-11-01"
_SHOWN = ("id", "name", "type", "location", "tags", "identity", "systemData", "properties")


def plant(state: Transaction, settings: Settings, content: object) -> None:
    """Put resources into the state; one that is there already is replaced.

    Args:
        state: The state, in a transaction for writing.
        settings: The settings of the emulator, for its clock and identifiers.
        content: A list of resources, each as a GET answers it, with its ``id``; in any order.

    Raises:
        ArmError: 400 ``EmulatorInvalidControlRequest`` with the id of the first that is wrong.

    """
    if not isinstance(content, list):
        message = "give a list of resources, each with its id"
        raise invalid_control_request(message)
    found = [_call(state, settings, entry) for entry in content]
    for call in sorted(found, key=lambda call: (_order(call.route), fold(call.request.path))):
        try:
            _plant_one(call)
        except ArmError as error:
            message = f"{call.request.path}: {error.message}"
            raise invalid_control_request(message) from error


def _call(state: Transaction, settings: Settings, entry: object) -> Call:
    """Return the request that would have written an entry."""
    identifier = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(identifier, str):
        message = "every resource of a seed is an object with an id"
        raise invalid_control_request(message)
    request = Request("PUT", identifier, "", {})
    return Call(request, parse(identifier), _VERSION, entry, state, settings)


def _order(route: Route) -> int:
    """Sort groups first, resources after what they are in, and roles last."""
    if route.kind is RouteKind.EXTENSION:
        return 99
    return len(route.types)


def _plant_one(call: Call) -> None:
    resources.check_subscription(call)
    _planter(call.route)(call)


def _planter(route: Route) -> Callable[[Call], None]:
    match route.kind:
        case RouteKind.GROUP:
            return _plant_group
        case RouteKind.EXTENSION if fold(route.types[0]) == "roleassignments" and route.names:
            return _plant_role
        case RouteKind.ITEM if fold(f"{route.namespace}/{route.type_name}") in ROWS:
            return _plant_resource
    message = "it is not the id of a resource of a type that is emulated"
    raise invalid_control_request(message)


def _plant_group(call: Call) -> None:
    given = _given(call)
    body = {
        "id": given["id"],
        "name": call.route.group,
        "type": "Microsoft.Resources/resourceGroups",
        "location": GROUP_LOCATION,
        "properties": {"provisioningState": "Succeeded"},
    }
    resources.store(call, body | given)


@invented(
    "seed",
    "A seed is not an answer of Azure: resource groups that it needs and does not have are made "
    "in `westeurope`, what other resources forbid is not checked, and identities that it refers "
    "to need not exist.",
)
def _plant_resource(call: Call) -> None:
    row = ROWS[fold(f"{call.route.namespace}/{call.route.type_name}")]
    _ensure_group(call)
    if row.faces is None:
        nesting.check_parents(call, row)
        provider.store(call, row, _tracked(call, row))
    else:
        resource_id = nesting.new_id(call, row)
        provider.store(call, row, bodies.replaced(call, row, _given(call), {}, resource_id))


def _tracked(call: Call, row: ResourceType) -> JsonObject:
    """Return the body to keep: what a PUT would have made, overlaid by what was observed."""
    given = _given(call)
    observed = {name: value for name, value in given.items() if name != "properties"}
    wanted = {name: value for name, value in given.items() if name != "identity"}
    made = bodies.replaced(call, row, wanted, {}, given["id"])
    properties = made["properties"] | (given.get("properties") or {})
    if row.provider_hub:
        properties["provisioningState"] = "Succeeded"
    return made | observed | {"properties": properties}


def _plant_role(call: Call) -> None:
    if call.route.group:
        _ensure_group(call)
    given = _given(call)
    properties = given.get("properties") or {}
    sent = role_assignments.checked({"properties": properties})
    role = role_assignments.role_id(call.route.subscription, sent["roleDefinitionId"])
    shown = sent | {"scope": call.route.scope_id} | properties | {"roleDefinitionId": role}
    body = {"properties": shown, "id": given["id"]}
    kind = f"{role_assignments.NAMESPACE}/roleAssignments"
    role_assignments.store(call, body | {"type": kind, "name": call.route.names[-1]})


def _ensure_group(call: Call) -> None:
    subscription, group = call.route.subscription, call.route.group
    if call.state.resource(group_key(subscription, group)) is None:
        identifier = f"/subscriptions/{subscription}/resourceGroups/{group}"
        _plant_group(_call(call.state, call.settings, {"id": identifier}))


def _given(call: Call) -> dict[str, Any]:
    """Return what a GET would show of an entry; ``az`` prints more, most of it null."""
    assert isinstance(call.content, dict), "a seed is made of objects"
    return {name: value for name in _SHOWN if (value := call.content.get(name)) is not None}
