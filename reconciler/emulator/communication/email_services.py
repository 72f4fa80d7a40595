"""Microsoft.Communication: ``emailServices``.

Fields: https://learn.microsoft.com/rest/api/communication/resourcemanager/email-services.
Behaviour: recorded, azure-cli-extensions, March 2025; azure-powershell, February 2024.
"""

import re

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.nesting import refuse_if_nested
from reconciler.emulator.arm.resource_type import Field, ResourceType
from reconciler.emulator.communication.geography import (
    API_VERSIONS,
    NAMESPACE,
    check_data_location,
    location_check,
)
from reconciler.emulator.state.rows import Record

DOMAINS = "microsoft.communication/emailservices/domains"
"""The folded type of the domains of an e-mail service."""


def keep_with_domains(call: Call, record: Record) -> None:
    """Refuse to delete an e-mail service that has domains."""
    refuse_if_nested(call, record, DOMAINS)


EMAIL_SERVICES = ResourceType(
    namespace=NAMESPACE,
    name="emailServices",
    registered="EmailServices",
    shown="microsoft.communication/emailservices",
    group_segment="resourceGroups",
    api_versions=API_VERSIONS,
    name_rule=re.compile(r"[A-Za-z0-9-]{1,63}"),
    name_rule_text="It must be 1 to 63 letters, digits and hyphens.",
    fields=(
        Field(
            ("location",),
            str,
            required=True,
            create_only=True,
            check=location_check("EmailServices"),
        ),
        Field(
            ("properties", "dataLocation"),
            str,
            required=True,
            create_only=True,
            check=check_data_location,
        ),
    ),
    read_only=frozenset({"provisioningState"}),
    long_running=True,
    replaced_status=201,
    provider_hub=True,
    delete_guard=keep_with_domains,
)
"""``Microsoft.Communication/emailServices``."""
