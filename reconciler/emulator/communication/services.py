"""Microsoft.Communication: ``communicationServices``.

Fields and limits: https://learn.microsoft.com/rest/api/communication/resourcemanager and
https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules.
Behaviour: recorded, azure-cli-extensions, March 2025; azure-sdk-for-net, September 2023;
azure-powershell, July 2024; ASO, March 2026.
"""

import re

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.resource_type import Field, ResourceType
from reconciler.emulator.communication.communication_actions import (
    NAME_RULE,
    link_notification_hub,
    list_keys,
    regenerate_key,
)
from reconciler.emulator.communication.geography import (
    API_VERSIONS,
    NAMESPACE,
    check_data_location,
    location_check,
)
from reconciler.emulator.communication.links import check_links
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JsonObject

_DOMAIN_ID = re.compile(
    r"/subscriptions/[^/]+/resourcegroups/[^/]+"
    r"/providers/microsoft\.communication/emailservices/[^/]+/domains/[^/]+",
    re.IGNORECASE,
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
    name_rule=NAME_RULE,
    name_rule_text=(
        "It must be 1 to 63 letters, digits and hyphens, with no hyphen at either end."
    ),
    fields=(
        Field(
            ("location",),
            str,
            required=True,
            create_only=True,
            check=location_check("CommunicationServices"),
        ),
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
    guard=check_links,
    actions={
        "listkeys": list_keys,
        "regeneratekey": regenerate_key,
        "linknotificationhub": link_notification_hub,
    },
)
"""``Microsoft.Communication/communicationServices``."""
