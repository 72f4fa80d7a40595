"""The derived actions are among those that Microsoft lists."""

from __future__ import annotations

import pytest

from reconciler.core.roles.permissions import ACTIONS, UNLISTED, action_of
from reconciler.kinds import KINDS

CRUD = ("read", "write", "delete")
LISTED = {
    f"{arm_type}/{verb}".lower()
    for arm_type in (
        "Microsoft.Authorization/roleAssignments",
        "Microsoft.Communication/CommunicationServices",
        "Microsoft.Communication/EmailServices",
        "Microsoft.Communication/EmailServices/Domains",
        "Microsoft.Communication/EmailServices/Domains/SenderUsernames",
        "Microsoft.Communication/EmailServices/Domains/SuppressionLists",
        "Microsoft.Communication/EmailServices/Domains/SuppressionLists/SuppressionListAddresses",
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        "Microsoft.Network/dnsZones",
        "Microsoft.Network/dnsZones/CNAME",
        "Microsoft.Network/dnsZones/TXT",
        "Microsoft.Resources/subscriptions/resourceGroups",
    )
    for verb in CRUD
} | {
    "microsoft.authorization/permissions/read",
    "microsoft.communication/locations/operationstatuses/read",
    "microsoft.communication/register/action",
    "microsoft.managedidentity/register/action",
    "microsoft.managedidentity/userassignedidentities/assign/action",
    "microsoft.resources/subscriptions/read",
}
"""Copied by hand from the pages identity, integration, management-and-governance and networking
below https://learn.microsoft.com/azure/role-based-access-control/permissions."""


@pytest.mark.parametrize("name", KINDS)
def test_the_actions_of_a_kind_are_listed_unless_it_is_known_that_they_are_not(name: str) -> None:
    actions = {action_of(KINDS[name], verb).lower() for verb in CRUD}
    assert actions <= LISTED if name not in UNLISTED else not actions & LISTED


@pytest.mark.parametrize("use", ACTIONS)
def test_the_other_actions_are_listed_and_say_where(use: str) -> None:
    action = ACTIONS[use]
    assert action.source.startswith("https://learn.microsoft.com/")
    if use != "group":
        name = action.name.format(namespace="Microsoft.Communication")
        assert name.lower() in LISTED
