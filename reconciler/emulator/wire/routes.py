"""The path grammar of Azure Resource Manager.

``/subscriptions/{s}[/resourceGroups/{g}]/providers/{namespace}/{type}/{name}/...``, and below any
of these an extension, ``/providers/Microsoft.Authorization/roleAssignments/{name}``; literal
segments and names are compared without case, and an empty segment is folded away.
https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.emulator.wire.messages import segments

EXTENSIONS = frozenset(
    {
        ("microsoft.authorization", "roleassignments"),
        ("microsoft.authorization", "roledefinitions"),
        ("microsoft.authorization", "permissions"),
        ("microsoft.managedidentity", "identities"),
        ("microsoft.resources", "tags"),
    }
)
"""The folded types, with their namespaces, that extend another resource."""


class RouteKind(StrEnum):
    """What a path names."""

    SUBSCRIPTIONS = "subscriptions"
    SUBSCRIPTION = "subscription"
    GROUPS = "groups"
    GROUP = "group"
    OPERATION_RESULT = "operation result"
    OPERATION_STATUS = "operation status"
    COLLECTION = "collection"
    ITEM = "item"
    TENANTS = "tenants"
    GRAPH = "graph"
    PROVIDERS = "providers"
    PROVIDER = "provider"
    PROVIDER_OPERATIONS = "provider operations"
    RESOURCES = "resources"
    EXTENSION = "extension"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Route:
    """A path, taken apart; texts are spelled as the client did."""

    kind: RouteKind
    """What the path names."""
    subscription: str = ""
    """The subscription id."""
    group: str = ""
    """The resource group; empty at subscription scope."""
    namespace: str = ""
    """The provider namespace, such as ``Microsoft.Communication``."""
    types: tuple[str, ...] = ()
    """The type segments, outermost first."""
    names: tuple[str, ...] = ()
    """The resource names, outermost first; one fewer than types in a collection."""
    operation: str = ""
    """The name of an operation."""
    scope: "Route | None" = None
    """What an extension extends."""
    scope_id: str = ""
    """The id of what an extension extends, spelled as the client did."""

    @property
    def type_name(self) -> str:
        """The type without its namespace, such as ``communicationServices``."""
        return "/".join(self.types)


def parse(path: str) -> Route:
    """Take a path apart; a path outside the grammar is :attr:`RouteKind.UNKNOWN`."""
    return _route(segments(path))


def _route(parts: tuple[str, ...]) -> Route:
    match tuple(part.casefold() for part in parts):
        case ("subscriptions", *_):
            return _extension_route(parts) or _subscription_route(list(parts[1:]))
        case ("tenants",):
            return Route(RouteKind.TENANTS)
        case ("providers", "microsoft.resourcegraph", "resources"):
            return Route(RouteKind.GRAPH, namespace=parts[1])
        case ("providers", _, "operations"):
            return Route(RouteKind.PROVIDER_OPERATIONS, namespace=parts[1])
    return Route(RouteKind.UNKNOWN)


def _extension_route(parts: tuple[str, ...]) -> Route | None:
    """Return the route of what extends a scope: the last ``providers`` segment begins it."""
    for length in (3, 4):
        tail = parts[-length:]
        if len(tail) < length or tail[0].casefold() != "providers":
            continue
        if (tail[1].casefold(), tail[2].casefold()) not in EXTENSIONS:
            continue
        scope = _route(parts[:-length])
        if scope.kind not in (RouteKind.SUBSCRIPTION, RouteKind.GROUP, RouteKind.ITEM):
            return Route(RouteKind.UNKNOWN)
        return Route(
            RouteKind.EXTENSION,
            scope.subscription,
            scope.group,
            tail[1],
            (tail[2],),
            tail[3:],
            scope=scope,
            scope_id="/" + "/".join(parts[:-length]),
        )
    return None


def _subscription_route(parts: list[str]) -> Route:
    match parts:
        case []:
            return Route(RouteKind.SUBSCRIPTIONS)
        case [subscription]:
            return Route(RouteKind.SUBSCRIPTION, subscription)
        case [subscription, word, *rest] if word.casefold() == "resourcegroups":
            return _group_route(subscription, rest)
        case [subscription, word, *rest] if word.casefold() == "providers" and rest:
            return _operation_route(subscription, rest) or _provider_route(subscription, "", rest)
        case [subscription, *rest]:
            return _other_route(subscription, rest)
    return Route(RouteKind.UNKNOWN)


def _other_route(subscription: str, parts: list[str]) -> Route:
    match [part.casefold() for part in parts]:
        case ["providers"]:
            return Route(RouteKind.PROVIDERS, subscription)
        case ["resources"]:
            return Route(RouteKind.RESOURCES, subscription)
        case ["operationresults", _]:
            return Route(RouteKind.OPERATION_RESULT, subscription, operation=parts[1])
    return Route(RouteKind.UNKNOWN)


def _group_route(subscription: str, parts: list[str]) -> Route:
    match parts:
        case []:
            return Route(RouteKind.GROUPS, subscription)
        case [group]:
            return Route(RouteKind.GROUP, subscription, group)
        case [group, word] if word.casefold() == "resources":
            return Route(RouteKind.RESOURCES, subscription, group)
        case [group, word, *rest] if word.casefold() == "providers":
            return _provider_route(subscription, group, rest)
    return Route(RouteKind.UNKNOWN)


def _operation_route(subscription: str, parts: list[str]) -> Route | None:
    match [part.casefold() for part in parts]:
        case [_, "locations", _, "operationstatuses", _]:
            return Route(
                RouteKind.OPERATION_STATUS, subscription, namespace=parts[0], operation=parts[-1]
            )
    return None


def _provider_route(subscription: str, group: str, parts: list[str]) -> Route:
    if len(parts) == 1 and not group:
        return Route(RouteKind.PROVIDER, subscription, namespace=parts[0])
    if len(parts) < 2 or any(part.casefold() == "providers" for part in parts[1::2]):
        return Route(RouteKind.UNKNOWN)
    namespace, *tail = parts
    types, names = tuple(tail[0::2]), tuple(tail[1::2])
    kind = RouteKind.ITEM if len(types) == len(names) else RouteKind.COLLECTION
    if kind is RouteKind.ITEM and not group:
        return Route(RouteKind.UNKNOWN)
    return Route(kind, subscription, group, namespace, types, names)


def fold(text: str) -> str:
    """Return the form in which names, types and ids are compared."""
    return text.casefold()


def group_key(subscription: str, group: str) -> str:
    """Return the folded id of a resource group."""
    return fold(f"/subscriptions/{subscription}/resourcegroups/{group}")


def resource_key(route: Route) -> str:
    """Return the folded id of the resource which an item route names."""
    return ancestor_key(route, len(route.types))


def ancestor_key(route: Route, depth: int) -> str:
    """Return the folded id of the resource ``depth`` types below the resource group."""
    pairs = zip(route.types[:depth], route.names[:depth], strict=True)
    tail = "/".join(f"{kind}/{name}" for kind, name in pairs)
    scope = group_key(route.subscription, route.group)
    return f"{scope}/providers/{fold(route.namespace)}/{fold(tail)}"


def scope_key(route: Route) -> str:
    """Return the folded id of a subscription, a resource group or a resource."""
    match route.kind:
        case RouteKind.SUBSCRIPTION:
            return fold(f"/subscriptions/{route.subscription}")
        case RouteKind.GROUP:
            return group_key(route.subscription, route.group)
    return resource_key(route)
