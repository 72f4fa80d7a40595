"""What the resources of a run have to do with each other, looked up once for all policies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.model.ids import ResourceId
from reconciler.model.resource import DesiredResource, DesiredState, Presence


@dataclass(frozen=True, slots=True)
class World:
    """The managed resources of a run."""

    resources: tuple[DesiredResource, ...]
    by_id: Mapping[ResourceId, DesiredResource]
    children: Mapping[ResourceId, tuple[DesiredResource, ...]]
    users: Mapping[ResourceId, tuple[DesiredResource, ...]]
    """What refers to a resource, in the order of the addresses."""
    outputs: Mapping[ResourceId, tuple[str, ...]]
    """The outputs that hand out something of a resource, as ``stack/outputs/name``."""
    whole: bool
    """Whether all stacks of the environment are there, so that *nobody uses it* can be known."""

    @classmethod
    def of(cls, desired: DesiredState, *, whole: bool) -> World:
        """Look at everything that a run manages."""
        managed = tuple(r for r in desired.resources if r.presence is Presence.MANAGED)
        by_id = {r.id: r for r in managed}
        children: defaultdict[ResourceId, list[DesiredResource]] = defaultdict(list)
        users: defaultdict[ResourceId, list[DesiredResource]] = defaultdict(list)
        outputs: defaultdict[ResourceId, list[str]] = defaultdict(list)
        for resource in managed:
            above = resource.id.parent
            if above is not None and above in by_id:
                children[above].append(resource)
            for needed in resource.needs - {above, resource.id.group}:
                if needed is not None:
                    users[needed].append(resource)
        for output in desired.outputs:
            outputs[output.source.target].append(f"{output.stack}/outputs/{output.name}")
        return cls(
            managed,
            by_id,
            {above: tuple(found) for above, found in children.items()},
            {used: tuple(found) for used, found in users.items()},
            {used: tuple(found) for used, found in outputs.items()},
            whole,
        )

    def used_by(self, resource: DesiredResource) -> tuple[str, ...]:
        """Return the addresses of what refers to a resource, outputs among them."""
        addresses = (user.address for user in self.users.get(resource.id, ()))
        return tuple(sorted({*addresses, *self.outputs.get(resource.id, ())}))

    def users_of(self, resource: DesiredResource, kind: str) -> Iterator[DesiredResource]:
        """Yield the resources of a kind that refer to one."""
        return (user for user in self.users.get(resource.id, ()) if user.kind == kind)

    def above(self, resource: DesiredResource) -> DesiredResource | None:
        """Return the resource that one is nested in, if the run manages it."""
        parent = resource.id.parent
        return self.by_id.get(parent) if parent is not None else None

    def known(self, text: str) -> DesiredResource | None:
        """Return the resource with an ARM id, if the run manages it."""
        return self.by_id.get(ResourceId(text)) if text.startswith("/subscriptions/") else None
