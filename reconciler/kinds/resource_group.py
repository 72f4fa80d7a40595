"""Resource groups: referred to, or created and tagged; never deleted."""

from reconciler.kinds.fields import Scalar, Tags, loose
from reconciler.kinds.kind import Field, Kind, Operations
from reconciler.model.resource import Severity

RESOURCE_GROUP = Kind(
    name="ResourceGroup",
    arm_type="Microsoft.Resources/resourceGroups",
    collection="resourceGroup",
    api_version="2024-11-01",
    schema="",
    source="https://learn.microsoft.com/rest/api/resources/resource-groups",
    fields=(
        Field("location", ("location",), Scalar(loose), immutable=True),
        Field("tags", ("tags",), Tags(), severity=Severity.LOW),
    ),
    operations=Operations(
        client="rest", group="", parameters=(), create="PUT", update="PATCH", delete=""
    ),
    volatile=(("properties", "provisioningState"),),
)
