"""Microsoft.ManagedIdentity: ``userAssignedIdentities``.

Fields: https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities. Behaviour:
recorded, azure-cli, March 2023; azure-cli-extensions, March 2025; ASO, March 2026: synchronous,
no ETag, no systemData, ``resourcegroups`` in lower case in the id, ``tags`` always there.
"""

import re

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.resource_type import Field, ResourceType
from reconciler.emulator.communication.links import SERVICES
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JsonObject, Response, write_json
from reconciler.emulator.wire.routes import fold

NAMESPACE = "Microsoft.ManagedIdentity"

API_VERSIONS = (
    "2018-11-30", "2021-09-30-preview", "2022-01-31-preview", "2023-01-31", "2023-07-31-preview",
    "2024-11-30", "2025-01-31-preview", "2025-05-31-preview", "2026-04-30", "2026-05-31",
)  # fmt: skip
"""The versions of the specification and of the clients that were recorded."""


@invented(
    "identity-location",
    "The location of an identity may be any text of letters and digits but `global`; it is "
    "stored without spaces and in lower case.",
)
def check_location(value: str) -> None:
    """Refuse what cannot be an Azure region."""
    name = region(value)
    if name == "global" or not re.fullmatch(r"[a-z0-9]+", name):
        kind = f"{NAMESPACE}/userAssignedIdentities"
        raise errors.location_not_available(value, kind, "every Azure region")


def region(value: str) -> str:
    """Return the name of a region as answers show it."""
    return value.replace(" ", "").lower()


def check_isolation_scope(value: str) -> None:
    """Refuse a value that the specification does not list."""
    if value not in ("None", "Regional"):
        message = f"'{value}' is not a value of isolationScope."
        raise errors.invalid_payload(message)


def generated(call: Call) -> JsonObject:
    """Return the identifiers which Microsoft Entra ID gives a new identity."""
    return {
        "tenantId": call.tenant(),
        "principalId": call.guid(),
        "clientId": call.guid(),
    }


@invented(
    "associated-resources",
    "`listAssociatedResources` knows the communication services only, and ignores `$filter`, "
    "`$orderby`, `$top` and `$skip` (on record is the answer of an identity nobody uses).",
)
def list_associated_resources(call: Call, record: Record) -> Response:
    """Answer ``listAssociatedResources``: what carries the identity.

    https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities/list-associated-resources
    """
    found: list[JsonObject] = []
    for user in call.state.with_member(SERVICES, "$.identity.userAssignedIdentities"):
        if any(
            fold(key) == record.key for key in user.content()["identity"]["userAssignedIdentities"]
        ):
            parts = user.id.split("/")
            found.append(
                {
                    "id": user.id,
                    "name": parts[-1],
                    "type": SERVICES,
                    "resourceGroup": parts[4],
                    "subscriptionId": parts[2],
                    "subscriptionDisplayName": parts[2],
                }
            )
    return Response(200, write_json({"totalCount": len(found), "value": found}).encode())


def revoke_tokens(call: Call, record: Record) -> Response:
    """Answer ``revokeTokens``: 200 without a body (recorded, azure-cli, December 2023)."""
    del call, record
    return Response(200)


USER_ASSIGNED_IDENTITIES = ResourceType(
    namespace=NAMESPACE,
    name="userAssignedIdentities",
    registered="userAssignedIdentities",
    shown="Microsoft.ManagedIdentity/userAssignedIdentities",
    group_segment="resourcegroups",
    api_versions=API_VERSIONS,
    name_rule=re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}"),
    name_rule_text=(
        "It must be 3 to 128 letters, digits, hyphens and underscores, "
        "beginning with a letter or digit."
    ),
    fields=(
        Field(
            ("location",), str, required=True, create_only=True, check=check_location, stored=region
        ),
        Field(("properties", "isolationScope"), str, patchable=True, check=check_isolation_scope),
    ),
    generated=generated,
    read_only=frozenset({"tenantId", "principalId", "clientId"}),
    relative_location=True,
    always_tags=True,
    actions={
        "listassociatedresources": list_associated_resources,
        "revoketokens": revoke_tokens,
    },
    action_versions={
        "listassociatedresources": ("2021-09-30-preview", "2022-01-31-preview"),
        "revoketokens": ("2023-07-31-preview",),
    },
)
"""``Microsoft.ManagedIdentity/userAssignedIdentities``."""
