"""Microsoft.Communication: ``communicationServices/smtpUsernames``.

Fields: https://learn.microsoft.com/rest/api/communication/resourcemanager/smtp-usernames.
Behaviour: recorded, azure-cli-extensions and azure-powershell, March 2025: the username need not
be the name of the resource, and the id in a GET has the odd segment ``SmtpUsernames``.
"""

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.resource_type import Faces, Field, ResourceType
from reconciler.emulator.communication.geography import API_VERSIONS, NAMESPACE
from reconciler.emulator.communication.senders import GUID_LIKE, GUID_LIKE_TEXT
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response


def unchanged(call: Call, properties: JsonObject) -> JsonObject:
    """Return the properties: both faces show what was sent."""
    del call
    return properties


SMTP_USERNAMES = ResourceType(
    namespace=NAMESPACE,
    name="communicationServices/smtpUsernames",
    registered="CommunicationServices/SmtpUsernames",
    shown="microsoft.communication/communicationservices/smtpusernames",
    group_segment="resourceGroups",
    api_versions=API_VERSIONS[API_VERSIONS.index("2024-09-01-preview") :],
    name_rule=GUID_LIKE,
    name_rule_text=GUID_LIKE_TEXT,
    fields=(
        Field(("properties", "username"), str, required=True),
        Field(("properties", "entraApplicationId"), str, required=True),
        Field(("properties", "tenantId"), str, required=True),
    ),
    provider_hub=True,
    tracked=False,
    created_status=200,
    deleted=Response(204, headers=(("Content-Type", JSON_TYPE),)),
    faces=Faces("communicationservices/smtpusernames", "SmtpUsernames", unchanged, unchanged),
)
"""``Microsoft.Communication/communicationServices/smtpUsernames``."""
