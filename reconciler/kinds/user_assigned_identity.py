"""User-assigned managed identities."""

from reconciler.kinds.fields import Scalar, Tags, loose
from reconciler.kinds.kind import Computed, Field, Kind, Operations
from reconciler.model.resource import Severity

USER_ASSIGNED_IDENTITY = Kind(
    name="UserAssignedIdentity",
    arm_type="Microsoft.ManagedIdentity/userAssignedIdentities",
    collection="identities",
    api_version="2024-11-30",
    schema="user-assigned-identity",
    source="https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities",
    fields=(
        Field("location", ("location",), Scalar(loose), immutable=True),
        Field(
            "isolationScope",
            ("properties", "isolationScope"),
            Scalar(absent="None", removed="None", unset=("None",)),
            severity=Severity.HIGH,
        ),
        Field("tags", ("tags",), Tags(), severity=Severity.LOW),
    ),
    computed=(
        Computed("principalId", ("properties", "principalId")),
        Computed("clientId", ("properties", "clientId")),
        Computed("tenantId", ("properties", "tenantId")),
    ),
    operations=Operations(
        client="msi",
        group="user_assigned_identities",
        parameters=("resource_group_name", "resource_name"),
        create="create_or_update",
        update="update",
        delete="delete",
    ),
    volatile=(("systemData",),),
    held_by=("CommunicationService",),
    severity=Severity.HIGH,
    lost_on_replace="its principal, so that role assignments to it are orphaned, and its federated"
    " credentials",
)
