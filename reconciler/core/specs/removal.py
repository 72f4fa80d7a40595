"""The desired state of nothing: every resource of the stacks is to be deleted."""

from __future__ import annotations

from dataclasses import replace

from reconciler.kinds import KINDS, RESOURCE_GROUP
from reconciler.model.resource import DesiredResource, DesiredState, Presence


def emptied(desired: DesiredState) -> DesiredState:
    """Return a state that wants all that ``desired`` manages deleted.

    Resource groups stay: others may have put something into them.
    """
    resources = tuple(
        _removed(resource) if resource.presence is Presence.MANAGED else resource
        for resource in desired.resources
        if KINDS[resource.kind] is not RESOURCE_GROUP or resource.presence is Presence.EXISTING
    )
    return replace(desired, resources=resources, outputs=(), entries=())


def _removed(resource: DesiredResource) -> DesiredResource:
    """Return a resource that is to be deleted; what its name is made from is kept."""
    if KINDS[resource.kind].is_extension:
        return replace(resource, presence=Presence.REMOVED)
    return replace(resource, presence=Presence.REMOVED, fields={}, pending={})
