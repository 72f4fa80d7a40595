"""What a policy sees of a resource: the resource as it is wanted, and facts about it.

docs/policies.md describes it field by field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.core.policies.facts import facts_of, role_name, worked_out
from reconciler.core.policies.policy_world import World
from reconciler.core.specs.render_spec import stack_name
from reconciler.kinds import KINDS, children_of
from reconciler.kinds.role_assignment import ROLE_ASSIGNMENT
from reconciler.model.resource import DesiredResource
from reconciler.model.source import Document
from reconciler.model.value import Json, Path, as_object

ADDED: Final = frozenset(
    {"address", "annotations", "environment", "facts", "kind", "lifecycle", "name", "stack"}
)
"""What a view has besides the fields of the resource."""

ALSO_AS_WRITTEN: Final[Mapping[str, tuple[str, ...]]] = {
    "FederatedIdentityCredential": ("github", "kubernetes"),
}
"""Forms of the spec that are shown besides what they are worked out to."""

INTERNAL: Final = frozenset({"principalType", "conditionVersion"})
"""Fields that follow from others and stand in no spec."""


def view_of(resource: DesiredResource, world: World, environment: str | None) -> dict[str, Json]:
    """Return what a policy sees of a managed resource."""
    view = _bare(resource, world)
    view["address"] = resource.address
    view["environment"] = environment
    view["stack"] = _stack(resource)
    view["facts"] = worked_out(resource, world)
    return view


def fields_of(kind: str) -> frozenset[str]:
    """Return the names at the top of the view of a kind."""
    known = {field.name for field in KINDS[kind].writable}
    known |= {child.collection for child in children_of(kind)}
    extra = {"scope"} if KINDS[kind].is_extension else set()
    return frozenset(known | extra | ADDED | set(ALSO_AS_WRITTEN.get(kind, ()))) - INTERNAL


def place_of(resource: DesiredResource, path: Path) -> Path:
    """Return where in the spec a path of the view points, below the resource."""
    head = str(path[0]) if path else ""
    raw = written(resource)
    if head in raw or not head:
        return path
    about = facts_of(resource.kind).get(str(path[1])) if head == "facts" and path[1:] else None
    forms = about.about if about else ALSO_AS_WRITTEN.get(resource.kind, ())
    computed = head in ADDED and about is None
    return () if computed else next(((form,) for form in forms if form in raw), ())


def written(resource: DesiredResource) -> Mapping[str, Json]:
    """Return a resource as its rendered stack has it, with references as they are written."""
    value: Json = None if resource.place is None else resource.place.document.value
    for step in resource.place.path if resource.place is not None else ():
        value = as_object(value).get(str(step))
    return as_object(value)


def name_of(resource: DesiredResource) -> str:
    """Return the name that the spec gives a resource."""
    return resource.address.rpartition("/")[2]


def _bare(resource: DesiredResource, world: World) -> dict[str, Json]:
    """Return the fields of a resource and what is nested in it, without what is computed."""
    raw = written(resource)
    view: dict[str, Json] = {k: v for k, v in resource.fields.items() if k not in INTERNAL}
    view |= {name: raw.get(name) for name in resource.pending}
    view |= {k: raw[k] for k in ALSO_AS_WRITTEN.get(resource.kind, ()) if k in raw}
    if resource.kind == ROLE_ASSIGNMENT.name:
        view |= {
            "role": role_name(resource),
            "principal": raw.get("principal"),
            "scope": str(resource.id.scope),
        }
    for child in world.children.get(resource.id, ()):
        collection = KINDS[child.kind].collection
        nested = view.setdefault(collection, {})
        assert isinstance(nested, dict)
        nested[name_of(child)] = _bare(child, world)
    lifecycle = resource.lifecycle
    return {
        **view,
        "kind": resource.kind,
        "name": name_of(resource),
        "annotations": as_object(raw.get("annotations")),
        "lifecycle": {
            "preventDelete": lifecycle.prevent_delete.on,
            "preventReplace": lifecycle.prevent_replace.on,
            "onRemoval": lifecycle.on_removal.value,
            "ignoreChanges": [".".join(waiver.field) for waiver in lifecycle.waivers],
        },
    }


def _stack(resource: DesiredResource) -> Json:
    """Return what a policy sees of the stack."""
    document: Document | None = resource.place.document if resource.place else None
    value = document.value if document is not None else {}
    metadata = as_object(value.get("metadata"))
    return {
        "name": stack_name(document) if document is not None else resource.stack,
        "labels": as_object(metadata.get("labels")),
        "annotations": as_object(metadata.get("annotations")),
    }
