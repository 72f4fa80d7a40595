"""What Azure must allow for the specs, derived from them and the table of kinds.

`plan` reads what `reconciler.engine.observe` asks for; `apply` writes what
`reconciler.core.planner` can decide. The actions of a kind are its ARM type with ``/read``,
``/write`` and ``/delete``; the few that are called otherwise are in `ACTIONS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.kinds import BY_ARM_TYPE, KINDS, RESOURCE_GROUP, children_of
from reconciler.kinds.email import INITIATE
from reconciler.kinds.fields import IdSet, ManagedIdentity
from reconciler.kinds.kind import Kind
from reconciler.model.entries import DesiredEntries
from reconciler.model.ids import ResourceId
from reconciler.model.permission import Grant, Need, Phase
from reconciler.model.resource import DesiredResource, DesiredState, OnRemoval, Presence
from reconciler.model.value import Json

OPERATIONS = "https://learn.microsoft.com/azure/role-based-access-control/permissions"
MANAGEMENT = f"{OPERATIONS}/management-and-governance"


@dataclass(frozen=True, slots=True)
class Action:
    """An action that the ARM type of a kind does not give away."""

    name: str
    source: str
    """The page that lists it."""


ACTIONS: Mapping[str, Action] = {
    "assign": Action(
        "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", f"{OPERATIONS}/identity"
    ),
    "group": Action("Microsoft.Resources/subscriptions/resourceGroups", MANAGEMENT),
    "permissions": Action("Microsoft.Authorization/permissions/read", MANAGEMENT),
    "subscription": Action("Microsoft.Resources/subscriptions/read", MANAGEMENT),
    # The URL of an operation lies below the subscription. Azure signs it, so that whoever began the
    # operation may poll it: the action is asked for where the resource is.
    "poll": Action(
        "Microsoft.Communication/locations/operationStatuses/read",
        f"{OPERATIONS}/integration",
    ),
    "register": Action(
        "{namespace}/register/action",
        "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types",
    ),
}
"""Actions that are not the type of a kind and a verb: what they are for, and where they are listed.

*group* is the type of resource groups as roles call it; *register* is never in a role: a provider
is registered once, by hand.
"""


UNLISTED = frozenset({"SmtpUsername"})
"""Kinds whose actions Microsoft does not list, so that Azure may refuse a role that has them.
https://learn.microsoft.com/azure/role-based-access-control/permissions/integration#microsoftcommunication
"""


def action_of(kind: Kind, verb: str) -> str:
    """Return the action that allows ``read``, ``write`` or ``delete`` of a kind."""
    arm_type = ACTIONS["group"].name if kind is RESOURCE_GROUP else kind.arm_type
    return f"{arm_type}/{verb}"


def needs_of(desired: DesiredState, *, checks: bool = False) -> tuple[Need, ...]:
    """Return everything that must be allowed, sorted, with what each is for.

    Args:
        desired: what the specs say.
        checks: whether `rbac check` shall be allowed to ask for the caller's permissions, too.

    """
    places = Places.of(desired)
    found = {need for r in desired.resources for need in _of_resource(r, places)}
    found |= {need for r in desired.resources for need in _of_zone(r, places)}
    found |= {need for entries in desired.entries for need in _of_entries(entries, places)}
    if any(_may_be_pruned(resource) for resource in desired.resources):
        found |= {need for group in places.groups for need in _prune_reads(group, places)}
    if checks:
        found |= {_permission_read(need) for need in found}
    return tuple(sorted(found))


def allows(grants: Iterable[Grant], action: str) -> bool:
    """Whether some grant allows an action and does not take it away again.

    https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions
    """
    return any(_matches(g.actions, action) and not _matches(g.not_actions, action) for g in grants)


def _matches(patterns: Iterable[str], action: str) -> bool:
    """Whether one of the patterns stands for an action."""
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE)
        for pattern in patterns
    )


@dataclass(frozen=True, slots=True)
class Places:
    """Where an action must be allowed: the resource groups of the specs come in two sorts."""

    groups: tuple[DesiredResource, ...]
    existing: frozenset[ResourceId] = field(default_factory=frozenset)
    created: frozenset[ResourceId] = field(default_factory=frozenset)

    @classmethod
    def of(cls, desired: DesiredState) -> Places:
        """Sort the resource groups."""
        groups = tuple(r for r in desired.resources if KINDS[r.kind] is RESOURCE_GROUP)
        there = frozenset(g.id for g in groups if g.presence is Presence.EXISTING)
        return cls(groups, there, frozenset(g.id for g in groups) - there)

    def need(
        self, phase: Phase, action: str, target: ResourceId, address: str, reason: str
    ) -> Need:
        """Return a need at the narrowest scope that is there before the first write.

        What no spec makes is such a scope itself.
        """
        group = target.group
        if group is None:
            wide = "it is for the whole subscription"
        elif group in self.created:
            wide = (
                f"`{group.name}` is created by the specs, so no role can be assigned there before"
            )
        else:
            scope = group if group in self.existing else target
            return Need(phase, action, scope, address, reason)
        return Need(phase, action, subscription_of(target), address, reason, wide)


def subscription_of(resource: ResourceId) -> ResourceId:
    """Return the id of a resource's subscription."""
    return ResourceId(f"/subscriptions/{resource.subscription}")


def _of_resource(resource: DesiredResource, places: Places) -> Iterator[Need]:
    """Yield what one resource needs."""
    kind = KINDS[resource.kind]
    anchor = resource.id.scope if kind.is_extension else resource.id
    for phase, action, reason in (*_reads(kind, resource), *_writes(kind, resource)):
        yield places.need(phase, action, anchor or resource.id, resource.address, reason)
    for name in kind.held_by if resource.presence is Presence.REMOVED else ():
        action, whole = action_of(KINDS[name], "read"), subscription_of(resource.id)
        reason, wide = "to see who still uses it", "what still uses it can be in any group"
        yield Need(Phase.PLAN, action, whole, resource.address, reason, wide)
    for action, target, reason in _linked(kind, resource):
        yield places.need(Phase.APPLY, action, target, resource.address, reason)


def _of_entries(entries: DesiredEntries, places: Places) -> Iterator[Need]:
    """Yield what the addresses of one list need; hashes alone can never be added."""
    kind = KINDS["SuppressionListAddress"]
    wanted = [
        (Phase.PLAN, "read", "to compare the addresses of the list"),
        *([(Phase.APPLY, "write", "to add addresses to the list")] if entries.file else []),
        *([(Phase.APPLY, "delete", "to remove addresses: `exact: true`")] if entries.exact else []),
    ]
    for phase, verb, reason in wanted:
        yield places.need(phase, action_of(kind, verb), entries.list, entries.address, reason)


def _of_zone(resource: DesiredResource, places: Places) -> Iterator[Need]:
    """Yield what keeping the records of a mail domain in a zone needs."""
    zone = resource.dns_zone
    if zone is None or resource.presence is not Presence.MANAGED:
        return
    reason = f"the records of `{resource.id.name}` are kept in it"
    yield places.need(
        Phase.PLAN, action_of(KINDS["DnsZone"], "read"), zone, resource.address, reason
    )
    for kind in KINDS.values():
        for phase, verb in ((Phase.PLAN, "read"), (Phase.APPLY, "write")):
            if kind.parent == "DnsZone":
                yield places.need(phase, action_of(kind, verb), zone, resource.address, reason)


def _reads(kind: Kind, resource: DesiredResource) -> Iterator[tuple[Phase, str, str]]:
    """Yield the reads of a resource and of what stands in the way of its delete."""
    yield Phase.PLAN, action_of(kind, "read"), "to compare it"
    for child in children_of(kind.name) if may_be_deleted(resource) else ():
        if child.blocks_parent:
            reason = "what is nested in it has to go first"
            yield Phase.PLAN, action_of(child, "read"), reason
            yield Phase.APPLY, action_of(child, "delete"), reason


def _writes(kind: Kind, resource: DesiredResource) -> Iterator[tuple[Phase, str, str]]:
    """Yield the writes of a resource."""
    if kind.operations is None or resource.presence is Presence.EXISTING:
        return
    if resource.presence is Presence.MANAGED:
        yield Phase.APPLY, action_of(kind, "write"), "to create and update it"
        for row in kind.fields:
            if row.action and row.name in resource.fields:
                yield Phase.APPLY, f"{kind.arm_type}/{row.action}/action", f"to set `{row.name}`"
        if resource.verify:
            yield Phase.APPLY, f"{kind.arm_type}/{INITIATE}/action", "to have it verified"
    gone = may_be_deleted(resource)
    if gone and kind.operations.delete:
        yield Phase.APPLY, action_of(kind, "delete"), gone
    calls = (kind.operations.create, kind.operations.update, kind.operations.delete)
    if any(call.startswith("begin_") for call in calls):
        yield Phase.APPLY, ACTIONS["poll"].name, "to follow a write to its end"


def may_be_deleted(resource: DesiredResource) -> str:
    """Return why a resource may be deleted, or nothing."""
    kind = KINDS[resource.kind]
    if resource.presence is Presence.REMOVED:
        return "to delete it: it is set to null, or to be removed"
    if resource.may_be_replaced and _is_replaceable(kind):
        return "to replace it: `preventReplace` is false"
    return "to delete it: `onRemoval: delete`" if _may_be_pruned(resource) else ""


def _is_replaceable(kind: Kind) -> bool:
    """Whether there is a change that only a new resource can make."""
    return not kind.is_extension and any(field.immutable for field in kind.fields)


def _may_be_pruned(resource: DesiredResource) -> bool:
    """Whether a resource bears the mark of its stack, so that ``--prune`` may delete it."""
    marked = any(field.name == "tags" for field in KINDS[resource.kind].fields)
    return marked and resource.lifecycle.on_removal is OnRemoval.DELETE


def _prune_reads(group: DesiredResource, places: Places) -> Iterator[Need]:
    """Yield what ``--prune`` reads of a resource group to see what has left the specs."""
    reason = "`--prune` looks for what has left the specs"
    for kind in children_of(""):
        nested = [child for child in children_of(kind.name) if child.blocks_parent]
        for read in [kind, *nested] if not kind.is_extension else []:
            yield places.need(Phase.PLAN, action_of(read, "read"), group.id, group.address, reason)


def _linked(kind: Kind, resource: DesiredResource) -> Iterator[tuple[str, ResourceId, str]]:
    """Yield what writing the fields that hold ids needs: action, resource and reason."""
    for row in kind.fields if resource.presence is Presence.MANAGED else ():
        value = resource.fields.get(row.name)
        match row.shape:
            case ManagedIdentity() if isinstance(value, Mapping):
                for target in ids_in(value):
                    yield ACTIONS["assign"].name, target, f"to attach `{target.name}`"
                if "userAssigned" not in value:
                    reason = "what is attached already is sent along"
                    yield ACTIONS["assign"].name, resource.id, reason
            case IdSet():
                for target in ids_in(value):
                    linked = BY_ARM_TYPE.get(target.arm_type.lower())
                    action = action_of(linked, "read") if linked else f"{target.arm_type}/read"
                    yield action, target, f"to link `{target.name}`"


def ids_in(value: Json) -> Iterator[ResourceId]:
    """Yield every ARM id in a value."""
    if isinstance(value, str):
        if value.startswith("/subscriptions/") and not value.endswith("/"):
            yield ResourceId(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from ids_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from ids_in(inner)


def _permission_read(need: Need) -> Need:
    """Return what `rbac check` needs at the same scope."""
    reason = "`reconciler rbac check` asks what the caller may do"
    return Need(
        Phase.PLAN, ACTIONS["permissions"].name, need.scope, "rbac check", reason, need.wide
    )
