"""What Azure must allow for the specs: as roles, and beside what the caller may do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.core.roles.permissions import ACTIONS, allows, needs_of
from reconciler.core.roles.role_definitions import roles_for
from reconciler.core.roles.senders import sender_needs
from reconciler.engine.ports import RequestFailedError
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.permission import Access, Grant, Role

if TYPE_CHECKING:
    from reconciler.app.loading.specs import Specs
    from reconciler.app.targets.connection import Connection

WORKERS = 8
"""Scopes that are asked about at once."""


def generate(specs: Specs, name: str, *, checks: bool = False) -> tuple[Role, Role]:
    """Return the role for `plan` and the role for `apply`, from the specs alone.

    They also allow what a plan reads to name whose mail would stop.

    Args:
        specs: what is wanted.
        name: what the names of the roles begin with.
        checks: whether `rbac check` shall be allowed to ask for the caller's permissions, too.

    """
    needs = {*needs_of(specs.desired, checks=checks), *sender_needs(specs.desired)}
    return roles_for(specs.desired, tuple(sorted(needs)), name)


def check(specs: Specs, connection: Connection) -> Access:
    """Return what the caller lacks for `plan` and `apply`; sends reads alone.

    A condition on the caller's roles, and a deny assignment, are not in Azure's answer.
    """
    needs = needs_of(specs.desired)
    scopes = sorted({need.scope for need in needs})
    grants: dict[ResourceId, tuple[Grant, ...]] = {}
    unread: dict[ResourceId, Failure] = {}
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="rbac") as pool:
        answers = pool.map(lambda scope: _grants(connection, scope), scopes)
        for scope, answer in zip(scopes, answers, strict=True):
            if isinstance(answer, Failure):
                unread[scope] = answer
            else:
                grants[scope] = answer
    missing = tuple(n for n in needs if n.scope in grants and not allows(grants[n.scope], n.action))
    return Access(needs, missing, unread)


def _grants(connection: Connection, scope: ResourceId) -> tuple[Grant, ...] | Failure:
    """Return what the caller may do at a scope, or why nobody knows."""
    try:
        return connection.probe.permissions(scope)
    except RequestFailedError as error:
        return replace(error.failure, mend=_mend(error.failure))


def _mend(failure: Failure) -> str:
    """Return what to do when nobody knows what the caller may do at a scope."""
    match failure.kind:
        case FailureClass.NOT_FOUND:
            return "create it, or mend its name: nothing can be allowed at what is not there"
        case FailureClass.DENIED if failure.code.lower() == "authorizationfailed":
            action = ACTIONS["permissions"].name
            return f"allow the caller {action} there; `rbac generate --with-checks` has it"
        case _:
            return failure.mend or "try again"
