"""Resources inside of resources: their groups, parents and ids, and what is said of missing ones.

Texts: recorded, ASO, March 2026 (``ResourceNotFound``, ``ParentResourceNotFound``);
azure-sdk-for-net, November 2023 (``ResourceReadFailed``); azure-cli, March 2023 (``NotFound``).
"""

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.resource_type import ResourceType
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.errors import GATEWAY, ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.routes import ancestor_key, fold, group_key, resource_key

_VERBS = {"GET": "read", "DELETE": "delete"}
_SERVICE = (
    ("x-ms-failure-cause", "service"),
    ("x-ms-providerhub-traffic", "True"),
    ("Content-Type", "application/json"),
)


def group_name(call: Call) -> str:
    """Return the name of the resource group as it was created.

    Raises:
        ArmError: The group does not exist, or is being deleted and this is a write.

    """
    group = call.state.resource(group_key(call.route.subscription, call.route.group))
    if group is None:
        raise errors.resource_group_not_found(call.route.group)
    name = group.id.rpartition("/")[2]
    if group.state == "Deleting" and call.request.method != "GET":
        raise errors.resource_group_being_deleted(name)
    return name


def check_parents(call: Call, row: ResourceType) -> Record | None:
    """Return the parent of the resource a request is for; None when it has none.

    Raises:
        ArmError: 404: the group or the parent does not exist.

    """
    group_name(call)
    depth = len(call.route.types) - 1
    if not depth:
        return None
    parent = call.state.resource(ancestor_key(call.route, depth))
    if parent is None or call.hides(parent):
        raise _parent_not_found(call, row, depth)
    return parent


def existing(call: Call, row: ResourceType) -> Record | None:
    """Return the resource of an item route; None when only its parents exist."""
    check_parents(call, row)
    return call.state.resource(resource_key(call.route))


def refuse_if_busy(record: Record | None) -> None:
    """Refuse to write to a resource in the middle of an operation.

    Raises:
        ArmError: 409 ``AnotherOperationInProgress``.

    """
    if record is not None and record.state in ("Accepted", "Deleting"):
        raise errors.another_operation_in_progress(record.id)


def new_id(call: Call, row: ResourceType) -> str:
    """Return the id of a resource to be created: that of its parent as created, and its own.

    Raises:
        ArmError: 400: the name breaks the rule of its type, or is taken.

    """
    route, name = call.route, call.route.names[-1]
    if not row.name_rule.fullmatch(name):
        raise errors.invalid_resource_name(name, row.name_rule_text)
    if row.globally_unique and call.state.named(row.key, fold(name)):
        raise errors.host_name_prefix_taken()
    parent = check_parents(call, row)
    leaf = row.name.rpartition("/")[2]
    if parent is not None:
        return f"{parent.id}/{leaf}/{name}"
    return (
        f"/subscriptions/{route.subscription}/{row.group_segment}/{group_name(call)}"
        f"/providers/{row.namespace}/{leaf}/{name}"
    )


def missing(call: Call, row: ResourceType) -> ArmError:
    """Return the 404 of a resource whose parents exist, in the words of who keeps the type."""
    if row.tracked:
        *outer, name = call.route.names
        *above, leaf = row.registered.split("/")
        path = [part for pair in zip(above, outer, strict=True) for part in pair]
        return errors.resource_not_found(
            "/".join((row.namespace, *path, leaf)), name, call.route.group
        )
    if row.faces is not None:
        message = f"Failed to read resource '{call.request.path}' with error: Not Found"
        return ArmError(404, "ResourceReadFailed", message, _SERVICE)
    parent = call.state.resource(ancestor_key(call.route, len(call.route.types) - 1))
    assert parent is not None, "the parents were checked before"
    name = f"{parent.id}/{row.name.rpartition('/')[2]}/{call.route.names[-1]}"
    return ArmError(404, "NotFound", f"Resource '{name}' was not found.")


@invented(
    "nested-delete",
    "Deleting an e-mail service that has domains is 409 `CannotDeleteResource` (text and status "
    "as ARM answers for other providers).",
)
def refuse_if_nested(call: Call, record: Record, kind: str) -> None:
    """Refuse to delete a resource below which there are others of a folded type.

    Text: https://github.com/Azure/terraform-provider-azapi/issues/894

    Raises:
        ArmError: 409 ``CannotDeleteResource``.

    """
    nested = call.state.below(record.key, kind)
    if nested:
        names = ", ".join(item.id.partition("/providers/")[2] for item in nested)
        message = (
            "Cannot delete resource while nested resources exist. Some existing nested resource "
            f"IDs include: '{names}'. Please delete all nested resources before deleting this "
            "resource."
        )
        raise ArmError(409, "CannotDeleteResource", message)


def _parent_not_found(call: Call, row: ResourceType, depth: int) -> ArmError:
    """404, recorded, ASO, March 2026; the namespace is as ``type`` shows it."""
    route = call.route
    pairs = zip(row.registered.split("/")[:depth], route.names[:depth], strict=True)
    parent = "/".join(
        (
            f"/subscriptions/{route.subscription}/resourceGroups/{route.group}/providers",
            row.shown.partition("/")[0],
            *(part for pair in pairs for part in pair),
        )
    )
    verb = _VERBS.get(call.request.method, "write")
    message = (
        f"Failed to perform '{verb}' on resource(s) of type '{row.registered}', because the "
        f"parent resource '{parent}' could not be found."
    )
    return ArmError(404, "ParentResourceNotFound", message, GATEWAY)
