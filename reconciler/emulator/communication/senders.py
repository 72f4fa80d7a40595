"""Microsoft.Communication: sender usernames, suppression lists and their addresses.

Fields: https://learn.microsoft.com/rest/api/communication/resourcemanager/sender-usernames and
.../suppression-lists. Behaviour: recorded, azure-cli-extensions, March 2025; azure-powershell,
February 2024; azure-sdk-for-net, November 2023: PUT is always 200 and replaces all.
"""

import json
import re
from datetime import UTC, datetime

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.resource_type import Faces, Field, ResourceType
from reconciler.emulator.communication.email_domains import AZURE_MANAGED
from reconciler.emulator.communication.email_services import DOMAINS
from reconciler.emulator.communication.geography import API_VERSIONS, NAMESPACE
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response
from reconciler.emulator.wire.routes import ancestor_key, fold

GUID_LIKE = re.compile(r"[A-Za-z0-9-]{1,253}")
GUID_LIKE_TEXT = "It must be 1 to 253 letters, digits and hyphens."

SUPPRESSION_VERSIONS = API_VERSIONS[API_VERSIONS.index("2023-06-01-preview") :]
"""The versions of the specification that have suppression lists."""

DELETED = Response(200, b"null", (("Content-Type", JSON_TYPE),))
"""The answer to a DELETE (recorded)."""


@invented(
    "sender-name",
    "A `username` that is not the name of its resource, ignoring case, is 400 "
    "`InvalidSenderUsername`.",
)
@invented(
    "sender-quota",
    "A sender but `donotreply` on a domain that Azure manages is 412 `PreconditionFailed`, whose "
    "message has `ResourceCreationFailed` and `Forbidden` (the codes are on record, the status "
    "and the text are not), until `PUT /emulator/quota` lifts the quota.",
)
def check_sender(call: Call, body: JsonObject, before: JsonObject) -> None:
    """Refuse a sender whose username differs from its name, or which the quota forbids.

    Codes: https://github.com/MicrosoftDocs/azure-docs/issues/121029
    """
    del before
    name, username = call.route.names[-1], body["properties"]["username"]
    if fold(name) != fold(username):
        message = f"The username '{username}' must be the name of the resource, '{name}'."
        raise ArmError(400, "InvalidSenderUsername", message)
    managed = _domain(call)["properties"]["domainManagement"] == AZURE_MANAGED
    if managed and fold(name) != "donotreply" and not call.settings.behaviour.sender_quota:
        nested = (
            '{"error":{"code":"ResourceCreationFailed","message":"Failed to create resource '
            f"'{call.request.path}' with error: Forbidden\"}}}}"
        )
        raise ArmError(412, "PreconditionFailed", nested)


@invented(
    "list-name",
    "A `listName` that is not the username of a sender of the domain, ignoring case, is 400 "
    "`InvalidSuppressionListName`; a list without one is accepted. (The specification demands a "
    "sender; a recording of a test cloud, November 2023, has a GUID for a name, and does not show "
    "whether it was one.)",
)
def check_list(call: Call, body: JsonObject, before: JsonObject) -> None:
    """Refuse a suppression list for a sender that is not there."""
    del before
    name = body["properties"].get("listName")
    if name is None:
        return
    key = f"{ancestor_key(call.route, 2)}/senderusernames/{fold(name)}"
    if call.state.resource(key) is None:
        message = f"'{name}' is not the username of a sender of the domain."
        raise ArmError(400, "InvalidSuppressionListName", message)


def sender_answered(call: Call, properties: JsonObject) -> JsonObject:
    """Return the properties of the answer to a PUT: nothing that was not sent but the state."""
    del call
    return properties | {"provisioningState": "Succeeded"}


def sender_read(call: Call, properties: JsonObject) -> JsonObject:
    """Return the properties of a GET: ``displayName`` is there even if it was not sent."""
    del call
    name = properties.get("displayName", "")
    return {"username": properties["username"], "displayName": name}


def list_read(call: Call, properties: JsonObject) -> JsonObject:
    """Return the properties of a list: both times are that of the reading (recorded)."""
    moment = us_time(call.now())
    geography = _domain(call)["properties"]["dataLocation"]
    times = {"createdTimeStamp": moment, "lastUpdatedTimeStamp": moment}
    return properties | {"dataLocation": geography} | times


@invented(
    "address-read",
    "A GET of an address shows the properties its PUT answered, `lastModified` included; "
    "`dataLocation` is never there.",
)
def address_read(call: Call, properties: JsonObject) -> JsonObject:
    """Return the properties of an address; the time is that of no moment (recorded in a PUT)."""
    del call
    return properties | {"lastModified": "0001-01-01T08:00:00+08:00"}


def us_time(seconds: float) -> str:
    """Write a time as recorded: ``11/4/2023 3:53:03 AM +00:00``."""
    moment = datetime.fromtimestamp(seconds, UTC)
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    day = f"{moment.month}/{moment.day}/{moment.year}"
    return f"{day} {hour}:{moment:%M:%S} {half} +00:00"


def _domain(call: Call) -> JsonObject:
    record = call.state.resource(ancestor_key(call.route, 2))
    assert record is not None, "the parent was checked before"
    body: JsonObject = json.loads(record.body)
    return body


SENDER_USERNAMES = ResourceType(
    namespace=NAMESPACE,
    name="emailServices/domains/senderUsernames",
    registered="EmailServices/Domains/SenderUsernames",
    shown=f"{DOMAINS}/senderusernames",
    group_segment="resourceGroups",
    api_versions=API_VERSIONS,
    name_rule=re.compile(r"[^/\s]{1,253}"),
    name_rule_text="It must be 1 to 253 characters.",
    fields=(
        Field(("properties", "username"), str, required=True),
        Field(("properties", "displayName"), str),
    ),
    read_only=frozenset({"dataLocation", "provisioningState"}),
    provider_hub=True,
    tracked=False,
    created_status=200,
    deleted=DELETED,
    guard=check_sender,
    faces=Faces(
        "emailservices/domains/senderusernames", "senderusernames", sender_answered, sender_read
    ),
)
"""``Microsoft.Communication/emailServices/domains/senderUsernames``."""

SUPPRESSION_LISTS = ResourceType(
    namespace=NAMESPACE,
    name="emailServices/domains/suppressionLists",
    registered="EmailServices/Domains/SuppressionLists",
    shown=f"{DOMAINS}/suppressionlists",
    group_segment="resourceGroups",
    api_versions=SUPPRESSION_VERSIONS,
    name_rule=GUID_LIKE,
    name_rule_text=GUID_LIKE_TEXT,
    fields=(Field(("properties", "listName"), str),),
    read_only=frozenset({"lastUpdatedTimeStamp", "createdTimeStamp", "dataLocation"}),
    provider_hub=True,
    tracked=False,
    created_status=200,
    deleted=DELETED,
    guard=check_list,
    faces=Faces("emailservices/domains/suppressionlists", "suppressionlists", list_read, list_read),
)
"""``Microsoft.Communication/emailServices/domains/suppressionLists``."""

SUPPRESSION_LIST_ADDRESSES = ResourceType(
    namespace=NAMESPACE,
    name="emailServices/domains/suppressionLists/suppressionListAddresses",
    registered="EmailServices/Domains/SuppressionLists/SuppressionListAddresses",
    shown=f"{DOMAINS}/suppressionlists/suppressionlistaddresses",
    group_segment="resourceGroups",
    api_versions=SUPPRESSION_VERSIONS,
    name_rule=GUID_LIKE,
    name_rule_text=GUID_LIKE_TEXT,
    fields=(
        Field(("properties", "email"), str, required=True),
        Field(("properties", "firstName"), str),
        Field(("properties", "lastName"), str),
        Field(("properties", "notes"), str),
    ),
    read_only=frozenset({"lastModified", "dataLocation"}),
    provider_hub=True,
    tracked=False,
    created_status=200,
    deleted=DELETED,
    faces=Faces(
        "emailservices/domains/suppressionlists/suppressionlistaddresses",
        "suppressionlistaddresses",
        address_read,
        address_read,
    ),
)
"""``Microsoft.Communication/emailServices/domains/suppressionLists/suppressionListAddresses``."""
