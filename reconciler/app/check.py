"""Everything that is in a repository, checked in every environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.app.addresses import Addresses, with_addresses
from reconciler.app.environments import Reader, roll_out
from reconciler.app.specs import evaluate, load, raise_errors, without_repeats
from reconciler.core.neighbours import shared_resources
from reconciler.core.render_spec import render_spec
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.environment import Environment
from reconciler.model.resource import DesiredState
from reconciler.spec import project as project_file
from reconciler.spec.environments import environments_of, is_environment
from reconciler.spec.files import discover
from reconciler.spec.project import DEFAULT_SPECS, Project


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has gone through; all of it is right."""

    files: int
    environments: int
    resources: int
    """Those of all environments together."""
    warnings: tuple[Diagnostic, ...]


def check_all(paths: Sequence[Path], project_path: Path | None = None) -> Checked:
    """Check stacks in every environment that has them, and the others with their defaults.

    Args:
        paths: files, folders or globs of stacks and environments; everything if there are none.
        project_path: the project file; looked for from the current folder upward if None.

    Raises:
        InvalidInputError: with all problems of all files.

    """
    project, problems = project_file.load(project_path, Path.cwd())
    reader = Reader()
    files, unfound = _files(paths, project)
    given = _environment_files(files, reader)
    environments, wrong = _environments(project, given, reader)
    problems += [*unfound, *wrong]
    seen: set[Path] = set()
    states: dict[str, DesiredState] = {}
    for environment in environments:
        rolled = roll_out(environment, reader)
        whole = not paths or Path(environment.document.file).resolve() in given
        chosen = {r: s for r, s in rolled.stacks.items() if whole or r in files}
        if not whole and not chosen:
            continue
        partial = not whole or bool(rolled.problems)
        desired, findings = evaluate(
            list(chosen.values()), project, environment.name, partial=partial
        )
        problems += [*rolled.problems, *findings]
        seen |= {*chosen, Path(environment.document.file).resolve()}
        states[environment.name] = desired
    documents, unread = reader.stacks(path for real, path in files.items() if real not in seen)
    rest = [render_spec(document) for document in documents.values()]
    desired, findings = evaluate(rest, project, partial=bool(states))
    for state in (*states.values(), desired):
        problems += with_addresses(state, Addresses.CHECKED)[1]
    problems = without_repeats([*problems, *unread, *findings, *shared_resources(states)])
    raise_errors(problems)
    resources = sum(len(state.resources) for state in (*states.values(), desired))
    return Checked(len(seen) + len(rest), len(states), resources, tuple(problems))


def check_one(paths: Sequence[Path], project_path: Path | None, environment: str) -> Checked:
    """Check the stacks of one environment, or those of them that ``paths`` name.

    Raises:
        InvalidInputError: with all problems of all files.
        UsageError: there is no such environment.

    """
    specs = load(paths, project_path, environment, addresses=Addresses.CHECKED)
    count = len(specs.desired.resources)
    return Checked(len(specs.documents) + 1, 1, count, specs.warnings)


def _files(paths: Sequence[Path], project: Project) -> tuple[dict[Path, Path], list[Diagnostic]]:
    """Return the files to check by their real paths; the default folder may be missing."""
    places = paths or project.specs
    default = tuple(project.root / name for name in DEFAULT_SPECS)
    if project.environments and places == default and not default[0].exists():
        return {}, []
    if not places:
        return {}, []
    files, problems = discover(places)
    return {file.resolve(): file for file in files}, problems


def _environment_files(files: dict[Path, Path], reader: Reader) -> dict[Path, Path]:
    """Return those of the files that hold environments."""
    read = {real: reader.read(file)[0] for real, file in files.items()}
    return {r: files[r] for r, found in read.items() if found is not None and is_environment(found)}


def _environments(
    project: Project, given: dict[Path, Path], reader: Reader
) -> tuple[list[Environment], list[Diagnostic]]:
    """Return the environments of the project, and those among the files."""
    found: Iterable[Path] = ()
    problems: list[Diagnostic] = []
    if project.environments:
        found, problems = discover(project.environments)
    files = {file.resolve(): file for file in found} | given
    read = [reader.read(file) for file in files.values()]
    problems += [finding for _, findings in read for finding in findings]
    environments, wrong = environments_of(document for document, _ in read if document)
    return environments, problems + wrong
