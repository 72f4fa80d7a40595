"""From a request that was really sent to the actions that Azure would ask for.

Written from Azure's rule (the type of the resource, and a verb), not from the code under test.
https://learn.microsoft.com/azure/role-based-access-control/role-definitions
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
ASSIGN = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
DOMAIN = "Microsoft.Communication/emailServices/domains/read"


def actions_of(entry: dict[str, Any]) -> Iterator[str]:
    """Yield the actions that one request of the emulator's log needs."""
    if entry["method"] == "POST":
        above, _, action = entry["path"].rpartition("/")
        yield f"{type_of(above)}/{action}/action"
        return
    yield f"{type_of(entry['path'])}/{VERBS[entry['method']]}"
    body = entry["request"] if isinstance(entry["request"], dict) else {}
    attached = (body.get("identity") or {}).get("userAssignedIdentities") or {}
    if any(value is not None for value in attached.values()):
        yield ASSIGN
    if (body.get("properties") or {}).get("linkedDomains"):
        yield DOMAIN


def type_of(path: str) -> str:
    """Return the type of the resource or collection that a path names."""
    above, found, tail = path.rpartition("/providers/")
    del above
    if not found:
        return "Microsoft.Resources/subscriptions/resourceGroups"
    namespace, *rest = tail.split("/")
    return "/".join([namespace, *rest[0::2]])


def uncovered(log: Iterable[dict[str, Any]], actions: Iterable[str]) -> set[str]:
    """Return the actions that requests needed and a role does not have, ignoring case."""
    allowed = {action.lower() for action in actions}
    needed = {action for entry in log for action in actions_of(entry)}
    return {action for action in needed if action.lower() not in allowed}
