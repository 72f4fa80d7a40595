"""Email services and what is nested in them: domains, senders, suppression lists."""

from __future__ import annotations

from reconciler.kinds.fields import Scalar, Tags, caseless, loose
from reconciler.kinds.kind import Computed, Field, Kind, Operations, named_like_itself
from reconciler.model.resource import Severity

API_VERSION = "2025-09-01"
DOCS = "https://learn.microsoft.com/rest/api/communication/resourcemanager"

INITIATE = "initiateVerification"
"""The action that asks Azure to verify one record of a domain.

https://learn.microsoft.com/rest/api/communication/resourcemanager/domains/initiate-verification
"""

CHECK_FIELD = "verificationType"
"""The member of its body that names the check."""

AZURE_MANAGED = "AzureManaged"
"""The ``domainManagement`` of a domain whose records Azure makes and verifies itself."""


EMAIL_SERVICE = Kind(
    name="EmailService",
    arm_type="Microsoft.Communication/emailServices",
    collection="emailServices",
    api_version=API_VERSION,
    schema="email-service",
    source=f"{DOCS}/email-services",
    fields=(
        Field("location", ("location",), Scalar(loose), immutable=True, fixed="global"),
        Field(
            "dataLocation",
            ("properties", "dataLocation"),
            Scalar(loose),
            immutable=True,
            severity=Severity.HIGH,
        ),
        Field("tags", ("tags",), Tags(), severity=Severity.LOW),
    ),
    operations=Operations(
        client="communication",
        group="email_services",
        parameters=("resource_group_name", "email_service_name"),
        create="begin_create_or_update",
        update="begin_update",
        delete="begin_delete",
    ),
    volatile=(("systemData",), ("properties", "provisioningState")),
    held_by=("CommunicationService",),
    severity=Severity.HIGH,
    lost_on_replace="its domains with their verification, senders and suppression lists",
)

EMAIL_DOMAIN = Kind(
    name="EmailDomain",
    arm_type="Microsoft.Communication/emailServices/domains",
    parent="EmailService",
    collection="domains",
    api_version=API_VERSION,
    schema="email-domain",
    source=f"{DOCS}/domains",
    fields=(
        Field("location", ("location",), Scalar(loose), immutable=True, fixed="global"),
        # The specification lets a PUT change it; PATCH does not carry it, and no client tries.
        Field("management", ("properties", "domainManagement"), Scalar(), immutable=True),
        Field(
            "userEngagementTracking",
            ("properties", "userEngagementTracking"),
            Scalar(absent="Disabled", removed="Disabled", unset=("Disabled",)),
        ),
        Field("tags", ("tags",), Tags(), severity=Severity.LOW),
    ),
    computed=(
        Computed("fromSenderDomain", ("properties", "fromSenderDomain")),
        Computed("mailFromSenderDomain", ("properties", "mailFromSenderDomain")),
        Computed("verificationRecords", ("properties", "verificationRecords")),
    ),
    operations=Operations(
        client="communication",
        group="domains",
        parameters=("resource_group_name", "email_service_name", "domain_name"),
        create="begin_create_or_update",
        update="begin_update",
        delete="begin_delete",
    ),
    # Verification goes its own way: it is no sign that somebody changed the domain.
    volatile=(
        ("systemData",),
        ("properties", "provisioningState"),
        ("properties", "verificationStates"),
    ),
    blocks_parent=True,
    held_by=("CommunicationService",),
    severity=Severity.HIGH,
    lost_on_replace="its verification, senders and suppression lists",
)

SENDER_USERNAME = Kind(
    name="SenderUsername",
    arm_type="Microsoft.Communication/emailServices/domains/senderUsernames",
    parent="EmailDomain",
    collection="senderUsernames",
    api_version=API_VERSION,
    schema="sender-username",
    source=f"{DOCS}/sender-usernames",
    expand=named_like_itself,
    fields=(
        Field("username", ("properties", "username"), Scalar(caseless)),
        # A sender without a display name reads back with an empty one (recorded).
        Field(
            "displayName",
            ("properties", "displayName"),
            Scalar(absent="", removed="", unset=("",)),
            severity=Severity.LOW,
        ),
    ),
    operations=Operations(
        client="communication",
        group="sender_usernames",
        parameters=(
            "resource_group_name",
            "email_service_name",
            "domain_name",
            "sender_username",
        ),
        create="create_or_update",
        update="",
        delete="delete",
    ),
    volatile=(("systemData",), ("properties", "provisioningState"), ("properties", "dataLocation")),
    made_with_parent=("donotreply",),
)

SUPPRESSION_LIST = Kind(
    name="SuppressionList",
    arm_type="Microsoft.Communication/emailServices/domains/suppressionLists",
    parent="EmailDomain",
    collection="suppressionLists",
    api_version=API_VERSION,
    schema="suppression-list",
    source=f"{DOCS}/suppression-lists",
    fields=(
        Field("sender", ("properties", "listName"), Scalar(caseless), names="senderUsernames"),
    ),
    operations=Operations(
        client="communication",
        group="suppression_lists",
        parameters=(
            "resource_group_name",
            "email_service_name",
            "domain_name",
            "suppression_list_name",
        ),
        create="create_or_update",
        update="",
        delete="delete",
    ),
    # Both times are those of the read, not of a change (recorded).
    volatile=(
        ("systemData",),
        ("properties", "lastUpdatedTimeStamp"),
        ("properties", "createdTimeStamp"),
        ("properties", "dataLocation"),
    ),
    lost_on_replace="its addresses: people who opted out would get mail again",
)
