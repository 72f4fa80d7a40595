"""What a role can be assigned at: a subscription, a resource group or a resource."""

from reconciler.emulator.arm.call import Call
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.routes import Route, RouteKind, fold, group_key, resource_key

EMULATED = ("microsoft.communication/", "microsoft.managedidentity/")
"""Folded beginnings of the types whose resources must exist to be a scope."""


@invented(
    "role-scope",
    "A scope must exist (404 otherwise), unless it is a resource of a provider that is not "
    "emulated; role assignments at a scope vanish with it, and outlive their principal.",
)
def check_scope(call: Call) -> None:
    """Refuse a scope that does not exist.

    Raises:
        errors.ArmError: 404 ``ResourceGroupNotFound`` or ``ResourceNotFound``.

    """
    scope = call.route.scope
    if scope is None or scope.kind is RouteKind.SUBSCRIPTION:
        return
    if call.state.resource(group_key(scope.subscription, scope.group)) is None:
        raise errors.resource_group_not_found(scope.group)
    if scope.kind is not RouteKind.ITEM or not _emulated(scope):
        return
    if call.state.resource(resource_key(scope)) is None:
        *outer, name = scope.names
        *above, leaf = scope.types
        path = [part for pair in zip(above, outer, strict=True) for part in pair]
        kind = "/".join((scope.namespace, *path, leaf))
        raise errors.resource_not_found(kind, name, scope.group)


def _emulated(scope: Route) -> bool:
    return f"{fold(scope.namespace)}/" in EMULATED
