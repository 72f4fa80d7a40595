"""Resource groups: referred to, never written."""

from reconciler.kinds.kind import Kind

RESOURCE_GROUP = Kind(
    name="ResourceGroup",
    arm_type="Microsoft.Resources/resourceGroups",
    collection="resourceGroup",
    api_version="2024-11-01",
    schema="",
    source="https://learn.microsoft.com/rest/api/resources/resource-groups",
)
