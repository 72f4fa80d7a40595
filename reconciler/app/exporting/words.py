"""Values of Azure in the words of a spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.kinds import BY_ARM_TYPE
from reconciler.kinds.fields import loose
from reconciler.model.ids import ResourceId
from reconciler.model.value import Json


def worded(value: Json, choices: Sequence[Json], references: Mapping[ResourceId, str]) -> Json:
    """Return a value as a person would write it: references for ids, the schema's own spelling."""
    match value:
        case str() if value.startswith("/subscriptions/") and not value.endswith("/"):
            target = ResourceId(value)
            return references.get(target) or canonical(target).text
        case str():
            return next(
                (c for c in choices if isinstance(c, str) and loose(c) == loose(value)), value
            )
        case Mapping():
            return {key: worded(inner, (), references) for key, inner in value.items()}
        case list():
            return [worded(inner, (), references) for inner in value]
        case _:
            return value


def canonical(target: ResourceId) -> ResourceId:
    """Return an id in the usual casing, where its type is known."""
    kind = BY_ARM_TYPE.get(target.arm_type.lower())
    if kind is None or target.group is None or not kind.schema or kind.is_extension:
        return target
    group = ResourceId.of_group(target.subscription, target.group.name)
    return group.child(kind.arm_type, *target.names)
