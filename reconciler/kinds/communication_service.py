"""Communication Services resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.kinds.fields import IdSet, ManagedIdentity, Scalar, Tags, loose
from reconciler.kinds.kind import Computed, Field, Kind, Operations, lookup
from reconciler.model.ids import ResourceId
from reconciler.model.resource import Severity
from reconciler.model.value import ABSENT, Absent, Body, Json, as_object


class NotificationHub:
    """The notification hub that is linked, with the name of the variable that has its secret.

    The value is ``{"id": ARM id, "connectionStringFrom": {"env": name}}``. The connection string
    itself is filled in when the request leaves, and is in no plan. Azure gives it back to nobody,
    and has no way to unlink a hub.
    https://learn.microsoft.com/rest/api/communication/resourcemanager/communication-services/link-notification-hub
    """

    def wanted(self, value: Json) -> Json | Absent:
        """Return the hub's id."""
        return as_object(value).get("id", ABSENT)

    def live(self, observed: Json | Absent, value: Json) -> Json | Absent:
        """Return the live hub's id, in the spec's spelling if it is that one."""
        wanted = self.wanted(value)
        same = str(observed).casefold() == str(wanted).casefold()
        return wanted if same else observed or ABSENT

    def send(self, value: Json, observed: Json | Absent) -> Json:
        """Return the body of the action, with the place of the secret instead of the secret."""
        del observed
        block = as_object(value)
        return {"resourceId": block["id"], "connectionString": block["connectionStringFrom"]}

    def references(self, observed: Json | Absent) -> Iterable[str]:
        """Return nothing: hubs are not resources of a spec."""
        del observed
        return ()

    def to_spec(self, observed: Json | Absent) -> Absent:
        """Return nothing: where its secret is kept cannot be read."""
        del observed
        return ABSENT


def short_identity(_name: str, values: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the values with the identity in its short form, from either form."""
    block = values.get("identity")
    if not isinstance(block, Mapping) or "type" not in block:
        return values
    kinds = {part.strip() for part in str(block["type"]).split(",")}
    listed = block.get("userAssignedIdentities")
    users = listed if isinstance(listed, Mapping) else {}
    short: Json = {
        "systemAssigned": "SystemAssigned" in kinds,
        "userAssigned": [key for key, attached in users.items() if attached is not None],
    }
    return {**values, "identity": short}


SYSTEM_IDENTITY = ("identity", "systemAssigned")

COMMUNICATION_SERVICE = Kind(
    name="CommunicationService",
    arm_type="Microsoft.Communication/communicationServices",
    collection="communicationServices",
    api_version="2025-09-01",
    schema="communication-service",
    source="https://learn.microsoft.com/rest/api/communication/resourcemanager/communication-services",
    expand=short_identity,
    fields=(
        Field("location", ("location",), Scalar(loose), immutable=True, fixed="global"),
        Field(
            "dataLocation",
            ("properties", "dataLocation"),
            Scalar(loose),
            immutable=True,
            severity=Severity.HIGH,
        ),
        Field("identity", ("identity",), ManagedIdentity(), severity=Severity.HIGH),
        # Leaving linkedDomains out of a PUT unlinks them; a PATCH keeps what it does not name.
        # https://github.com/hashicorp/terraform-provider-azurerm/issues/26495
        Field(
            "linkedDomains",
            ("properties", "linkedDomains"),
            IdSet("linked"),
            severity=Severity.HIGH,
        ),
        Field(
            "publicNetworkAccess",
            ("properties", "publicNetworkAccess"),
            Scalar(),
            severity=Severity.HIGH,
        ),
        Field(
            "disableLocalAuth",
            ("properties", "disableLocalAuth"),
            Scalar(absent=False, removed=False, unset=(False,)),
            severity=Severity.HIGH,
        ),
        Field(
            "notificationHub",
            ("properties", "notificationHubId"),
            NotificationHub(),
            action="linkNotificationHub",
        ),
        Field("tags", ("tags",), Tags(), severity=Severity.LOW),
    ),
    global_name=True,
    computed=(
        Computed("hostName", ("properties", "hostName")),
        Computed("immutableResourceId", ("properties", "immutableResourceId")),
        Computed("notificationHubId", ("properties", "notificationHubId"), optional=True),
        Computed("principalId", ("identity", "principalId"), SYSTEM_IDENTITY),
        Computed("tenantId", ("identity", "tenantId"), SYSTEM_IDENTITY),
    ),
    operations=Operations(
        client="communication",
        group="communication_services",
        parameters=("resource_group_name", "communication_service_name"),
        create="begin_create_or_update",
        update="update",
        delete="begin_delete",
    ),
    volatile=(("systemData",), ("properties", "provisioningState"), ("properties", "version")),
    severity=Severity.HIGH,
    lost_on_replace="its endpoint, access keys, chat threads, phone numbers, event subscriptions"
    " and its system-assigned identity",
)


def linked_domains(body: Body) -> tuple[ResourceId, ...]:
    """Return the email domains that a body links, and nothing else that it points at."""
    field = COMMUNICATION_SERVICE.field("linkedDomains")
    return tuple(map(ResourceId, field.shape.references(lookup(body, field.path))))
