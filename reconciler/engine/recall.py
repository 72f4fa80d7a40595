"""What was read before, as a reader that sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.kinds.kind import Kind
from reconciler.model.ids import ResourceId
from reconciler.model.resource import ObservedResource
from reconciler.model.value import Body


@dataclass(frozen=True, slots=True)
class Recalled:
    """Implements `reconciler.engine.ports.Reader` over resources that are all there is."""

    resources: Mapping[ResourceId, ObservedResource]

    @classmethod
    def of(cls, resources: Iterable[ObservedResource]) -> Recalled:
        """Recall ``resources``."""
        return cls({resource.id: resource for resource in resources})

    def get(self, kind: Kind, resource: ResourceId) -> Body | None:
        """Return a body, or None if nothing of that id was read."""
        found = self.resources.get(resource)
        return found.body if found is not None and found.kind == kind.name else None

    def list_in(self, kind: Kind, scope: str, *, below: bool = False) -> Mapping[ResourceId, Body]:
        """Return what was read of a kind in a scope."""
        place = f"{scope.lower()}/"
        return {
            id_: found.body
            for id_, found in self.resources.items()
            if found.kind == kind.name
            and id_.folded.startswith(place)
            and (below or not kind.is_extension or id_.scope == ResourceId(scope))
        }
