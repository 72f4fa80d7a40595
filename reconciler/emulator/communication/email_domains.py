"""Microsoft.Communication: ``emailServices/domains``.

Fields: https://learn.microsoft.com/rest/api/communication/resourcemanager/domains. Behaviour:
recorded, azure-cli-extensions, March 2025; azure-powershell, February 2024.
"""

import json
import re
from dataclasses import replace

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.resource_type import Field, ResourceType
from reconciler.emulator.communication.email_services import DOMAINS
from reconciler.emulator.communication.geography import API_VERSIONS, NAMESPACE, location_check
from reconciler.emulator.communication.links import refuse_if_linked
from reconciler.emulator.communication.verification import CHECKS, cancel, initiate
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire.errors import ArmError, invalid_payload
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JsonObject, write_json
from reconciler.emulator.wire.routes import ancestor_key

AZURE_MANAGED = "AzureManaged"
AZURE_MANAGED_NAME = "AzureManagedDomain"
"""The only name of a domain that Azure manages (all samples of the documentation)."""

_MANAGEMENTS = (AZURE_MANAGED, "CustomerManaged", "CustomerManagedInExchangeOnline")


def check_management(value: str) -> None:
    """Refuse an unknown kind; text: https://github.com/pulumi/pulumi-azure-native/issues/3262."""
    if value not in _MANAGEMENTS:
        raise _invalid()


def check_tracking(value: str) -> None:
    """Refuse a value that the specification does not list."""
    if value not in ("Disabled", "Enabled"):
        message = f"'{value}' is not a value of userEngagementTracking."
        raise invalid_payload(message)


@invented(
    "domain-name",
    "A domain that Azure manages must be called `AzureManagedDomain`, any other must have a dot "
    "in its name and no space; otherwise 400 `ResourceCreationValidateFailed`.",
)
def check_name(call: Call, body: JsonObject, before: JsonObject) -> None:
    """Refuse a name that does not go with the management of the domain."""
    del before
    name = call.route.names[-1]
    if body["properties"]["domainManagement"] == AZURE_MANAGED:
        fits = name.casefold() == AZURE_MANAGED_NAME.casefold()
    else:
        fits = re.fullmatch(r"[^\s./]+(\.[^\s./]+)+", name) is not None
    if not fits:
        raise _invalid()


@invented(
    "exchange-domains",
    "A domain of `CustomerManagedInExchangeOnline` begins as one of `CustomerManaged` does.",
)
def generated(call: Call) -> JsonObject:
    """Return what the service adds: geography, sender domains, verification (recorded)."""
    parent = call.state.resource(ancestor_key(call.route, 1))
    assert parent is not None, "the parent was checked before"
    geography = json.loads(parent.body)["properties"]["dataLocation"]
    content = call.content if isinstance(call.content, dict) else {}
    managed = content["properties"]["domainManagement"] == AZURE_MANAGED
    sender = f"{call.guid()}.azurecomm.net" if managed else call.route.names[-1].lower()
    status = "Verified" if managed else "NotStarted"
    return {
        "dataLocation": geography.replace(" ", "").lower(),
        "fromSenderDomain": sender,
        "mailFromSenderDomain": sender,
        "verificationStates": {name: {"status": status} for name in CHECKS},
        "verificationRecords": {} if managed else _records(call, sender),
    }


@invented(
    "default-sender",
    "The sender `donotreply` is there as soon as the PUT of its domain was answered, and can be "
    "replaced and deleted like any other.",
)
def add_default_sender(call: Call, record: Record) -> None:
    """Create the sender that every domain has (recorded, also of domains not verified)."""
    kind = f"{DOMAINS}/senderusernames"
    properties = {"username": "DoNotReply", "displayName": "DoNotReply"}
    resource_id = f"{record.id}/senderUsernames/donotreply"
    body = {
        "id": resource_id,
        "name": "donotreply",
        "type": kind,
        "properties": properties,
    }
    key = f"{record.key}/senderusernames/donotreply"
    call.state.put_resource(
        replace(
            record,
            key=key,
            type=kind,
            name="donotreply",
            id=resource_id,
            body=write_json(body),
            etag="",
        )
    )


def _records(call: Call, sender: str) -> JsonObject:
    """Return the DNS records the owner of a domain has to make (recorded)."""
    records: JsonObject = {
        "Domain": _record("TXT", sender, f"ms-domain-verification={call.guid()}"),
        "SPF": _record("TXT", sender, "v=spf1 include:spf.protection.outlook.com -all"),
    }
    for name, number in (("DKIM", 1), ("DKIM2", 2)):
        selector = f"selector{number}-azurecomm-prod-net._domainkey"
        records[name] = _record("CNAME", selector, f"{selector}.azurecomm.net")
    return records


def _record(kind: str, name: str, value: str) -> JsonObject:
    return {"type": kind, "name": name, "value": value, "ttl": 3600}


def _invalid() -> ArmError:
    return ArmError(400, "ResourceCreationValidateFailed", "The resource validation failed.")


EMAIL_DOMAINS = ResourceType(
    namespace=NAMESPACE,
    name="emailServices/domains",
    registered="EmailServices/Domains",
    shown=DOMAINS,
    group_segment="resourceGroups",
    api_versions=API_VERSIONS,
    name_rule=re.compile(r"[^/]{1,253}"),
    name_rule_text="It must be 1 to 253 characters.",
    fields=(
        Field(
            ("location",),
            str,
            required=True,
            create_only=True,
            check=location_check("EmailServices/Domains"),
        ),
        Field(
            ("properties", "domainManagement"),
            str,
            required=True,
            create_only=True,
            check=check_management,
        ),
        Field(
            ("properties", "userEngagementTracking"),
            str,
            patchable=True,
            default="Disabled",
            check=check_tracking,
        ),
    ),
    generated=generated,
    read_only=frozenset(
        {
            "provisioningState",
            "dataLocation",
            "fromSenderDomain",
            "mailFromSenderDomain",
            "verificationStates",
            "verificationRecords",
        }
    ),
    long_running=True,
    replaced_status=201,
    provider_hub=True,
    guard=check_name,
    delete_guard=refuse_if_linked,
    after_creation=add_default_sender,
    actions={"initiateverification": initiate, "cancelverification": cancel},
)
"""``Microsoft.Communication/emailServices/domains``."""
