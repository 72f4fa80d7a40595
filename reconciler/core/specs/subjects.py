"""Federated subjects that nobody can sign in with, and such that somebody else may come to own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.kinds.federated_identity_credential import (
    FEDERATED_IDENTITY_CREDENTIAL,
    GITHUB_ISSUER,
)
from reconciler.model.checkup import Check, fail, ok, warn
from reconciler.model.resource import DesiredResource, DesiredState, Presence

NAME = "subjects"
GITHUB = re.compile(r"repo:(?P<owner>[^/:]+)/(?P<repository>[^/:]+):.+")
"""https://docs.github.com/actions/reference/security/oidc"""
PLAIN = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
"""What may stand in a command that is shown to be typed."""


def subject_checks(desired: DesiredState) -> Iterator[Check]:
    """Yield a check for each bad subject, or one that says that there is none."""
    credentials = [
        resource
        for resource in desired.resources
        if resource.kind == FEDERATED_IDENTITY_CREDENTIAL.name
        and resource.presence is Presence.MANAGED
    ]
    found = [check for credential in credentials for check in _of(credential)]
    if not found and credentials:
        found = [ok(NAME, f"{len(credentials)} federated, none of them dead or mutable")]
    yield from found


def _of(credential: DesiredResource) -> Iterator[Check]:
    """Yield what is wrong with one credential."""
    issuer = str(credential.fields.get("issuer", ""))
    subject = str(credential.fields.get("subject", ""))
    address = credential.address
    dead = why_dead(issuer, subject)
    if dead:
        yield fail(NAME, f"{address} is dead: {dead}", "write the subject as the token has it")
        return
    if bare := bare_parts(issuer, subject):
        names = " and ".join(f"`{name}`" for name in bare)
        what = f"{address} is mutable: somebody else may come to own {names}"
        yield warn(NAME, what, ids_mend(subject))


def bare_parts(issuer: str, subject: str) -> tuple[str, ...]:
    """Return the names in a GitHub subject that do not carry their id."""
    match = GITHUB.fullmatch(subject) if issuer == GITHUB_ISSUER else None
    return tuple(name for name in match.groups() if "@" not in name) if match else ()


def ids_mend(subject: str) -> str:
    """Return how names get their ids.

    Whether the tokens of a repository carry ids is a setting of the repository, which GitHub tells
    along with the ids. A credential whose subject is rewritten before that is switched on locks
    its pipelines out, so this is never mended without asking.
    https://learn.microsoft.com/entra/workload-id/workload-identities-github-immutable-subjects
    """
    match = GITHUB.fullmatch(subject)
    names = [name.partition("@")[0] for name in match.groups()] if match else []
    place = "/".join(names) if all(map(PLAIN.fullmatch, names)) and names else "OWNER/REPOSITORY"
    return (
        f"write OWNER@ID and REPOSITORY@ID as `gh api repos/{place}/actions/oidc/customization/sub`"
        " shows them; if tokens have no ids yet, add a second credential with ids, switch ids on,"
        " and then remove this one"
    )


def why_dead(issuer: str, subject: str) -> str:
    """Return why no token can have a subject, or nothing.

    Azure compares character by character.
    https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
    """
    if "*" in subject:
        return "`*` stands for itself"
    if subject != subject.strip():
        return "it begins or ends with a space"
    if issuer != GITHUB_ISSUER and issuer.rstrip("/").lower() == GITHUB_ISSUER:
        return f"GitHub's issuer is {GITHUB_ISSUER}, to the letter"
    if issuer == GITHUB_ISSUER and not subject.startswith("repo:"):
        return ""  # an organisation may have chosen other claims for its subjects
    if issuer == GITHUB_ISSUER and GITHUB.fullmatch(subject) is None:
        return "GitHub's subjects are `repo:OWNER/REPOSITORY:` and what may sign in"
    return ""
