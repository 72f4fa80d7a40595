"""Roles that Azure has built in, and what each of them allows.

https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
"""

from dataclasses import dataclass
from typing import Final

from reconciler.emulator.wire.messages import JsonObject

_DEPLOY = (
    "Microsoft.Authorization/*/read",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
)
"""What most roles for one service allow besides."""

_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"


@dataclass(frozen=True, slots=True)
class Role:
    """A built-in role; its GUID is the same in every tenant."""

    name: str
    """The name that people see."""
    guid: str
    """The name of the definition."""
    actions: tuple[str, ...] = ()
    """What it allows; ``*`` stands for anything."""
    not_actions: tuple[str, ...] = ()
    """What it takes away again."""
    data_actions: tuple[str, ...] = ()
    """What it allows with the data of a resource."""

    def permission(self) -> JsonObject:
        """Return the one permission of the role."""
        return {
            "actions": list(self.actions),
            "notActions": list(self.not_actions),
            "dataActions": list(self.data_actions),
            "notDataActions": [],
        }


BUILT_IN: Final = (
    Role(
        "AcrPull",
        "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        ("Microsoft.ContainerRegistry/registries/pull/read",),
    ),
    Role(
        "Communication and Email Service Owner",
        "09976791-48a7-449e-bb21-39d1a415f350",
        (
            "Microsoft.Communication/CommunicationServices/*",
            "Microsoft.Communication/EmailServices/*",
            *_DEPLOY,
        ),
    ),
    Role(
        "Contributor",
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        ("*",),
        (
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
            "Microsoft.Blueprint/blueprintAssignments/write",
            "Microsoft.Blueprint/blueprintAssignments/delete",
            "Microsoft.Compute/galleries/share/action",
            "Microsoft.Purview/consents/write",
            "Microsoft.Purview/consents/delete",
            "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
            "Microsoft.Subscription/cancel/action",
            "Microsoft.Subscription/enable/action",
        ),
    ),
    Role(
        "Key Vault Secrets User",
        "4633458b-17de-408a-b874-0445c86b69e6",
        data_actions=(
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ),
    ),
    Role(
        "Managed Identity Contributor",
        "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59",
        (
            f"{_IDENTITIES}/read",
            f"{_IDENTITIES}/write",
            f"{_IDENTITIES}/delete",
            f"{_IDENTITIES}/federatedIdentityCredentials/read",
            f"{_IDENTITIES}/federatedIdentityCredentials/write",
            f"{_IDENTITIES}/federatedIdentityCredentials/delete",
            f"{_IDENTITIES}/revokeTokens/action",
            *_DEPLOY,
        ),
    ),
    Role(
        "Managed Identity Operator",
        "f1a07417-d97a-45cb-824c-7a7467783830",
        (f"{_IDENTITIES}/*/read", f"{_IDENTITIES}/*/assign/action", *_DEPLOY),
    ),
    Role("Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", ("*",)),
    Role("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", ("*/read",)),
    Role(
        "Role Based Access Control Administrator",
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        (
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "*/read",
            "Microsoft.Support/*",
        ),
    ),
    Role(
        "Storage Blob Data Contributor",
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        (
            "Microsoft.Storage/storageAccounts/blobServices/containers/delete",
            "Microsoft.Storage/storageAccounts/blobServices/containers/read",
            "Microsoft.Storage/storageAccounts/blobServices/containers/write",
            "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
        ),
        data_actions=("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*",),
    ),
    Role(
        "Storage Blob Data Reader",
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        (
            "Microsoft.Storage/storageAccounts/blobServices/containers/read",
            "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
        ),
        data_actions=("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",),
    ),
    Role(
        "User Access Administrator",
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
    ),
)
"""The built-in roles, by name."""
