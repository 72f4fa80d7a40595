"""What must have been there, or gone, for an answer to be what it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import Any

from reconciler.emulator.registry import ROWS
from reconciler.emulator.wire.routes import Route, RouteKind, ancestor_key, fold, group_key, parse
from tests.parity.recording import Recorded

IDENTITIES = "microsoft.managedidentity/userassignedidentities"
DOMAINS = "microsoft.communication/emailservices/domains"

MINIMAL: dict[str, dict[str, Any]] = {
    "microsoft.communication/communicationservices": {
        "location": "global",
        "properties": {"dataLocation": "unitedstates"},
    },
    "microsoft.communication/emailservices": {
        "location": "global",
        "properties": {"dataLocation": "unitedstates"},
    },
    DOMAINS: {
        "location": "global",
        "properties": {"domainManagement": "CustomerManaged"},
    },
    IDENTITIES: {"location": "westus2"},
}
"""The smallest body of each type that has something below it, by folded type."""

_GENERATED = ("hostName", "fromSenderDomain")
"""What the first PUT of a service or domain does not answer yet."""


def presupposed(
    call: Recorded, there: Set[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what has to be seeded before a call, given the folded ids of what is there.

    Returns:
        What the resource needs, and the resource itself. When its own answer is the only thing
        that says what it was, replaying it proves little: the report counts such calls.

    """
    route = parse(call.path)
    seed: list[dict[str, Any]] = []
    if route.group and call.code != "ResourceGroupNotFound":
        seed.append({"id": f"/subscriptions/{route.subscription}/resourceGroups/{route.group}"})
        if call.code != "ParentResourceNotFound":
            seed += _ancestors(call, route)
    seed += _referred(call, route)
    own = _targets(call, route)
    return _new(seed, there), _new(own, there)


def _new(seed: Iterable[dict[str, Any]], there: Set[str]) -> list[dict[str, Any]]:
    return [entry for entry in seed if _key(entry["id"]) not in there]


def gone(call: Recorded, there: Set[str]) -> list[str]:
    """Return the paths of what has to be deleted before a call."""
    route = parse(call.path)
    group = f"/subscriptions/{route.subscription}/resourceGroups/{route.group}"
    if call.code == "ResourceGroupNotFound" and _key(group) in there:
        return [f"{group}?api-version=2024-11-01"]
    if call.code == "ResourceNotFound" and _key(call.path) in there:
        return [f"{call.path}?{call.query}"]
    return []


def _ancestors(call: Recorded, route: Route) -> Iterator[dict[str, Any]]:
    """Yield the smallest resources above the one a call is for."""
    parts = call.path.split("/")
    deep = len(route.types) - 1
    for depth in range(1, deep + 1):
        kind = _kind(route, depth)
        if kind in MINIMAL:
            yield {"id": "/".join(parts[: 7 + 2 * depth])} | MINIMAL[kind]


def _referred(call: Recorded, route: Route) -> Iterator[dict[str, Any]]:
    """Yield the smallest resources that a request names, and that an answer shows to be there."""
    request = call.request if isinstance(call.request, dict) else {}
    body = call.response if isinstance(call.response, dict) else {}
    identity = request.get("identity")
    if call.status < 300 and isinstance(identity, dict):
        for key in identity.get("userAssignedIdentities") or {}:
            yield {"id": key} | MINIMAL[IDENTITIES]
    if call.status < 300 and _kind(route) == f"{DOMAINS}/suppressionlists":
        name = (request.get("properties") or {}).get("listName")
        domain = "/".join(call.path.split("/")[:11])
        if name is not None:
            yield {
                "id": f"{domain}/senderUsernames/{name}",
                "properties": {"username": name},
            }
    if body.get("reason") == "AlreadyExists":
        group = f"/subscriptions/{route.subscription}/resourceGroups/elsewhere"
        identifier = f"{group}/providers/{request['type']}/{request['name']}"
        yield {"id": identifier} | MINIMAL[fold(request["type"])]


def _targets(call: Recorded, route: Route) -> Iterator[dict[str, Any]]:
    """Yield the resources themselves that were there before."""
    body = call.response if isinstance(call.response, dict) else {}
    if call.method == "GET" and call.status == 200 and not call.operation:
        for entry in body.get("value", [body]):
            if _known(entry):
                yield entry | {"id": _spelled(entry["id"], call.path)}
    elif route.kind is not RouteKind.ITEM or not _was_there(call, body):
        return
    elif call.method in ("PUT", "PATCH"):
        yield {name: value for name, value in body.items() if name != "tags"}
    elif _kind(route) in MINIMAL:
        yield {"id": call.path} | MINIMAL[_kind(route)]


def _known(entry: Any) -> bool:
    """Tell whether an entry of an answer is a resource of an emulated type."""
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        return False
    return _kind(parse(entry["id"])) in ROWS


def _was_there(call: Recorded, body: dict[str, Any]) -> bool:
    """Tell from an answer whether its resource was there before."""
    if call.method in ("PATCH", "DELETE"):
        return call.status < 300
    row = ROWS.get(_kind(parse(call.path)))
    if call.method != "PUT" or call.status >= 300 or row is None or row.created_status == 200:
        return False
    if row.replaced_status == 200:
        return call.status == 200
    return any(name in (body.get("properties") or {}) for name in _GENERATED)


def _kind(route: Route, depth: int | None = None) -> str:
    """Return the folded type of a route, or of what is above it."""
    return fold("/".join((route.namespace, *route.types[:depth])))


def _spelled(identifier: str, path: str) -> str:
    """Return the id of an entry; that of one with two faces as the path spells it."""
    row = ROWS[_kind(parse(identifier))]
    return path if row.faces is not None and fold(identifier) == fold(path) else identifier


def _key(identifier: str) -> str:
    """Return the folded id as the state has it."""
    route = parse(identifier)
    if route.kind is RouteKind.GROUP:
        return group_key(route.subscription, route.group)
    if route.kind is RouteKind.ITEM:
        return ancestor_key(route, len(route.types))
    return fold(identifier)
