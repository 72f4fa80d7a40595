"""SMTP usernames of Communication Services resources."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.kinds.fields import Scalar, loose
from reconciler.kinds.kind import Field, Kind, Operations
from reconciler.model.value import Json


def named_like_itself(name: str, values: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the values with the username, which is the name unless the spec says otherwise."""
    return {"username": name, **values}


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
        Field("username", ("properties", "username"), Scalar()),
        Field("entraApplicationId", ("properties", "entraApplicationId"), Scalar(loose)),
        Field("tenantId", ("properties", "tenantId"), Scalar(loose)),
    ),
    operations=Operations(
        client="communication",
        group="smtp_usernames",
        parameters=("resource_group_name", "communication_service_name", "smtp_username"),
        create="create_or_update",
        update="",
        delete="delete",
    ),
    volatile=(("systemData",),),
)
