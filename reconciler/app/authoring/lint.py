"""Everything that can be said about specs without Azure, and the mending of some of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.app.authoring.check import Checked, survey, survey_one
from reconciler.app.loading.findings import without_repeats
from reconciler.core.policies.policy_world import World
from reconciler.core.policies.unused import unused_identities
from reconciler.documents.modeline import schemas_of
from reconciler.documents.project import Project
from reconciler.documents.style import File, mended, style_findings
from reconciler.documents.yaml_reader import read
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.errors import InvalidInputError
from reconciler.model.source import Document


@dataclass(frozen=True, slots=True)
class Linted:
    """What was found, and what was mended before that."""

    findings: tuple[Diagnostic, ...]
    files: int
    mended: tuple[str, ...] = ()
    """The names of the files that were written."""


def lint(
    paths: Sequence[Path], project_path: Path | None, environment: str | None, *, fix: bool
) -> Linted:
    """Check specs as `validate` does, and their style.

    Args:
        paths: files, folders or globs; everything if there are none.
        project_path: the project file; looked for from the current folder upward if None.
        environment: the name of an environment; all of them if None.
        fix: whether to write files, to mend what can be mended without changing any value.

    Raises:
        UsageError: there is no such environment.

    """
    try:
        if environment is None:
            checked = survey(paths, project_path)
        else:
            checked = survey_one(paths, project_path, environment)
    except InvalidInputError as error:
        return Linted(error.diagnostics, 0)
    if fix and (written := tuple(_mend(checked))):
        return replace(lint(paths, project_path, environment, fix=False), mended=written)
    documents = _documents(checked)
    found = [*checked.warnings, *_unused(checked)]
    for file in _files(checked, documents):
        found += style_findings(file)
    found += _examples(checked.project)
    return Linted(tuple(without_repeats(found)), len(documents))


def _mend(checked: Checked) -> Iterator[str]:
    """Write the files that can be mended; yield their names."""
    for file in _files(checked, _documents(checked)):
        text = mended(file, style_findings(file))
        again, _ = read(text, file.document.file)
        if text != file.text and again is not None and again.value == file.document.value:
            path = Path(file.document.file)
            bom = "\ufeff" if path.read_bytes().startswith(b"\xef\xbb\xbf") else ""
            path.write_text(bom + text, encoding="utf-8", newline="")
            yield file.document.file


def _documents(checked: Checked) -> list[Document]:
    """Return the files to look at: those that were checked, and what goes with the project."""
    documents = list(checked.read)
    if checked.project is not None and checked.project.document is not None:
        documents.append(checked.project.document)
    return [*documents, *checked.policies]


def _files(checked: Checked, documents: Iterable[Document]) -> Iterator[File]:
    """Yield files with their text."""
    schemas = schemas_of(checked.project.root) if checked.project is not None else None
    for document in documents:
        yield File.of(document, schemas)


def _unused(checked: Checked) -> list[Diagnostic]:
    """Return the identities that no environment uses."""
    worlds = [World.of(desired, whole=whole) for desired, whole in checked.states]
    unused = [finding for world in worlds if world.whole for finding in unused_identities(world)]
    idle = {finding.span for finding in unused}
    needed = {
        resource.span
        for world in worlds
        for resource in world.resources
        if resource.kind == "UserAssignedIdentity" and (world.used_by(resource) or not world.whole)
    }
    return [finding for finding in unused if finding.span in idle - needed]


def _examples(project: Project | None) -> Iterator[Diagnostic]:
    """Yield what is wrong with the examples of the project's own policies."""
    if project is None or not project.judges:
        return
    from reconciler.app.authoring.policy_examples import try_examples
    from reconciler.app.loading.policies import Policies

    own = [policy for policy in Policies.of(project).policies if not policy.pack]
    for tried in try_examples(own):
        yield from tried.findings
