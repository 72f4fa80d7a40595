"""What lies about: identities that nothing in the specs has a use for."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.core.policies.policy_world import World
from reconciler.kinds.user_assigned_identity import USER_ASSIGNED_IDENTITY
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity


def unused_identities(world: World) -> Iterator[Diagnostic]:
    """Yield a warning for each identity that nothing refers to and nobody can sign in as."""
    for resource in world.resources:
        if resource.kind != USER_ASSIGNED_IDENTITY.name or world.used_by(resource):
            continue
        if not world.children.get(resource.id):
            yield Diagnostic(
                Code.UNUSED_IDENTITY,
                f"nothing in the specs uses the identity `{resource.id.name}`",
                "attach it, give it a role, hand it out under `outputs`, or set it to null",
                resource.span,
                severity=Severity.WARNING,
            )
