"""Microsoft.ManagedIdentity: ``userAssignedIdentities/federatedIdentityCredentials``.

Fields: https://learn.microsoft.com/rest/api/managedidentity/federated-identity-credentials.
Behaviour: recorded, azure-cli, March 2023: synchronous, 201 with a relative ``Location``, then
200. Limits: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
"""

import json
import re

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.resource_type import Field, ResourceType
from reconciler.emulator.managed_identity.identities import API_VERSIONS, NAMESPACE
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JsonObject
from reconciler.emulator.wire.routes import ancestor_key, resource_key

MOST = 20
"""How many credentials an identity can have."""


@invented(
    "credential-audiences",
    "Another number of audiences than one is 400 `InvalidFederatedIdentityCredentialValue` (the "
    "code of Microsoft Graph for applications; that one is needed is documented).",
)
def check_audiences(value: list[str]) -> None:
    """Refuse anything but exactly one audience."""
    if len(value) != 1:
        message = "'audiences' must have exactly one value."
        raise _invalid(message)


@invented(
    "credential-unique",
    "A pair of issuer and subject that another credential of the identity has, compared exactly, "
    "is 400 `InvalidFederatedIdentityCredentialValue` (code and text of Microsoft Graph).",
)
@invented(
    "credential-limit",
    "The 21st credential of an identity is 400 `FederatedIdentityCredentialsLimitExceeded` (the "
    "limit is documented, the code is not).",
)
def check_others(call: Call, body: JsonObject, before: JsonObject) -> None:
    """Refuse one credential too many, or a second one for the same issuer and subject.

    Text: https://github.com/Azure/azure-workload-identity/issues/434
    """
    identity, own = ancestor_key(call.route, 1), resource_key(call.route)
    others = [
        record
        for record in call.state.below(identity, FEDERATED_CREDENTIALS.key)
        if record.key != own
    ]
    if not before and len(others) >= MOST:
        message = f"A managed identity can have at most {MOST} federated identity credentials."
        raise ArmError(400, "FederatedIdentityCredentialsLimitExceeded", message)
    properties = body["properties"]
    for record in others:
        other = json.loads(record.body)["properties"]
        if (other["issuer"], other["subject"]) == (properties["issuer"], properties["subject"]):
            message = (
                "The combination of issuer and subject must be unique. Issuer "
                f"{other['issuer']} and Subject: {other['subject']} already exist."
            )
            raise _invalid(message)


@invented(
    "credential-overlap",
    "Of two writes of credentials of one identity that overlap in time, the later one is refused, "
    "whatever it writes; overlaps between processes that share a state file go unnoticed.",
)
def concurrent_write(identity: str) -> ArmError:
    """409; text: https://github.com/Azure/bicep-registry-modules/issues/1447."""
    message = (
        "Too many Federated Identity Credentials are written concurrently for the managed "
        f"identity '{identity}'. Concurrent Federated Identity Credentials writes under the same "
        "managed identity are not supported."
    )
    code = "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity"
    return ArmError(409, code, message)


def _invalid(message: str) -> ArmError:
    return ArmError(400, "InvalidFederatedIdentityCredentialValue", message)


FEDERATED_CREDENTIALS = ResourceType(
    namespace=NAMESPACE,
    name="userAssignedIdentities/federatedIdentityCredentials",
    registered="userAssignedIdentities/federatedIdentityCredentials",
    shown="Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
    group_segment="resourcegroups",
    api_versions=API_VERSIONS[API_VERSIONS.index("2022-01-31-preview") :],
    name_rule=re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}"),
    name_rule_text=(
        "It must be 3 to 120 letters, digits, hyphens and underscores, "
        "beginning with a letter or digit."
    ),
    fields=(
        Field(("properties", "issuer"), str, required=True),
        Field(("properties", "subject"), str, required=True),
        Field(("properties", "audiences"), list, required=True, check=check_audiences),
    ),
    relative_location=True,
    tracked=False,
    guard=check_others,
)
"""``Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials``."""
