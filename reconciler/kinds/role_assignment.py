"""Role assignments: what an identity may do, and where."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from reconciler.kinds.fields import Scalar, caseless
from reconciler.kinds.kind import Field, Kind, Operations
from reconciler.model.ids import ResourceId
from reconciler.model.resource import Severity
from reconciler.model.value import ABSENT, Absent, Json

ROLES: Mapping[str, str] = {
    "Communication and Email Service Owner": "09976791-48a7-449e-bb21-39d1a415f350",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Managed Identity Contributor": "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59",
    "Managed Identity Operator": "f1a07417-d97a-45cb-824c-7a7467783830",
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
}
"""Built-in roles that a spec may call by name; any other by its GUID.
https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
"""

NAMES: Mapping[str, str] = {guid: name for name, guid in ROLES.items()}

NAMESPACE = uuid.UUID("6f1d2a0c-5f0b-5a3e-9d55-7a1c0f6f3b11")
"""Makes the names of our role assignments; never to be changed, or all of them get new names."""


def role_guid(role: str) -> str:
    """Return the GUID of a role given by name, by GUID, or by the id of its definition."""
    return ROLES.get(role, role.rpartition("/")[2].lower())


def assignment_name(resource: ResourceId, fields: Mapping[str, Json]) -> str:
    """Return the name of the one assignment of this role to this principal at this scope.

    The principal is part of it, so that an identity that was made anew gets a new assignment.
    """
    scope = resource.scope.folded if resource.scope else ""
    role, principal = role_guid(str(fields["role"])), str(fields["principal"]).lower()
    return str(uuid.uuid5(NAMESPACE, f"{scope}|{principal}|{role}"))


class Role:
    """A role definition, shown by its name.

    Azure answers with the definition's id below another scope than the one that was sent, so only
    the GUID at its end is compared. https://github.com/Azure/azure-rest-api-specs/issues/10939
    """

    def wanted(self, value: Json) -> Json:
        """Return the name, or the GUID of a role that has none here."""
        guid = role_guid(str(value))
        return NAMES.get(guid, guid)

    def live(self, observed: Json | Absent, value: Json) -> Json | Absent:
        """Return the live role's name or GUID."""
        del value
        return self.to_spec(observed)

    def send(self, value: Json, observed: Json | Absent) -> Json:
        """Return the id of the definition: the live one where there is one."""
        return value if observed is ABSENT or isinstance(observed, Absent) else observed

    def references(self, observed: Json | Absent) -> Iterable[str]:
        """Return nothing: role definitions are not resources of a spec."""
        del observed
        return ()

    def to_spec(self, observed: Json | Absent) -> Json | Absent:
        """Return the name, or the GUID of a role that has none here."""
        return self.wanted(observed) if isinstance(observed, str) else ABSENT


ROLE_ASSIGNMENT = Kind(
    name="RoleAssignment",
    arm_type="Microsoft.Authorization/roleAssignments",
    collection="roleAssignments",
    api_version="2022-04-01",
    schema="role-assignment",
    source="https://learn.microsoft.com/rest/api/authorization/role-assignments",
    fields=(
        Field(
            "role",
            ("properties", "roleDefinitionId"),
            Role(),
            immutable=True,
            severity=Severity.HIGH,
        ),
        Field(
            "principal",
            ("properties", "principalId"),
            Scalar(caseless),
            immutable=True,
            severity=Severity.HIGH,
        ),
        # Always sent: without it a principal made a moment ago is not found.
        Field("principalType", ("properties", "principalType"), Scalar()),
        Field(
            "description",
            ("properties", "description"),
            Scalar(absent="", removed=""),
            severity=Severity.LOW,
        ),
        Field("condition", ("properties", "condition"), Scalar(), severity=Severity.HIGH),
        Field("conditionVersion", ("properties", "conditionVersion"), Scalar()),
    ),
    operations=Operations(
        client="rest", group="", parameters=(), create="PUT", update="", delete="DELETE"
    ),
    volatile=(
        ("properties", "createdOn"),
        ("properties", "updatedOn"),
        ("properties", "createdBy"),
        ("properties", "updatedBy"),
    ),
    read_only=(("properties", "scope"),),
    list_filter="atScope()",
    name_from=assignment_name,
    severity=Severity.HIGH,
)
