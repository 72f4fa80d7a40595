"""Spec files become the desired state, or every problem that they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.core.desired import desired_state
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.errors import InvalidInputError
from reconciler.model.resource import DesiredState
from reconciler.model.source import Document
from reconciler.spec import project as project_file
from reconciler.spec.files import discover, read_documents
from reconciler.spec.project import Project
from reconciler.spec.validate import check_spec


@dataclass(frozen=True, slots=True)
class Specs:
    """What the files of a run say."""

    project: Project
    documents: tuple[Document, ...]
    desired: DesiredState
    warnings: tuple[Diagnostic, ...]


def load(paths: Sequence[Path], project_path: Path | None = None) -> Specs:
    """Read and check everything.

    Args:
        paths: files, folders or globs; the project's own if there are none.
        project_path: the project file; looked for from the current folder upward if None.

    Raises:
        InvalidInputError: with all problems of all files.

    """
    project, problems = project_file.load(project_path, Path.cwd())
    documents: list[Document] = []
    valid: list[Document] = []
    if paths or project.specs:
        files, unfound = discover(paths or project.specs)
        documents, unread = read_documents(files)
        problems.extend([*unfound, *unread])
    for document in documents:
        findings = check_spec(document)
        problems.extend(findings)
        if not any(f.severity is Severity.ERROR for f in findings):
            valid.append(document)
    desired, unresolved = desired_state(valid, project.subscriptions)
    if len(valid) == len(documents):
        problems.extend(unresolved)
    else:  # a target may be missing only because its own file is not valid
        problems.extend(p for p in unresolved if p.code != Code.UNKNOWN_TARGET)
    if any(p.severity is Severity.ERROR for p in problems):
        raise InvalidInputError(tuple(problems))
    return Specs(project, tuple(documents), desired, tuple(problems))
