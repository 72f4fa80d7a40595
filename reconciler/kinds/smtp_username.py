"""SMTP usernames of Communication Services resources."""

from __future__ import annotations

from reconciler.kinds.fields import Scalar, caseless
from reconciler.kinds.kind import Field, Kind, Operations, named_like_itself
from reconciler.model.resource import Severity

SMTP_USERNAME = Kind(
    name="SmtpUsername",
    arm_type="Microsoft.Communication/communicationServices/smtpUsernames",
    parent="CommunicationService",
    collection="smtpUsernames",
    api_version="2025-09-01",
    schema="smtp-username",
    source="https://learn.microsoft.com/rest/api/communication/resourcemanager/smtp-usernames",
    expand=named_like_itself,
    fields=(
        Field("username", ("properties", "username"), Scalar(), severity=Severity.HIGH),
        Field(
            "entraApplicationId",
            ("properties", "entraApplicationId"),
            Scalar(caseless),
            severity=Severity.HIGH,
        ),
        Field("tenantId", ("properties", "tenantId"), Scalar(caseless), severity=Severity.HIGH),
    ),
    operations=Operations(
        client="communication",
        group="smtp_usernames",
        parameters=("resource_group_name", "communication_service_name", "smtp_username"),
        create="create_or_update",
        update="",
        delete="delete",
    ),
    severity=Severity.HIGH,
    volatile=(("systemData",),),
)
