"""The table of resource kinds: each is described once, as data."""

from reconciler.kinds.communication_service import COMMUNICATION_SERVICE
from reconciler.kinds.kind import Kind
from reconciler.kinds.resource_group import RESOURCE_GROUP
from reconciler.kinds.user_assigned_identity import USER_ASSIGNED_IDENTITY

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (RESOURCE_GROUP, USER_ASSIGNED_IDENTITY, COMMUNICATION_SERVICE)
}
"""Every kind by its name."""

BY_COLLECTION: dict[str, Kind] = {kind.collection: kind for kind in KINDS.values()}
"""Every kind by the key that holds it in a stack."""

BY_ARM_TYPE: dict[str, Kind] = {kind.arm_type.lower(): kind for kind in KINDS.values()}
"""Every kind by its ARM type in lower case."""
