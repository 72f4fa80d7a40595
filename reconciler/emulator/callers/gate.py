"""What a request needs its caller to be allowed, and the refusal of those who are not.

Actions: https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
"""

from collections.abc import Iterator
from typing import Any

from reconciler.emulator.arm.call import Call
from reconciler.emulator.authorization.rights import allows, permissions
from reconciler.emulator.registry import EXTENSIONS, ROWS
from reconciler.emulator.resource_manager import activity_log
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.routes import RouteKind, fold

ASSIGN = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
"""What it takes to let a resource carry an identity."""

_VERBS = {"GET": "read", "HEAD": "read", "DELETE": "delete"}
_RESOURCES = "Microsoft.Resources/subscriptions"
_OF_ARM = {
    RouteKind.SUBSCRIPTION: "",
    RouteKind.GROUPS: "/resourceGroups",
    RouteKind.GROUP: "/resourceGroups",
    RouteKind.RESOURCES: "/resources",
    RouteKind.PROVIDER: "/providers",
    RouteKind.PROVIDERS: "/providers",
}
"""What of ARM itself is asked for, below ``Microsoft.Resources/subscriptions``."""
_FREE = (
    RouteKind.SUBSCRIPTIONS,
    RouteKind.TENANTS,
    RouteKind.GRAPH,
    RouteKind.OPERATION_STATUS,
    RouteKind.OPERATION_RESULT,
    RouteKind.PROVIDER_OPERATIONS,
)
"""What every caller with a token may ask for; the list of subscriptions shows only its own."""


@invented(
    "authorization",
    "Off unless switched on. Groups, deny assignments, conditions and data actions count for "
    "nothing, a change holds at once, lists need the right at their scope, and operations can be "
    "polled by every caller.",
)
def check(call: Call) -> None:
    """Refuse what the caller has no right to.

    Raises:
        ArmError: 403 ``AuthorizationFailed`` or ``LinkedAuthorizationFailed``.

    """
    if call.caller is None or call.route.kind in _FREE:
        return
    action, scope = needed(call)
    if not allows(permissions(call, scope), action):
        raise _failed(call, action, scope)
    for linked in _linked(call.content):
        if not allows(permissions(call, linked), ASSIGN):
            raise _linked_failed(call, action, scope, linked)


def needed(call: Call) -> tuple[str, str]:
    """Return the action a request needs, and the scope at which it needs it."""
    route, verb = call.route, _VERBS.get(call.request.method, "write")
    subscription = f"/subscriptions/{route.subscription}"
    group = f"{subscription}/resourceGroups/{route.group}" if route.group else subscription
    if route.kind in _OF_ARM:
        return f"{_RESOURCES}{_OF_ARM[route.kind]}/{verb}", group
    if route.kind is RouteKind.EXTENSION:
        extension = EXTENSIONS[fold(route.types[0])]
        return f"{extension.namespace}/{extension.name}/{verb}", route.scope_id
    if call.request.method == "POST":
        return _action(call, group)
    if fold(route.namespace) == activity_log.NAMESPACE:
        return f"Microsoft.Insights/eventtypes/values/{verb}", subscription
    row = ROWS[fold(f"{route.namespace}/{route.type_name}")]
    return f"{row.namespace}/{row.registered}/{verb}", _place(call, group, len(route.names))


def _action(call: Call, group: str) -> tuple[str, str]:
    """Return what a POST needs: ``{type}/{action}/action`` at what it is below."""
    *types, action = call.route.types
    row = ROWS.get(fold("/".join((call.route.namespace, *types))))
    name = f"{row.namespace}/{row.registered}" if row else call.route.namespace
    return f"{name}/{action}/action", _place(call, group, len(types))


def _place(call: Call, group: str, depth: int) -> str:
    """Return the id of the resource ``depth`` types below a group; of the group for none."""
    if not depth:
        return group
    pairs = zip(call.route.types[:depth], call.route.names[:depth], strict=True)
    tail = "/".join(part for pair in pairs for part in pair)
    return f"{group}/providers/{call.route.namespace}/{tail}"


def _linked(content: Any) -> Iterator[str]:
    """Yield the ids of the identities a request lets its resource carry."""
    block = content.get("identity") if isinstance(content, dict) else None
    keys = block.get("userAssignedIdentities") if isinstance(block, dict) else None
    for key, value in (keys or {}).items() if isinstance(keys, dict) else ():
        if value is not None:
            yield key


def _failed(call: Call, action: str, scope: str) -> ArmError:
    """403; text: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting."""
    message = (
        f"{_who(call)} does not have authorization to perform action '{action}' over scope "
        f"'{scope}' or the scope is invalid. If access was recently granted, please refresh your "
        "credentials."
    )
    return ArmError(403, "AuthorizationFailed", message)


def _linked_failed(call: Call, action: str, scope: str, linked: str) -> ArmError:
    """403; text: https://github.com/Azure/aad-pod-identity/issues/217."""
    message = (
        f"{_who(call)} has permission to perform action '{action}' on scope '{scope}'; however, "
        f"it does not have permission to perform action(s) '{ASSIGN}' on the linked scope(s) "
        f"'{linked}' (respectively) or the linked scope(s) are invalid."
    )
    return ArmError(403, "LinkedAuthorizationFailed", message)


def _who(call: Call) -> str:
    assert call.caller is not None, "only a caller is refused"
    return f"The client '{call.caller.application}' with object id '{call.caller.principal}'"
