"""Role assignments, from the words of a spec to the fields of the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.core.specs.references import PREFIX, Declaration
from reconciler.core.specs.resolver import Resolver
from reconciler.kinds.role_assignment import ROLE_ASSIGNMENT, role_guid
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.ids import ResourceId
from reconciler.model.resource import DesiredResource
from reconciler.model.value import Json, Path, Pending


def assignment(
    group: ResourceId, declared: Declaration, values: Mapping[str, Json], resolver: Resolver
) -> tuple[ResourceId, dict[str, Json], dict[str, Pending]]:
    """Return id, known fields and pending fields of a role assignment.

    The id has a stand-in name until the principal is known, since the name is made from it.

    Args:
        group: the stack's resource group.
        declared: where the assignment stands.
        values: what the spec says of it.
        resolver: finds what its references point at.
    """
    place: Path = ("spec", *declared.path)
    scope = _scope(group, values, resolver, (*place, "scope"))
    role = role_guid(str(values["role"]))
    fields: dict[str, Json] = {
        "role": f"/subscriptions/{scope.subscription}/providers/Microsoft.Authorization"
        f"/roleDefinitions/{role}",
        "principalType": "ServicePrincipal",
    }
    pending: dict[str, Pending] = {}
    principal = values["principal"]
    if isinstance(principal, Mapping):
        fields["principal"] = principal["objectId"]
        fields["principalType"] = principal["type"]
    else:
        source = f"{principal}#principalId"
        pending["principal"] = resolver.field_of(source, (*place, "principal"))
    if "description" in values:
        fields["description"] = values["description"]
    if "condition" in values:
        fields |= {"condition": values["condition"], "conditionVersion": "2.0"}
    name = f"{declared.stack}.{declared.name}"
    return ResourceId(f"{scope}/providers/{ROLE_ASSIGNMENT.arm_type}/{name}"), fields, pending


def repeated(resources: Iterable[DesiredResource]) -> Iterator[Diagnostic]:
    """Yield a problem for each assignment that says the same as an earlier one."""
    seen: dict[tuple[object, ...], DesiredResource] = {}
    for resource in resources:
        if resource.kind != ROLE_ASSIGNMENT.name or resource.span is None:
            continue
        principal = resource.pending.get("principal") or resource.fields.get("principal")
        key = (resource.id.scope, str(resource.fields["role"]).lower(), str(principal).lower())
        first = seen.setdefault(key, resource)
        if first is not resource and first.span is not None:
            yield Diagnostic(
                Code.SAME_RESOURCE,
                f"`{resource.id.name}` is the same role assignment as `{first.id.name}`",
                "keep one of the two: Azure has one for a role, a principal and a scope",
                resource.span,
                related=((first.span, "declared here first"),),
            )


def _scope(
    group: ResourceId, values: Mapping[str, Json], resolver: Resolver, place: Path
) -> ResourceId:
    """Return where the role is to hold."""
    written = str(values["scope"])
    if written == "resourceGroup":
        return group
    found = str(resolver.resolve(written, place))
    return group if found.startswith(PREFIX) else ResourceId(found)
