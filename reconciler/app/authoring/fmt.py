"""Spec files, environments and the project file in their canonical form."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.app.authoring.edited_file import EditedFile
from reconciler.documents import project as project_file
from reconciler.documents.files import PROJECT_FILE, discover, read_content, shown_name
from reconciler.documents.formatting import Formatted, format_text
from reconciler.documents.modeline import Fault, modeline_of, right_line, schemas_of, with_line
from reconciler.documents.project import DEFAULT_SPECS, Project
from reconciler.documents.schemas import file_name
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True)
class Formatting:
    """What came of all files."""

    files: int
    changed: tuple[EditedFile, ...]
    findings: tuple[Diagnostic, ...]
    """Why some files have no canonical form; they are left alone."""


def format_files(paths: Sequence[Path], project_path: Path | None = None) -> Formatting:
    """Return what formatting would change. Nothing is written.

    Args:
        paths: files, folders or globs; everything of the project if there are none.
        project_path: the project file; looked for from the current folder upward if None.

    """
    project, problems = project_file.load(project_path, Path.cwd())
    files, findings = _named(paths) if paths else _of_project(project)
    if not paths:
        findings += problems
    changed: list[EditedFile] = []
    for path in files:
        content, unread = read_content(path)
        findings += unread
        if content is None:
            continue
        formatted, wrong = format_text(content, shown_name(path))
        findings += wrong
        if formatted is None:
            continue
        after = _with_modeline(formatted, path, schemas_of(project.root)).encode()
        if after != content:
            changed.append(EditedFile(path, content, after))
    once = sorted(dict.fromkeys(findings), key=lambda finding: finding.sort_key)
    return Formatting(len(files), tuple(changed), tuple(once))


def _of_project(project: Project) -> tuple[list[Path], list[Diagnostic]]:
    """Return all files of a project."""
    own = [] if project.document is None else [Path(project.document.file)]
    specs = project.specs
    if project.environments and not any(place.exists() for place in specs):
        specs = tuple(place for place in specs if place.name not in DEFAULT_SPECS)
    places = [*specs, *project.environments]
    found, findings = discover(places) if places else ((), [])
    return [*own, *found], findings


def _named(paths: Sequence[Path]) -> tuple[list[Path], list[Diagnostic]]:
    """Return the files that are named, the project files among them and in folders."""
    projects = [file for path in paths for file in _project_files(path)]
    others = [path for path in paths if path not in projects]
    found, findings = discover(others) if others else ((), [])
    if projects:
        findings = [finding for finding in findings if finding.code != Code.NO_SPECS]
    return list({file.resolve(): file for file in [*projects, *found]}.values()), findings


def _project_files(path: Path) -> Iterator[Path]:
    """Yield the project file that is named, or those in a folder, but for what is hidden."""
    if path.name == PROJECT_FILE and path.is_file():
        yield path
    for folder, below, files in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        if PROJECT_FILE in files:
            yield Path(folder) / PROJECT_FILE


def _with_modeline(formatted: Formatted, path: Path, schemas: Path | None) -> str:
    """Return a text with the modeline that its project's own schemas ask for, if it has them.

    One that is there stays if it leads to the right schema, or is fetched from elsewhere.
    """
    text, present = formatted.text, modeline_of(formatted.text)
    if schemas is None or not (schemas / file_name(formatted.schema)).is_file():
        return text
    if present is not None and present.fault(path, formatted.schema) in (None, Fault.OTHER_RELEASE):
        return text
    return with_line(text, right_line(path, formatted.schema, schemas))
