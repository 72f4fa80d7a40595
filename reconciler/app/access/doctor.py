"""Looks at everything that `plan` and `apply` stand on, by reads alone, and says what to mend."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler import __version__
from reconciler.app.access.probing import online_checks
from reconciler.app.loading.address_files import key_problem
from reconciler.app.loading.specs import Specs, load
from reconciler.app.planning.plan import existing_groups
from reconciler.app.targets.connection import connect
from reconciler.arm.probe import installed, speaks
from reconciler.core.changes.privacy import MAKE_A_KEY, VARIABLE
from reconciler.core.specs.subjects import bare_parts, ids_mend, why_dead
from reconciler.documents.modeline import modeline_of, schemas_of
from reconciler.documents.style import File, wrong_modeline
from reconciler.kinds import KINDS
from reconciler.kinds.federated_identity_credential import FEDERATED_IDENTITY_CREDENTIAL
from reconciler.model.checkup import Check, fail, ok, warn
from reconciler.model.diagnostic import Severity
from reconciler.model.errors import InvalidInputError
from reconciler.model.resource import DesiredResource, DesiredState, Presence
from reconciler.render.formats.words import plural


@dataclass(frozen=True, slots=True)
class Checkup:
    """Everything that was looked at."""

    checks: tuple[Check, ...]
    specs_valid: bool


def examine(
    paths: Sequence[Path],
    project_path: Path | None,
    target: str,
    environment: str | None = None,
) -> Checkup:
    """Look at everything, as far as it can be looked at.

    Args:
        paths: files, folders or globs; the project's own if there are none.
        project_path: the project file; looked for if None.
        target: see `reconciler.app.targets.connection.connect`.
        environment: the name of an environment, if one is meant.

    """
    checks = [*_versions()]
    specs: Specs | None = None
    try:
        specs = load(paths, project_path, environment)
    except InvalidInputError as error:
        errors = [d for d in error.diagnostics if d.severity is Severity.ERROR]
        what = f"{plural(len(errors), 'error')}, the first: {errors[0].problem}"
        checks.append(fail("specs", what, "`reconciler validate` shows them all"))
    else:
        checks += _of_specs(specs)
    root = specs.project.root if specs is not None else Path.cwd()
    existing = existing_groups(specs) if specs is not None else ()
    tenants = specs.project.tenants if specs is not None else None
    with connect(target, root, existing=existing, tenants=tenants) as connection:
        checks += online_checks(connection, specs)
    return Checkup(tuple(checks), specs_valid=specs is not None)


def _versions() -> Iterator[Check]:
    """Yield the versions of the tool and of the SDK."""
    yield ok("versions", f"reconciler {__version__}, Python {platform.python_version()}")
    packages = ", ".join(f"{name} {version}" for name, version in installed().items())
    pinned = sorted(
        {
            (kind.operations.client, kind.api_version)
            for kind in KINDS.values()
            if kind.operations is not None and kind.operations.client != "rest"
        }
    )
    unknown = [f"{client} {version}" for client, version in pinned if not speaks(client, version)]
    if unknown:
        mend = "install what this release was made with: `pip install .` in its checkout"
        yield fail("sdk", f"does not know {', '.join(unknown)}", mend)
    else:
        yield ok("sdk", f"{packages}; they know the pinned API versions")


def _of_specs(specs: Specs) -> Iterator[Check]:
    """Yield what can be said of valid specs without Azure."""
    file = specs.project.document.file if specs.project.document else "none, defaults hold"
    yield ok("project", file)
    files = plural(len(specs.documents), "file")
    count = f"{files}, {plural(len(specs.desired.resources), 'resource')}"
    if specs.warnings:
        what = f"{count}, with {plural(len(specs.warnings), 'warning')}"
        yield warn("specs", what, "`reconciler validate` shows them all")
    else:
        yield ok("specs", f"{count}, all valid")
    yield from _modelines(specs)
    yield from _subjects(specs.desired)
    yield from _privacy_key(specs.desired)
    yield from _names(specs.desired)


def _subjects(desired: DesiredState) -> Iterator[Check]:
    """Yield a check for each bad federated subject, or one that says that there is none."""
    credentials = [
        resource
        for resource in desired.resources
        if resource.kind == FEDERATED_IDENTITY_CREDENTIAL.name
        and resource.presence is Presence.MANAGED
    ]
    found = [check for credential in credentials for check in _of_subject(credential)]
    if not found and credentials:
        found = [ok("subjects", f"{len(credentials)} federated, none of them dead or mutable")]
    yield from found


def _of_subject(credential: DesiredResource) -> Iterator[Check]:
    """Yield what is wrong with the subject of one credential."""
    issuer = str(credential.fields.get("issuer", ""))
    subject = str(credential.fields.get("subject", ""))
    address = credential.address
    dead = why_dead(issuer, subject)
    if dead:
        what = f"{address} is dead: {dead}"
        yield fail("subjects", what, "write the subject as the token has it")
        return
    if bare := bare_parts(issuer, subject):
        names = " and ".join(f"`{name}`" for name in bare)
        what = f"{address} is mutable: somebody else may come to own {names}"
        yield warn("subjects", what, ids_mend(subject))


def _privacy_key(desired: DesiredState) -> Iterator[Check]:
    """Yield whether there is a key for addresses, where one is needed."""
    if desired.entries:
        name, count = "privacy key", plural(len(desired.entries), "list")
        wrong = key_problem()
        if wrong:
            yield fail(name, f"{wrong}; {count} of addresses cannot be planned", MAKE_A_KEY)
        else:
            yield ok(name, f"{VARIABLE} is set, for the addresses of {count}")


def _modelines(specs: Specs) -> Iterator[Check]:
    """Yield whether the schemas that editors are pointed at are there, and are this release's."""
    project = specs.project
    documents = [*specs.documents, *([project.document] if project.document else [])]
    files = [File.of(document, schemas_of(project.root)) for document in documents]
    findings = [finding for file in files for finding in wrong_modeline(file)]
    for finding in findings:
        yield warn("schemas", f"{finding.span}: {finding.problem}", finding.mend)
    if not findings:
        lines = [line for file in files if (line := modeline_of(file.text)) is not None]
        remote = sum(line.is_remote for line in lines)
        what = f"{len(lines)} of {plural(len(files), 'file')} with a schema in the first lines"
        unknown = f"; {remote} on the network, which is not asked" if remote else ""
        yield ok("schemas", what + (unknown or (", all of this release" if lines else "")))


def _names(desired: DesiredState) -> Iterator[Check]:
    """Yield that names which are unique in all of Azure are not checked here."""
    count = sum(
        r.kind == "CommunicationService" and r.presence is Presence.MANAGED
        for r in desired.resources
    )
    if count:
        what = f"not checked for {plural(count, 'Communication Services resource')}"
        why = "only a POST tells whether a name is free; apply asks before its first write"
        yield ok("names", f"{what}: {why}")
