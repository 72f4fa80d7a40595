"""What ARM says of a mail domain: who manages it, and where each of its checks stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reconciler.kinds.email import AZURE_MANAGED
from reconciler.model.value import Body, as_object

NOT_STARTED = "NotStarted"
REQUESTED = "VerificationRequested"
IN_PROGRESS = "VerificationInProgress"
FAILED = "VerificationFailed"
VERIFIED = "Verified"
CANCELLED = "CancellationRequested"
"""https://learn.microsoft.com/rest/api/communication/resourcemanager/domains/get"""

UNDER_WAY = frozenset({REQUESTED, IN_PROGRESS})
MAY_BE_ASKED = frozenset({NOT_STARTED, FAILED, CANCELLED})
"""States in which nothing goes on: a word that is not known here is not among them."""

NO_CODES = ("", "None")
"""What ARM writes as an error code where there is none (recorded)."""


class ArmState(NamedTuple):
    """Where one check stands."""

    status: str = ""
    """Empty where ARM says nothing."""
    error_code: str = ""


def arm_states(body: Body) -> Mapping[str, ArmState]:
    """Return where each check of a domain stands, by its name."""
    states = as_object(as_object(body.get("properties")).get("verificationStates"))
    found: dict[str, ArmState] = {}
    for check, value in states.items():
        said = as_object(value)
        status, code = said.get("status"), said.get("errorCode")
        found[check] = ArmState(
            status if isinstance(status, str) else "",
            code if isinstance(code, str) and code not in NO_CODES else "",
        )
    return found


def is_azure_managed(body: Body) -> bool:
    """Whether Azure has made the records of a domain, and has verified them, itself."""
    return as_object(body.get("properties")).get("domainManagement") == AZURE_MANAGED


def is_settled(body: Body) -> bool:
    """Whether the last write of a resource has ended well."""
    state = as_object(body.get("properties")).get("provisioningState")
    return state is None or str(state).lower() == "succeeded"
