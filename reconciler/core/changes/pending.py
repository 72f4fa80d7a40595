"""Values that one resource takes from another, such as the principal of an identity.

What is known is filled in before planning; what Azure gives out only when the other resource is
written stays pending, is shown as *known after apply*, and is filled in by the step itself.
"""

from __future__ import annotations

from dataclasses import replace

from reconciler.core.changes.diff import field_changes
from reconciler.kinds import BY_ARM_TYPE, KINDS
from reconciler.kinds.kind import Kind, lookup
from reconciler.model.ids import ResourceId
from reconciler.model.plan import FieldChange
from reconciler.model.resource import DesiredResource, DesiredState, ObservedState
from reconciler.model.value import ABSENT, Absent, Body, Json, Pending


def resolve(desired: DesiredState, observed: ObservedState) -> DesiredState:
    """Return ``desired`` with every pending value filled in that is known and will stay."""
    if not any(_is_open(resource) for resource in desired.resources):
        return desired
    by_id = {resource.id: resource for resource in desired.resources}
    resources = tuple(
        _resolved(resource, by_id, observed) if _is_open(resource) else resource
        for resource in desired.resources
    )
    return replace(desired, resources=resources)


def _is_open(resource: DesiredResource) -> bool:
    """Whether something of a resource is still to be worked out: a value, or its name."""
    return bool(resource.pending) or KINDS[resource.kind].is_extension


def _resolved(
    resource: DesiredResource, by_id: dict[ResourceId, DesiredResource], observed: ObservedState
) -> DesiredResource:
    """Return one resource with what is known filled in, under its final name if that is known."""
    known = dict(resource.fields)
    pending: dict[str, Pending] = {}
    for name, source in resource.pending.items():
        value = settled_value(source, by_id.get(source.target), observed)
        if isinstance(value, Absent | Pending):
            pending[name] = source
        else:
            known[name] = value
    kind = KINDS[resource.kind]
    identifier = resource.id
    if kind.name_from is not None and not pending:
        identifier = resource.id.renamed(kind.name_from(resource.id, known))
    return replace(resource, id=identifier, fields=known, pending=pending)


def settled_value(
    source: Pending, target: DesiredResource | None, observed: ObservedState
) -> Json | Pending | Absent:
    """Return a value, the pending itself if it is still to come, ABSENT if it never will.

    Args:
        source: what is asked for.
        target: the resource that has it, as far as a spec describes it.
        observed: what there is.
    """
    if source.field == "id":
        return source.target.text
    live = observed.resources.get(source.target)
    if live is None:
        return source
    kind = KINDS[live.kind]
    changes = field_changes(kind, target.fields, live.body) if target is not None else ()
    if any(change.forces_replacement for change in changes):
        return source
    follows = next((c.follows for c in kind.computed if c.name == source.field), ())
    for change in changes:
        if follows and change.path == follows:
            return source if change.after is True else ABSENT
        if change.path[0] == source.field:
            return source
    return read_field(kind, live.body, source.field)


def read_field(kind: Kind, body: Body, name: str) -> Json | Absent:
    """Return a field of a live body by the name that outputs use."""
    for computed in kind.computed:
        if computed.name == name:
            return lookup(body, computed.path)
    field = kind.field(name)
    return field.shape.to_spec(lookup(body, field.path))


def differing(kind: Kind, desired: DesiredResource, live: Body) -> tuple[FieldChange, ...]:
    """Return what of a live resource is not as wanted, sorted by path.

    A value that is still to come is none of those that are there, so it always differs.
    """
    known = field_changes(kind, desired.fields, live)
    if not desired.pending:
        return known
    coming = (
        FieldChange((name,), read_field(kind, live, name), source, kind.field(name).immutable)
        for name, source in desired.pending.items()
    )
    return tuple(sorted((*known, *coming), key=lambda change: change.path))


def is_equal(kind: Kind, resource: DesiredResource, found: ResourceId, body: Body) -> bool:
    """Whether a live resource is the wanted one under another name.

    Azure refuses a second role assignment of one role to one principal at one scope, whatever its
    name (409 RoleAssignmentExists), so the one that is there is taken for ours.
    """
    if kind.name_from is None or found.scope != resource.id.scope:
        return False
    live = {f.name: read_field(kind, body, f.name) for f in kind.fields if f.immutable}
    if any(isinstance(value, Absent) for value in live.values()):
        return False
    known = {name: value for name, value in live.items() if not isinstance(value, Absent)}
    return kind.name_from(resource.id, known) == resource.id.name


def kind_of(resource: ResourceId) -> Kind:
    """Return the kind of an id; KeyError if the table has no such type."""
    return BY_ARM_TYPE[resource.arm_type.lower()]
