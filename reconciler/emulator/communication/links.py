"""Domains linked to communication services, from both sides.

https://learn.microsoft.com/azure/communication-services/quickstarts/email/connect-email-communication-resource
"""

import json

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.resource_type import same
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JsonObject
from reconciler.emulator.wire.routes import fold

NEEDED = ("Domain", "SPF", "DKIM", "DKIM2")
"""The verifications a domain needs to be linked."""

SERVICES = "microsoft.communication/communicationservices"
"""The folded type of what links domains."""


@invented(
    "linked-domains-unchecked",
    "Entries of `linkedDomains` must be ids of e-mail domains; whether each domain exists, is "
    "provisioned, is verified (`Domain`, `SPF`, `DKIM`, `DKIM2`) and has the same `dataLocation` "
    "is checked only with `check_links=True` or `checkLinks`; Azure always checks.",
)
@invented(
    "links-checked-when-sent",
    "With the check on, every entry of a `linkedDomains` that is sent is checked, new or not; "
    "which differences of `dataLocation` Azure refuses is not on record.",
)
def check_links(call: Call, body: JsonObject, before: JsonObject) -> None:
    """Refuse links to domains that are missing or not verified.

    Raises:
        ArmError: 400 ``InvalidLinkedDomains``.

    """
    del before
    sent = call.content if isinstance(call.content, dict) else {}
    if not call.settings.behaviour.check_links:
        return
    geography = body["properties"]["dataLocation"]
    for entry in (sent.get("properties") or {}).get("linkedDomains") or ():
        record = call.state.resource(fold(entry))
        if record is None or record.state != "Succeeded" or not _linkable(record, geography):
            raise errors.invalid_linked_domains()


@invented(
    "linked-delete",
    "Deleting a domain that a communication service links is 409 `DomainInUse`.",
)
def refuse_if_linked(call: Call, record: Record) -> None:
    """Refuse to delete a domain that is linked.

    Raises:
        ArmError: 409 ``DomainInUse``.

    """
    for service in call.state.with_member(SERVICES, "$.properties.linkedDomains"):
        linked = service.content()["properties"]["linkedDomains"]
        if any(fold(entry) == record.key for entry in linked):
            name = service.name
            message = (
                f"The domain '{record.id}' is linked to the communication service '{name}'. "
                "Disconnect it before deleting it."
            )
            raise ArmError(409, "DomainInUse", message)


def _linkable(record: Record, geography: str) -> bool:
    properties = json.loads(record.body)["properties"]
    states = properties["verificationStates"]
    verified = all(states[name]["status"] == "Verified" for name in NEEDED)
    return verified and same(properties["dataLocation"], geography)
