"""Who can be given a role: the identities in the state, and those a test declares.

Texts: https://github.com/Azure/HubAndSpokeResearchEnclave/issues/50 (``PrincipalNotFound``),
https://github.com/Azure/azure-dev/issues/3581 (``UnmatchedPrincipalType``).
"""

from reconciler.emulator.arm.call import Call
from reconciler.emulator.state.behaviour import ACCEPT, UNLESS_TYPED
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented

TYPES = (
    "User", "Group", "ServicePrincipal", "ForeignGroup", "Device", "AgentServicePrincipal",
    "AgentUser",
)  # fmt: skip
"""The values of ``principalType`` (specification 2022-04-01, and newer clients)."""

_PLACES = (
    ("microsoft.managedidentity/userassignedidentities", "$.properties.principalId"),
    ("microsoft.communication/communicationservices", "$.identity.principalId"),
)


@invented(
    "principal-known",
    "Known are the principals of the identities in the state and those of `PUT "
    "/emulator/principals`; an unknown one is refused only when `principalType` is not given, "
    "unless `unknownPrincipals` says otherwise, and counts as a `User`.",
)
@invented(
    "principal-delay",
    "With `principalDelay: N`, the first N role assignments for the principal of an identity are "
    "`PrincipalNotFound`, even with a `principalType`.",
)
@invented(
    "principal-type",
    "A `principalType` that is not that of a known principal is 400 `UnmatchedPrincipalType`.",
)
def checked_type(call: Call, principal: str, asked: str | None) -> str:
    """Return the type of a principal that is to be given a role.

    Raises:
        ArmError: 400: the principal is unknown, not replicated yet, or of another type.

    """
    behaviour = call.settings.behaviour
    identity = _identity(call, principal)
    actual = "ServicePrincipal" if identity else None
    if identity and (behaviour.still_replicating(principal) or call.hides(identity)):
        raise _not_found(call, principal)
    actual = actual or behaviour.foreign(principal)
    if actual is None:
        lenient = behaviour.unknown_principals
        if lenient == ACCEPT or (lenient == UNLESS_TYPED and asked is not None):
            return asked or "User"
        raise _not_found(call, principal)
    if asked is not None and asked != actual:
        message = (
            f"The PrincipalId '{principal.replace('-', '')}' has type '{actual}' , which is "
            f"different from specified PrinciaplType '{asked}'."
        )
        raise ArmError(400, "UnmatchedPrincipalType", message)
    return actual


def _identity(call: Call, principal: str) -> Record | None:
    """Return what has a principal: an identity, or a resource with one of its own."""
    found = (call.state.having(kind, member, principal) for kind, member in _PLACES)
    return next((record for records in found for record in records), None)


def _not_found(call: Call, principal: str) -> ArmError:
    message = (
        f"Principal {principal.replace('-', '')} does not exist in the directory "
        f"{call.state.fact('tenant')}. Check that you have the correct principal ID. If you are "
        "creating this principal and then immediately assigning a role, this error might be "
        "related to a replication delay. In this case, set the role assignment principalType "
        "property to a value, such as ServicePrincipal, User, or Group.  See "
        "https://aka.ms/docs-principaltype"
    )
    return ArmError(400, "PrincipalNotFound", message)
