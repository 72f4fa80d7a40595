"""Roles as Azure CLI takes them and as people read them, and what a caller lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.model.permission import Access, Need, Phase, Role
from reconciler.model.value import Json
from reconciler.render.formats.style import BOLD, CYAN, GREEN, RED, YELLOW, Style
from reconciler.render.formats.words import plural, safe

SHOWN = 3
"""Addresses that are named for one action; the others are counted."""


def role_definition(role: Role) -> dict[str, Json]:
    """Return a role as ``az role definition create --role-definition`` takes it.

    https://learn.microsoft.com/azure/role-based-access-control/custom-roles-cli
    """
    return {
        "Name": role.name,
        "IsCustom": True,
        "Description": role.description,
        "Actions": list(role.actions),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": [scope.text for scope in role.scopes],
    }


def roles_json(roles: Iterable[Role]) -> dict[str, Json]:
    """Return the roles by phase, each with the condition of its assignment."""
    return {
        role.phase.value: {"role": role_definition(role), "condition": role.condition or None}
        for role in roles
    }


def roles_text(roles: Sequence[Role], *, colour: bool) -> str:
    """Return every action with what it is for."""
    style = Style(colour)
    lines: list[str] = []
    for role in roles:
        lines += [style(safe(role.name), BOLD), *_scopes(role), *_actions(role, style)]
        if role.condition:
            lines.append("  its assignment must carry this condition, version 2.0:")
            lines += [f"    {line}" for line in role.condition.splitlines()]
        for action in role.unlisted:
            lines.append(f"  note: Microsoft does not list {action}; if Azure refuses the role,")
            lines.append(f"    see `az provider operation show --namespace {action.split('/')[0]}`")
        lines.append("")
    lines += _beyond(roles)
    return "\n".join(lines).rstrip("\n") + "\n"


def access_text(access: Access, *, colour: bool) -> str:
    """Return what is missing for `plan` and for `apply`, scope by scope."""
    style = Style(colour)
    lines: list[str] = []
    for scope, failure in sorted(access.unread.items()):
        lines.append(f"{style('unknown', YELLOW)}  {scope}: {safe(str(failure))}")
        if failure.mend:
            lines.append(f"  {style('mend:', CYAN)} {safe(failure.mend)}")
    for phase in Phase:
        missing = access.missing_for(phase)
        if missing:
            count = plural(len({(n.action, n.scope) for n in missing}), "action")
            lines.append(f"{phase.value:<5}  {style(f'{count} missing', RED)}")
            lines += _missing(missing)
        elif not access.unread:
            count = plural(len({(n.action, n.scope) for n in _wanted(access, phase)}), "action")
            lines.append(f"{phase.value:<5}  {style(f'may do all it needs: {count}', GREEN)}")
    if access.missing:
        lines.append(
            f"{style('mend:', CYAN)} `reconciler rbac generate --out roles` writes a role for each;"
            " have an owner create and assign them"
        )
    return "\n".join(lines) + "\n"


def _wanted(access: Access, phase: Phase) -> Iterator[Need]:
    """Yield what a command needs."""
    return (n for n in access.needs if phase is Phase.APPLY or n.phase is phase)


def _missing(missing: Sequence[Need]) -> Iterator[str]:
    """Yield the missing actions, each below the scope where it is missing."""
    for scope in sorted({need.scope for need in missing}):
        yield f"  at {scope}"
        here = [need for need in missing if need.scope == scope]
        for action in sorted({need.action for need in here}):
            yield f"    {action}"
            yield f"        for {_addresses(n for n in here if n.action == action)}"


def _scopes(role: Role) -> Iterator[str]:
    """Yield where a role is to be assigned, and why at a whole subscription."""
    for scope in role.scopes:
        yield f"  assign it at {scope}"
        wide = [n for n in role.needs if n.wide and n.assignable == scope]
        for reason in sorted({need.wide for need in wide}):
            found = _addresses(n for n in wide if n.wide == reason)
            yield f"    because {safe(reason)}: {found}"


def _actions(role: Role, style: Style) -> Iterator[str]:
    """Yield the table of actions."""
    for action in role.actions:
        needs = [need for need in role.needs if need.action == action]
        yield f"  {style(action, CYAN)}"
        for reason in sorted({need.reason for need in needs}):
            yield f"      {safe(reason)}: {_addresses(n for n in needs if n.reason == reason)}"


def _addresses(needs: Iterable[Need]) -> str:
    """Return the first addresses, and how many more there are."""
    found = sorted({need.address for need in needs})
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return safe(", ".join(found[:SHOWN])) + more


def _beyond(roles: Sequence[Role]) -> Iterator[str]:
    """Yield where the caller of `apply` needs the role of `plan`, too."""
    plan, apply = roles
    for scope in plan.scopes:
        if scope not in apply.scopes:
            yield f"Who runs apply needs the plan role at {scope}, too."
