"""Mail domains against DNS: which are meant, what is found, and whom DNS is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.app.loading.findings import raise_errors
from reconciler.app.loading.specs import load
from reconciler.app.planning.plan import existing_groups
from reconciler.app.targets.connection import connect
from reconciler.app.targets.lookup import resolver_of
from reconciler.documents import project as project_file
from reconciler.documents.project import Project
from reconciler.engine.mail import check_domains
from reconciler.engine.ports import Reader
from reconciler.kinds.email import AZURE_MANAGED
from reconciler.model.errors import UsageError
from reconciler.model.ids import ResourceId
from reconciler.model.mail import DomainReport, MailDomain
from reconciler.model.resource import DesiredState, Presence

MANAGED_NAME = "azuremanageddomain"
"""The name that only a domain has whose records Azure manages, in lower case."""

DOMAIN_TYPE = "microsoft.communication/emailservices/domains"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose records are meant, and what they are asked through."""

    project: Project
    domains: tuple[MailDomain, ...]
    reader: Reader


def mail_domains(desired: DesiredState) -> tuple[MailDomain, ...]:
    """Return the domains of the specs whose records somebody has to make."""
    return tuple(
        MailDomain(r.id, r.address, r.place)
        for r in desired.resources
        if r.kind == "EmailDomain"
        and r.presence is not Presence.REMOVED
        and r.id.name.lower() != MANAGED_NAME
        and r.fields.get("management") != AZURE_MANAGED
    )


def check(
    paths: Sequence[Path],
    project_path: Path | None,
    target: str,
    environment: str | None,
    names: Sequence[str],
) -> tuple[DomainReport, ...]:
    """Return what ARM and DNS say of mail domains; sends reads alone.

    Args:
        paths: files, folders or globs; the project's own if there are none.
        project_path: the project file; looked for if None.
        target: see `reconciler.app.targets.connection.connect`.
        environment: the name of an environment, if one is meant.
        names: only these domains, by name; or by id, which need not be in any spec.

    """
    with asked(paths, project_path, target, environment, names) as meant:
        return check_domains(meant.domains, meant.reader, resolver_of(meant.project))


@contextmanager
def asked(
    paths: Sequence[Path],
    project_path: Path | None,
    target: str,
    environment: str | None,
    names: Sequence[str],
) -> Iterator[Asked]:
    """Yield the domains that are meant, with a connection to read them through.

    Raises:
        InvalidInputError: the specs, or the project file, are wrong.
        UsageError: a name is that of no domain.

    """
    ids = tuple(_by_id(name) for name in names if name.startswith("/"))
    words = [name.lower().rstrip(".") for name in names if not name.startswith("/")]
    existing: tuple[ResourceId, ...] = ()
    if ids and not words and not paths:
        project, problems = project_file.load(project_path, Path.cwd())
        raise_errors(problems)
        found: tuple[MailDomain, ...] = ()
    else:
        specs = load(paths, project_path, environment)
        project, existing = specs.project, existing_groups(specs)
        found = mail_domains(specs.desired)
    if words:
        found = _named(words, found)
    elif ids:
        found = ()
    with connect(target, project.root, existing=existing) as connection:
        yield Asked(project, (*found, *ids), connection.reader)


def _named(words: Sequence[str], found: Sequence[MailDomain]) -> tuple[MailDomain, ...]:
    """Return the domains that are named, each of which must be there."""
    known = {domain.name for domain in found}
    for word in words:
        if word not in known:
            mend = (
                f"name one of: {', '.join(sorted(known)) or 'there are none'}; or give the ARM id "
                "of a domain that is in no spec"
            )
            raise UsageError(f"no spec has the mail domain `{word}`", mend)
    return tuple(domain for domain in found if domain.name in words)


def _by_id(text: str) -> MailDomain:
    """Return the domain that has an id."""
    mend = (
        "write /subscriptions/ID/resourceGroups/NAME/providers/Microsoft.Communication/"
        "emailServices/NAME/domains/NAME"
    )
    if text.startswith("/subscriptions/") and not text.endswith("/"):
        resource = ResourceId(text)
        if resource.arm_type.lower() == DOMAIN_TYPE and len(resource.names) == 2:
            return MailDomain(resource, text)
    raise UsageError(f"`{text}` is not the id of a mail domain", mend)
