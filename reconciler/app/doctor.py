"""Looks at everything that `plan` and `apply` stand on, by reads alone, and says what to mend."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler import __version__
from reconciler.app.addresses import key_problem
from reconciler.app.connection import connect
from reconciler.app.plan import existing_groups
from reconciler.app.probing import online_checks
from reconciler.app.specs import Specs, load
from reconciler.arm.probe import installed, speaks
from reconciler.core.privacy import MAKE_A_KEY, VARIABLE
from reconciler.core.subjects import subject_checks
from reconciler.kinds import KINDS
from reconciler.model.checkup import Check, fail, ok, warn
from reconciler.model.diagnostic import Severity
from reconciler.model.errors import InvalidInputError
from reconciler.model.resource import DesiredState, Presence
from reconciler.model.source import Document
from reconciler.render.words import plural
from reconciler.spec import schemas

MODELINE = "# yaml-language-server:"
SCHEMA = "$schema="
LOOKED_AT = 5
"""Lines at the top of a file in which an editor's first line is looked for."""


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
        target: see `reconciler.app.connection.connect`.
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
    project = [specs.project.document] if specs.project.document else []
    yield from _modelines([*specs.documents, *project])
    yield from subject_checks(specs.desired)
    yield from _privacy_key(specs.desired)
    yield from _names(specs.desired)


def _privacy_key(desired: DesiredState) -> Iterator[Check]:
    """Yield whether there is a key for addresses, where one is needed."""
    if desired.entries:
        name, count = "privacy key", plural(len(desired.entries), "list")
        wrong = key_problem()
        if wrong:
            yield fail(name, f"{wrong}; {count} of addresses cannot be planned", MAKE_A_KEY)
        else:
            yield ok(name, f"{VARIABLE} is set, for the addresses of {count}")


def _modelines(documents: Sequence[Document]) -> Iterator[Check]:
    """Yield whether the schemas that editors are pointed at are there, and are this release's."""
    found = 0
    good = True
    for document in documents:
        path = Path(document.file)
        address = _modeline(path)
        if not address:
            continue
        found += 1
        problem = _schema_problem(path, address)
        if problem:
            good = False
            yield warn("schemas", f"{document.file}: {problem}", _schema_mend(address))
    if good:
        what = f"{found} of {plural(len(documents), 'file')} with a schema in the first lines"
        yield ok("schemas", f"{what}{', all of this release' if found else ''}")


def _modeline(path: Path) -> str:
    """Return where a file's first lines say that its schema is, or nothing."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for _, line in zip(range(LOOKED_AT), file, strict=False):
            if line.startswith(MODELINE) and SCHEMA in line:
                return line.partition(SCHEMA)[2].split()[0]
    return ""


def _schema_problem(path: Path, address: str) -> str:
    """Return what is wrong with the schema that a file names, or nothing."""
    if "://" in address:
        return f"`{address}` is on the network, and may be another release's"
    schema = path.parent / address
    if not schema.is_file():
        return f"`{address}` leads nowhere"
    shipped = schemas.folder() / schema.name
    if not shipped.is_file():
        return f"`{address}` is no schema of this tool"
    return (
        "" if shipped.read_bytes() == schema.read_bytes() else f"`{address}` is another release's"
    )


def _schema_mend(address: str) -> str:
    """Return how to get this release's schemas."""
    if "/.reconciler/schemas/" in f"/{address}":
        return "`rm -r .reconciler/schemas && reconciler init` writes them anew"
    return "`reconciler init` writes them to .reconciler/schemas: name the one there"


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
