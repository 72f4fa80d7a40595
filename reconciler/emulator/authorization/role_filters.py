"""Which role assignments a list shows: those of a scope, above it and below it.

https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest
"""

import json
import re
from dataclasses import dataclass

from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.routes import fold

_PRINCIPAL = re.compile(r"principalId\s+eq\s+'([^']*)'|assignedTo\('([^']*)'\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RoleFilter:
    """A ``$filter`` that was read."""

    principal: str | None = None
    """The folded id of the principal whose assignments are wanted; None for all."""
    at_scope: bool = False
    """Whether assignments below the scope are left out."""

    def takes(self, record: Record, scope: str) -> bool:
        """Tell whether a list at a folded scope shows an assignment."""
        own = record.key.rpartition("/providers/microsoft.authorization/")[0]
        above = scope == own or scope.startswith(f"{own}/")
        below = own.startswith(f"{scope}/") and not self.at_scope
        if not above and not below:
            return False
        if self.principal is None:
            return True
        return fold(json.loads(record.body)["properties"]["principalId"]) == self.principal


@invented(
    "role-filter",
    "`assignedTo` knows no groups and is the same as `principalId eq`; filters can be joined by "
    "`and`; any other is 400 `InvalidFilter`.",
)
def parse(text: str | None) -> RoleFilter:
    """Read a ``$filter``.

    Raises:
        ArmError: 400: it is none of the documented ones.

    """
    principal: str | None = None
    at_scope = False
    for part in re.split(r"\s+and\s+", (text or "").strip(), flags=re.IGNORECASE):
        match = _PRINCIPAL.fullmatch(part)
        if match:
            principal = fold(match[1] or match[2] or "")
        elif fold(part) == "atscope()":
            at_scope = True
        elif part:
            message = f"The filter '{text}' is not supported."
            raise ArmError(400, "InvalidFilter", message)
    return RoleFilter(principal, at_scope)
