"""ARM's error codes in one table: what each means for the run, and how to mend it.

https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reconciler.model.failure import Failure, FailureClass


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error code stands for."""

    kind: FailureClass
    mend: str = ""
    source: str = ""
    """Where it is on record that the code passes by itself; empty for what does not."""


THROTTLING = "https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling"
STATUSES = "https://learn.microsoft.com/azure/architecture/best-practices/retry-service-specific"

_T, _C, _D, _R = (
    FailureClass.TRANSIENT,
    FailureClass.CONFLICT,
    FailureClass.DENIED,
    FailureClass.REFUSED,
)

_NESTED = re.compile(r"""["']code\\*["']\s*:\s*\\*["'](429|TooManyRequests)\b""", re.IGNORECASE)

ABSENT_CODES = frozenset(
    {
        "resourcenotfound",
        "resourcegroupnotfound",
        "parentresourcenotfound",
        "resourcereadfailed",
        "roleassignmentnotfound",
        "notfound",
    }
)
"""The codes of a 404 that mean *this resource is not there*.

Any other 404 (an unknown subscription, type or API version) says nothing about the resource.
"""

CODES: dict[str, Meaning] = {
    "anotheroperationinprogress": Meaning(
        _C, source="https://github.com/pulumi/pulumi-azure-native/issues/903"
    ),
    "concurrentfederatedidentitycredentialswritesforsinglemanagedidentity": Meaning(
        _C, source="https://github.com/hashicorp/terraform-provider-azurerm/issues/19968"
    ),
    "conflict": Meaning(_C, source="https://github.com/Azure/azure-service-operator/issues/4650"),
    "operationinprogress": Meaning(
        _C,
        source="https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-conflict",
    ),
    "resourcegroupbeingdeleted": Meaning(_R, "wait until the resource group is gone"),
    "toomanyrequests": Meaning(_T, source=THROTTLING),
    "subscriptionrequeststhrottled": Meaning(_T, source=THROTTLING),
    "resourcerequeststhrottled": Meaning(_T, source=THROTTLING),
    "retryableerror": Meaning(_T, source="https://github.com/hashicorp/terraform/issues/7153"),
    "internalservererror": Meaning(_T, source=STATUSES),
    "serverbusy": Meaning(_T, source=STATUSES),
    "serverunavailable": Meaning(_T, source=STATUSES),
    "serviceunavailable": Meaning(_T, source=STATUSES),
    "servertimeout": Meaning(_T, source=STATUSES),
    "gatewaytimeout": Meaning(_T, source=STATUSES),
    "authorizationfailed": Meaning(
        _D,
        "give the caller a role that allows it: Reader is enough for plan,"
        " Communication and Email Service Owner and Managed Identity Contributor for apply;"
        " `reconciler rbac check` names what is missing",
    ),
    "linkedauthorizationfailed": Meaning(
        _D,
        "give the caller Managed Identity Operator on the identity, and make sure that the"
        " identity exists",
    ),
    "authenticationfailed": Meaning(_D, "sign in again, for example with `az login`"),
    "sign-in failed": Meaning(
        _D,
        "sign in, for example with `az login`; in a pipeline set AZURE_TENANT_ID, AZURE_CLIENT_ID"
        " and AZURE_FEDERATED_TOKEN_FILE",
    ),
    "expiredauthenticationtoken": Meaning(_D, "sign in again, for example with `az login`"),
    "invalidauthenticationtokentenant": Meaning(
        _D, "sign in to the tenant of the subscription: `az login --tenant TENANT`"
    ),
    "subscriptionnotfound": Meaning(
        _D, "check the subscription id in reconciler.yaml, and that the caller may see it"
    ),
    "missingsubscriptionregistration": Meaning(
        _R, "register the provider once: `az provider register --namespace NAMESPACE`"
    ),
    "noregisteredproviderfound": Meaning(
        _R,
        "this location or cloud has not got the API version: `reconciler doctor` compares versions;"
        " choose another location, or another release of this tool",
    ),
    "hostnameprefixtaken": Meaning(
        _R, "choose another name: Communication Services names are unique in all of Azure"
    ),
    "invaliddatalocation": Meaning(_R, "choose a data location that this cloud offers"),
    "invalidlinkeddomains": Meaning(
        _R, "link a domain only when it exists, is provisioned and is verified"
    ),
    "principalnotfound": Meaning(
        _R, "check the principal's object id; a principal made a moment ago is waited for"
    ),
    "roleassignmentexists": Meaning(
        _R, "the same assignment is there under another name; plan again to adopt it"
    ),
    "roleassignmentlimitexceeded": Meaning(_R, "remove assignments: a subscription has 4000"),
    "cannotdeleteresource": Meaning(_R, "delete what is nested in it first"),
    "preconditionfailed": Meaning(
        _R,
        "senders of an Azure-managed domain need a raised quota: ask Azure support for it, or use"
        " a domain of your own",
    ),
    "failedidentityoperation": Meaning(
        _R, "attach only identities that exist; detach the deleted one first"
    ),
    "scopelocked": Meaning(_R, "remove the lock on the resource or its group, or leave it alone"),
    "requestdisallowedbypolicy": Meaning(_R, "an Azure Policy forbids this; the message names it"),
}
"""Meanings by code in lower case."""


def classify(
    status: int | None,
    code: str,
    message: str,
    *,
    request: str = "",
    correlation_id: str = "",
    retry_after: float | None = None,
    sent: bool = True,
) -> Failure:
    """Return the failure that an answer stands for.

    Args:
        status: HTTP status, or None if there was no answer at all.
        code: ARM's error code, or a word of our own if the answer had none.
        message: what Azure said.
        request: method and resource.
        correlation_id: ``x-ms-correlation-request-id``.
        retry_after: seconds that Azure asked to wait.
        sent: whether the request left this machine, where there was no answer.

    """
    folded = code.lower()
    meaning = CODES.get(folded) or _by_status(status, folded)
    # The throttling of managed identities hides behind FailedIdentityOperation, as the status or
    # as an error inside of the message (recorded).
    if status == 429 or (folded == "failedidentityoperation" and _NESTED.search(message)):
        meaning = Meaning(_T)
    unknown = sent if status is None else status == 408 or status >= 500
    return Failure(
        meaning.kind, code, message, meaning.mend, request, correlation_id, retry_after, unknown
    )


def _by_status(status: int | None, folded: str) -> Meaning:
    """Return what a status means where the code is unknown."""
    match status:
        case None:
            return Meaning(_T, "check the network, the proxy and the endpoint")
        case 404 if folded in ABSENT_CODES:
            return Meaning(FailureClass.NOT_FOUND)
        case 401 | 403:
            return Meaning(_D, "check who is signed in and which roles they have")
        case 408 | 429 | 500 | 502 | 503 | 504:
            return Meaning(_T)
        case 409:
            return Meaning(_C)
        case _:
            return Meaning(_R)
