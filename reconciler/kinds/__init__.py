"""The table of resource kinds: each is described once, as data."""

from functools import cache

from reconciler.kinds.communication_service import COMMUNICATION_SERVICE
from reconciler.kinds.dns_record_set import DNS_ALIAS_SET, DNS_TEXT_SET, DNS_ZONE
from reconciler.kinds.email import (
    EMAIL_DOMAIN,
    EMAIL_SERVICE,
    SENDER_USERNAME,
    SUPPRESSION_LIST,
)
from reconciler.kinds.federated_identity_credential import FEDERATED_IDENTITY_CREDENTIAL
from reconciler.kinds.kind import Kind
from reconciler.kinds.resource_group import RESOURCE_GROUP
from reconciler.kinds.role_assignment import ROLE_ASSIGNMENT
from reconciler.kinds.smtp_username import SMTP_USERNAME
from reconciler.kinds.suppression_list_address import SUPPRESSION_LIST_ADDRESS
from reconciler.kinds.user_assigned_identity import USER_ASSIGNED_IDENTITY
from reconciler.model.ids import ResourceId

__all__ = ["BY_ARM_TYPE", "BY_COLLECTION", "KINDS", "RESOURCE_GROUP", "children_of", "place_of"]

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        RESOURCE_GROUP,
        USER_ASSIGNED_IDENTITY,
        FEDERATED_IDENTITY_CREDENTIAL,
        EMAIL_SERVICE,
        EMAIL_DOMAIN,
        SENDER_USERNAME,
        SUPPRESSION_LIST,
        SUPPRESSION_LIST_ADDRESS,
        COMMUNICATION_SERVICE,
        SMTP_USERNAME,
        ROLE_ASSIGNMENT,
        DNS_ZONE,
        DNS_TEXT_SET,
        DNS_ALIAS_SET,
    )
}
"""Every kind by its name, in the order in which a stack names them."""

BY_COLLECTION: dict[str, Kind] = {kind.collection: kind for kind in KINDS.values()}
"""Every kind by the key that holds it."""

BY_ARM_TYPE: dict[str, Kind] = {kind.arm_type.lower(): kind for kind in KINDS.values()}
"""Every kind by its ARM type in lower case."""


def place_of(resource: ResourceId) -> str:
    """Return where a resource stands below a stack's spec: collections and names in turn."""
    kind = BY_ARM_TYPE[resource.arm_type.lower()]
    parts: list[str] = []
    for name in reversed(resource.names):
        parts = [kind.collection, name, *parts]
        kind = KINDS.get(kind.parent, kind)
    return "/".join(parts)


@cache
def children_of(kind: str) -> tuple[Kind, ...]:
    """Return the kinds that are nested in one, in the order of the table; for "" the topmost."""
    return tuple(k for k in KINDS.values() if k.schema and k.parent == kind)
