"""Microsoft.Communication: ``communicationServices``.

Fields and limits: https://learn.microsoft.com/rest/api/communication/resourcemanager and
https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules.
Behaviour: recorded, azure-cli-extensions, March 2025; azure-sdk-for-net, September 2023;
azure-powershell, July 2024; ASO, March 2026.
"""

import re

from reconciler.emulator import errors
from reconciler.emulator.call import Call
from reconciler.emulator.invented import invented
from reconciler.emulator.messages import JsonObject
from reconciler.emulator.resource_type import Field, ResourceType, same

NAMESPACE = "Microsoft.Communication"

API_VERSIONS = (
    "2023-03-31", "2023-04-01-preview", "2023-04-01", "2023-06-01-preview", "2024-09-01-preview",
    "2025-05-01", "2025-09-01", "2026-03-18",
)  # fmt: skip
"""The versions of the specification since the wire behaviour became that of today."""

DATA_LOCATIONS = (
    "Africa", "Asia Pacific", "Australia", "Brazil", "Canada", "Europe", "France", "Germany",
    "India", "Japan", "Korea", "Norway", "Switzerland", "UAE", "UK", "United States", "usgov",
)  # fmt: skip
"""What https://registry.terraform.io/providers/hashicorp/azurerm lists for ``data_location``."""

_DOMAIN_ID = re.compile(
    r"/subscriptions/[^/]+/resourcegroups/[^/]+"
    r"/providers/microsoft\.communication/emailservices/[^/]+/domains/[^/]+",
    re.IGNORECASE,
)


def check_location(value: str) -> None:
    """Refuse any location but ``global``, in whatever case."""
    if not same(value, "global"):
        kind = f"{NAMESPACE}/CommunicationServices"
        raise errors.location_not_available(value, kind, "global")


@invented(
    "data-locations",
    "The geographies are those the Terraform provider knows; the host name has the geography "
    "without spaces in lower case (on record for the United States).",
)
def check_data_location(value: str) -> None:
    """Refuse a geography that is not known; ``UnitedStates`` is ``United States`` (recorded)."""
    if not any(same(value, known) for known in DATA_LOCATIONS):
        raise errors.invalid_data_location(value, DATA_LOCATIONS)


@invented(
    "linked-domains-unchecked",
    "Entries of `linkedDomains` must be ids of e-mail domains; whether the domain exists and is "
    "verified is not checked, as domains are not emulated.",
)
def check_linked_domains(value: list[str]) -> None:
    """Refuse entries that are not ids of e-mail domains."""
    if not all(_DOMAIN_ID.fullmatch(entry) for entry in value):
        raise errors.invalid_linked_domains()


@invented(
    "network-access-values",
    "`publicNetworkAccess` accepts only the three values of the specification, which leaves the "
    "enum open.",
)
def check_public_network_access(value: str) -> None:
    """Refuse a value that the specification does not list."""
    if value not in ("Enabled", "Disabled", "SecuredByPerimeter"):
        message = f"'{value}' is not a value of publicNetworkAccess."
        raise errors.invalid_payload(message)


def generated(call: Call) -> JsonObject:
    """Return what the service adds: host name and immutable id.

    Recorded, azure-cli-extensions, March 2025:
    ``resource000002.unitedstates.communication.azure.com``.
    """
    sent = call.content if isinstance(call.content, dict) else {}
    geography = sent["properties"]["dataLocation"].replace(" ", "").lower()
    name = call.route.names[-1].lower()
    return {
        "hostName": f"{name}.{geography}.communication.azure.com",
        "immutableResourceId": call.guid(),
    }


COMMUNICATION_SERVICES = ResourceType(
    namespace=NAMESPACE,
    name="communicationServices",
    registered="CommunicationServices",
    shown="microsoft.communication/communicationservices",
    group_segment="resourceGroups",
    api_versions=API_VERSIONS,
    name_rule=re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"),
    name_rule_text=(
        "It must be 1 to 63 letters, digits and hyphens, with no hyphen at either end."
    ),
    fields=(
        Field(("location",), str, required=True, create_only=True, check=check_location),
        Field(
            ("properties", "dataLocation"),
            str,
            required=True,
            create_only=True,
            check=check_data_location,
        ),
        Field(("properties", "linkedDomains"), list, patchable=True, check=check_linked_domains),
        Field(
            ("properties", "publicNetworkAccess"),
            str,
            patchable=True,
            check=check_public_network_access,
        ),
        Field(("properties", "disableLocalAuth"), bool, patchable=True),
    ),
    generated=generated,
    read_only=frozenset(
        {"provisioningState", "hostName", "immutableResourceId", "version", "notificationHubId"}
    ),
    long_running=True,
    replaced_status=201,
    provider_hub=True,
    identity=True,
    globally_unique=True,
)
"""``Microsoft.Communication/communicationServices``."""

NOT_EMULATED = frozenset(
    {
        "emailservices",
        "emailservices/domains",
        "emailservices/domains/senderusernames",
        "emailservices/domains/suppressionlists",
        "emailservices/domains/suppressionlists/suppressionlistaddresses",
        "communicationservices/smtpusernames",
    }
)
"""Types which Azure has and the emulator has not, folded: 501 instead of a false 404."""
