"""Custom roles that allow what the specs need, and nothing else.

https://learn.microsoft.com/azure/role-based-access-control/custom-roles
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.core.roles.permissions import UNLISTED
from reconciler.kinds import KINDS
from reconciler.kinds.role_assignment import ROLE_ASSIGNMENT, role_guid
from reconciler.model.ids import ResourceId
from reconciler.model.permission import Need, Phase, Role
from reconciler.model.resource import DesiredResource, DesiredState, Presence

LONGEST = 100
"""Characters of a role's name that are still read."""


def roles_for(desired: DesiredState, needs: Iterable[Need], name: str) -> tuple[Role, Role]:
    """Return the role for `plan` and the role for `apply`.

    Args:
        desired: what the specs say.
        needs: what they need, see `reconciler.core.roles.permissions.needs_of`.
        name: what both names begin with; a role's name is unique in its tenant.

    """
    needs = tuple(needs)
    reads = tuple(need for need in needs if need.phase is Phase.PLAN)
    stacks = _shortened(", ".join(desired.stacks))
    plan = Role(
        Phase.PLAN,
        f"{name} plan ({stacks})",
        "Exactly the reads of `reconciler plan` for these stacks.",
        reads,
        _widest(need.assignable for need in reads),
        unlisted=_unlisted(reads),
    )
    apply = Role(
        Phase.APPLY,
        f"{name} apply ({stacks})",
        "Exactly what `reconciler apply` sends for these stacks.",
        needs,
        _widest(_apply_scopes(needs)),
        condition_for(desired),
        _unlisted(needs),
    )
    return plan, apply


def condition_for(desired: DesiredState) -> str:
    """Return what limits the writing of role assignments to those that the specs name, or nothing.

    https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples
    """
    assignments = [r for r in desired.resources if r.kind == ROLE_ASSIGNMENT.name]
    written = [r for r in assignments if r.presence is Presence.MANAGED]
    removed = [r for r in assignments if r.presence is Presence.REMOVED]
    clauses = []
    if written:
        types = sorted({str(r.fields["principalType"]) for r in written})
        listed = ", ".join(f"'{text}'" for text in types)
        clauses.append(
            _clause(
                "write",
                f"{_role_is('Request', written)}\n  AND\n"
                f"  @Request[{ROLE_ASSIGNMENT.arm_type}:PrincipalType]"
                f" ForAnyOfAnyValues:StringEqualsIgnoreCase {{{listed}}}",
            )
        )
    if removed:
        clauses.append(_clause("delete", _role_is("Resource", removed)))
    return "\nAND\n".join(clauses)


def _clause(verb: str, rule: str) -> str:
    """Return a rule that holds for one action and lets every other pass."""
    action = f"{ROLE_ASSIGNMENT.arm_type}/{verb}"
    return f"(\n (\n  !(ActionMatches{{'{action}'}})\n )\n OR\n (\n  {rule}\n )\n)"


def _role_is(source: str, assignments: Iterable[DesiredResource]) -> str:
    """Return the rule that the role is one of those that are assigned."""
    guids = ", ".join(sorted({role_guid(str(r.fields["role"])) for r in assignments}))
    attribute = f"@{source}[{ROLE_ASSIGNMENT.arm_type}:RoleDefinitionId]"
    return f"{attribute} ForAnyOfAnyValues:GuidEquals {{{guids}}}"


def _apply_scopes(needs: Iterable[Need]) -> Iterator[ResourceId]:
    """Yield where the apply role belongs: never at a subscription for the sake of a read alone.

    What has to be read in a whole subscription is read with the plan role, which belongs there.
    """
    for need in needs:
        if need.phase is Phase.APPLY or need.assignable.group is not None:
            yield need.assignable


def _unlisted(needs: Iterable[Need]) -> tuple[str, ...]:
    """Return the actions that Microsoft does not list."""
    types = {KINDS[name].arm_type for name in UNLISTED}
    return tuple(sorted({n.action for n in needs if n.action.rpartition("/")[0] in types}))


def _widest(scopes: Iterable[ResourceId]) -> tuple[ResourceId, ...]:
    """Return the scopes without those that lie in another one."""
    found = set(scopes)
    whole = {scope.subscription.lower() for scope in found if scope.group is None}
    kept = (s for s in found if s.group is None or s.subscription.lower() not in whole)
    return tuple(sorted(kept))


def _shortened(text: str) -> str:
    """Return a text that is short enough for a name."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
