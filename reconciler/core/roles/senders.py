"""The reads that name who stops sending mail: what a plan asks beyond what it compares.

A plan can do without them, and then says that it does not know; so they are in the roles that are
generated, and no check calls them missing. Usernames of SMTP are read only where the specs name
some: their actions are on no list of Microsoft's, so that Azure may refuse a role that has them.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.core.roles.permissions import Places, action_of, ids_in, may_be_deleted
from reconciler.kinds import KINDS
from reconciler.kinds.communication_service import COMMUNICATION_SERVICE
from reconciler.kinds.email import EMAIL_DOMAIN, EMAIL_SERVICE, SENDER_USERNAME
from reconciler.model.ids import ResourceId
from reconciler.model.permission import Need, Phase
from reconciler.model.resource import DesiredResource, DesiredState

CUTS = ("linkedDomains", "disableLocalAuth", "publicNetworkAccess")
"""The fields of a Communication Services resource whose change may keep somebody from sending: see
`reconciler.core.mail.impact`."""

READ = action_of(SENDER_USERNAME, "read")
REASON = "to name whose mail would stop"


def sender_needs(desired: DesiredState) -> tuple[Need, ...]:
    """Return what must be allowed for *MAIL STOPS* to name senders, sorted.

    A domain that is linked and that no spec names may be anywhere: of such a one the senders stay
    unknown, rather than that a role grows to the subscription.
    """
    places = Places.of(desired)
    domains = [r.id for r in desired.resources if KINDS[r.kind] is EMAIL_DOMAIN]
    return tuple(
        sorted(
            {
                places.need(Phase.PLAN, READ, target, resource.address, REASON)
                for resource in desired.resources
                for target in _asked_of(resource, domains)
            }
        )
    )


def _asked_of(resource: DesiredResource, domains: list[ResourceId]) -> Iterator[ResourceId]:
    """Yield below what the senders may be read for a change of one resource."""
    kind = KINDS[resource.kind]
    if kind in (EMAIL_SERVICE, EMAIL_DOMAIN) and may_be_deleted(resource):
        yield resource.id
    if kind is not COMMUNICATION_SERVICE:
        return
    if may_be_deleted(resource) or any(name in resource.fields for name in CUTS):
        yield resource.id
        yield from domains
        yield from ids_in(resource.fields.get("linkedDomains"))
