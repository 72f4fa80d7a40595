"""Federated credentials of user-assigned identities."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.kinds.fields import Scalar
from reconciler.kinds.kind import Field, Kind, Operations
from reconciler.model.resource import Severity
from reconciler.model.value import Json

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCES: tuple[str, ...] = ("api://AzureADTokenExchange",)
"""The one audience that Azure takes.
https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
"""


def spelt_out(_name: str, values: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return issuer, subject and audiences, from whichever form the spec uses.

    GitHub: https://docs.github.com/actions/reference/security/oidc
    Kubernetes: https://azure.github.io/azure-workload-identity/docs/
    """
    github, kubernetes = values.get("github"), values.get("kubernetes")
    if isinstance(github, Mapping):
        return {
            "issuer": GITHUB_ISSUER,
            "subject": f"repo:{github['owner']}/{github['repository']}:{_github_context(github)}",
            "audiences": list(AUDIENCES),
        }
    if isinstance(kubernetes, Mapping):
        namespace, account = kubernetes["namespace"], kubernetes["serviceAccount"]
        return {
            "issuer": kubernetes["issuer"],
            "subject": f"system:serviceaccount:{namespace}:{account}",
            "audiences": list(AUDIENCES),
        }
    return {"audiences": list(AUDIENCES), **values}


def _github_context(github: Mapping[str, Json]) -> str:
    """Return the part of a subject that says what in the repository may sign in."""
    if "environment" in github:
        return f"environment:{github['environment']}"
    if "branch" in github:
        return f"ref:refs/heads/{github['branch']}"
    if "tag" in github:
        return f"ref:refs/tags/{github['tag']}"
    return "pull_request"


FEDERATED_IDENTITY_CREDENTIAL = Kind(
    name="FederatedIdentityCredential",
    arm_type="Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
    parent="UserAssignedIdentity",
    collection="federatedCredentials",
    api_version="2024-11-30",
    schema="federated-identity-credential",
    source="https://learn.microsoft.com/rest/api/managedidentity/federated-identity-credentials",
    expand=spelt_out,
    # Issuer and subject are compared character by character, as the token's are.
    fields=(
        Field("issuer", ("properties", "issuer"), Scalar(), severity=Severity.HIGH),
        Field("subject", ("properties", "subject"), Scalar(), severity=Severity.HIGH),
        Field("audiences", ("properties", "audiences"), Scalar(), severity=Severity.HIGH),
    ),
    operations=Operations(
        client="msi",
        group="federated_identity_credentials",
        parameters=(
            "resource_group_name",
            "resource_name",
            "federated_identity_credential_resource_name",
        ),
        create="create_or_update",
        update="",
        delete="delete",
    ),
    # Azure answers 409 to concurrent writes below one identity.
    one_writer=True,
    severity=Severity.HIGH,
)
