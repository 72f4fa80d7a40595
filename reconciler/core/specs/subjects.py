"""Federated subjects that nobody can sign in with, and such that somebody else may come to own."""

from __future__ import annotations

import re
from typing import Final

from reconciler.kinds.federated_identity_credential import GITHUB_ISSUER

GITHUB: Final = r"repo:(?P<owner>[^/:]+)/(?P<repository>[^/:]+):.+"
"""https://docs.github.com/actions/reference/security/oidc"""
PLAIN: Final = r"[A-Za-z0-9_.-]+"
"""What may stand in a command that is shown to be typed."""


def bare_parts(issuer: str, subject: str) -> tuple[str, ...]:
    """Return the names in a GitHub subject that do not carry their id."""
    match = re.fullmatch(GITHUB, subject) if issuer == GITHUB_ISSUER else None
    return tuple(name for name in match.groups() if "@" not in name) if match else ()


def ids_mend(subject: str) -> str:
    """Return how names get their ids.

    Whether the tokens of a repository carry ids is a setting of the repository, which GitHub tells
    along with the ids. A credential whose subject is rewritten before that is switched on locks
    its pipelines out, so this is never mended without asking.
    https://learn.microsoft.com/entra/workload-id/workload-identities-github-immutable-subjects
    """
    match = re.fullmatch(GITHUB, subject)
    names = [name.partition("@")[0] for name in match.groups()] if match else []
    plain = names and all(re.fullmatch(PLAIN, name, re.ASCII) for name in names)
    place = "/".join(names) if plain else "OWNER/REPOSITORY"
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
    if issuer == GITHUB_ISSUER and re.fullmatch(GITHUB, subject) is None:
        return "GitHub's subjects are `repo:OWNER/REPOSITORY:` and what may sign in"
    return ""
