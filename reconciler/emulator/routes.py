"""The path grammar of Azure Resource Manager.

``/subscriptions/{s}[/resourceGroups/{g}]/providers/{namespace}/{type}/{name}/...``; literal
segments and names are compared without case, and an empty segment is folded away.
https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.emulator.messages import segments


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

    @property
    def type_name(self) -> str:
        """The type without its namespace, such as ``communicationServices``."""
        return "/".join(self.types)


def parse(path: str) -> Route:
    """Take a path apart; a path outside the grammar is :attr:`RouteKind.UNKNOWN`."""
    match segments(path):
        case (root, *rest) if root.casefold() == "subscriptions":
            return _subscription_route(rest)
        case _:
            return Route(RouteKind.UNKNOWN)


def _subscription_route(parts: list[str]) -> Route:
    match parts:
        case []:
            return Route(RouteKind.SUBSCRIPTIONS)
        case [subscription]:
            return Route(RouteKind.SUBSCRIPTION, subscription)
        case [subscription, word, *rest] if word.casefold() == "resourcegroups":
            return _group_route(subscription, rest)
        case [subscription, word, *rest] if word.casefold() == "providers":
            return _operation_route(subscription, rest) or _provider_route(subscription, "", rest)
        case [subscription, word, token] if word.casefold() == "operationresults":
            return Route(RouteKind.OPERATION_RESULT, subscription, operation=token)
    return Route(RouteKind.UNKNOWN)


def _group_route(subscription: str, parts: list[str]) -> Route:
    match parts:
        case []:
            return Route(RouteKind.GROUPS, subscription)
        case [group]:
            return Route(RouteKind.GROUP, subscription, group)
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
    tail = "/".join(f"{kind}/{name}" for kind, name in zip(route.types, route.names, strict=True))
    scope = group_key(route.subscription, route.group)
    return f"{scope}/providers/{fold(route.namespace)}/{fold(tail)}"
