"""When to try a step again.

Lost connections, 5xx and throttling of single requests are the SDK's retry policy's business
(`reconciler.arm.clients`). Here are the answers that only the plan can judge: a conflict with an
operation that is still running, and a thing just made that not every part of Azure has seen yet.
"""

from __future__ import annotations

from reconciler.model.failure import Failure, FailureClass

WAITS: tuple[float, ...] = (2.0, 4.0, 8.0, 15.0, 30.0, 30.0)
"""Seconds before the second attempt, the third, and so on."""

LATE_CODES = frozenset(
    {
        "failedidentityoperation",
        "hostnameprefixtaken",
        "invalidlinkeddomains",
        "linkedauthorizationfailed",
        "parentresourcenotfound",
        "principalnotfound",
    }
)
"""What Azure answers about something that was made, or deleted, a moment ago, and has not spread.

A host name is taken for a while after the resource that had it is gone; how long is not on record.

https://github.com/openshift/cloud-credential-operator/pull/878
https://github.com/hashicorp/terraform-provider-azurerm/pull/4168
"""


def next_wait(failure: Failure, attempt: int, *, fresh_needs: bool) -> float | None:
    """Return the seconds to wait before the next attempt, None to give up.

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
