"""What a caller may do: the permissions of the roles that are assigned to it.

https://learn.microsoft.com/azure/role-based-access-control/overview: an assignment holds at its
scope and below, all of a caller's add up, and what one role takes away another may give.
"""

import re
from functools import lru_cache

from reconciler.emulator.arm.call import Call
from reconciler.emulator.authorization import role_definitions
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire.messages import JsonObject
from reconciler.emulator.wire.routes import fold

ASSIGNMENTS = "microsoft.authorization/roleassignments"
"""The folded type of role assignments."""


def permissions(call: Call, scope: str) -> list[JsonObject]:
    """Return what the caller may do at a scope: the permissions of its roles, and those declared.

    Args:
        call: The request, whose caller it is about.
        scope: The id of the scope.

    """
    place = fold(scope)
    found = list(call.settings.behaviour.permissions_at(scope) or ())
    principal = call.caller.principal if call.caller else ""
    for record in call.state.having(ASSIGNMENTS, "$.properties.principalId", principal):
        own = record.key.rpartition("/providers/microsoft.authorization/")[0]
        if place == own or place.startswith(f"{own}/"):
            role = record.content()["properties"]["roleDefinitionId"]
            found += role_definitions.permissions(call.state, role)
    return found


def sees(call: Call, subscription: str) -> bool:
    """Tell whether the caller has any right in a subscription."""
    if call.caller is None:
        return True
    if call.settings.behaviour.permissions_at(f"/subscriptions/{subscription}"):
        return True
    member = "$.properties.principalId"
    records = call.state.having(ASSIGNMENTS, member, call.caller.principal)
    return any(record.subscription == fold(subscription) for record in records)


def reads(call: Call, record: Record) -> bool:
    """Tell whether the caller may read a resource."""
    return call.caller is None or allows(permissions(call, record.id), f"{record.type}/read")


def allows(found: list[JsonObject], action: str) -> bool:
    """Tell whether one of the permissions has the action and does not take it away."""
    return any(
        _matches(entry["actions"], action) and not _matches(entry["notActions"], action)
        for entry in found
    )


def _matches(patterns: list[str], action: str) -> bool:
    return any(_pattern(pattern).fullmatch(action) for pattern in patterns)


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str]:
    """Return what an action must match; ``/*/`` may stand for nothing.

    Managed Identity Operator has ``userAssignedIdentities/*/assign/action``, which is what
    ``userAssignedIdentities/assign/action`` is checked against.
    """
    escaped = re.escape(text).replace(r"/\*/", "/(?:.*/)?").replace(r"\*", ".*")
    return re.compile(escaped, re.IGNORECASE)
