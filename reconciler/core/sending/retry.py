"""When a request is sent again, and when a step is tried again.

Two loops, and no third: the SDK's own is switched off. A *request* is repeated only while that
cannot do anything twice: reads always, a write only if Azure has surely not carried it out. All
else ends the attempt of the *step*, which looks at the resource before it writes again.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model.failure import Failure, FailureClass

REQUEST_WAITS: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before a request is repeated, where Azure does not say more."""

CONNECTS = 4
"""How often an endpoint is asked that nobody seems to serve."""

WAITS: tuple[float, ...] = (2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 60.0, 60.0, 60.0, 60.0)
"""Seconds before the second attempt of a step, the third, and so on."""

REPEATED_READS = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses after which a read is repeated."""

LATE_CODES: Mapping[str, str] = {
    "failedidentityoperation": "https://github.com/hashicorp/terraform-provider-azurerm/pull/32865",
    "hostnameprefixtaken": "https://github.com/Azure/Communication/issues/42",
    "invalidlinkeddomains": "https://github.com/Azure/terraform-provider-azapi/issues/320",
    "linkedauthorizationfailed": "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
    "parentresourcenotfound": "https://github.com/openshift/cloud-credential-operator/pull/878",
    "principalnotfound": "https://github.com/hashicorp/terraform-provider-azurerm/pull/4168",
}
"""What Azure answers about something that was made, or deleted, a moment ago, and has not spread.

Each with where it is on record; about anything older, these are errors that do not pass. A host
name is taken for a while after the resource that had it is gone; how long is not on record.
"""


def repeats(method: str, status: int | None, attempt: int, *, sent: bool) -> bool:
    """Whether a request is sent again as it is.

    Args:
        method: of the request; a POST has effects of its own and is never repeated.
        status: of the answer, None if there was none.
        attempt: how often it was sent, from 1.
        sent: whether it left this machine, where there was no answer.

    """
    never_left = status is None and not sent
    if attempt > (CONNECTS if never_left else len(REQUEST_WAITS)) or method == "POST":
        return False
    if method in ("GET", "HEAD"):
        return status is None or status in REPEATED_READS
    return status == 429 or never_left


def request_wait(attempt: int, retry_after: float | None, jitter: float) -> float:
    """Return the seconds before a request is repeated.

    Args:
        attempt: how often it was sent, from 1.
        retry_after: seconds that Azure asked to wait.
        jitter: from 0 to 1, so that workers do not come back all at once.

    """
    wait = REQUEST_WAITS[attempt - 1] * (0.75 + jitter / 2)
    return max(wait, retry_after or 0.0)


def next_wait(failure: Failure, attempt: int, *, fresh_needs: bool) -> float | None:
    """Return the seconds to wait before the next attempt of a step, None to give up.

    Args:
        failure: how this attempt ended.
        attempt: how many were made, from 1.
        fresh_needs: whether the step needs something that this run has just made.

    """
    if attempt > len(WAITS):
        return None
    late = fresh_needs and failure.code.lower() in LATE_CODES
    if not late and failure.kind not in (FailureClass.TRANSIENT, FailureClass.CONFLICT):
        return None
    return max(WAITS[attempt - 1], failure.retry_after or 0.0)
