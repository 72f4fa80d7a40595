"""Everything that is in a repository, checked in every environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from reconciler.app.loading.addresses import Addresses, with_addresses
from reconciler.app.loading.environments import Reader, roll_out
from reconciler.app.loading.findings import raise_errors, without_repeats
from reconciler.app.loading.specs import evaluate, gather
from reconciler.core.specs.lint import unknown_policies
from reconciler.core.specs.ownership import shared_resources
from reconciler.core.specs.render_spec import Rendered, render_spec
from reconciler.documents import project as project_file
from reconciler.documents.environments import environments_of
from reconciler.documents.files import discover
from reconciler.documents.project import DEFAULT_SPECS, Project
from reconciler.documents.validate import ENVIRONMENT, POLICY, is_a
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.environment import Environment
from reconciler.model.resource import DesiredState
from reconciler.model.source import Document, Span

if TYPE_CHECKING:
    from reconciler.app.loading.policies import Policies


class Checked(NamedTuple):
    """What a check has gone through."""

    files: int
    environments: int
    resources: int
    """Those of all environments together."""
    warnings: tuple[Diagnostic, ...]
    """Everything that was found; no errors unless that is said."""
    read: tuple[Document, ...] = ()
    """The files, as they were written."""
    states: tuple[tuple[DesiredState, bool], ...] = ()
    """What each environment wants, and whether all its stacks were looked at."""
    project: Project | None = None
    policies: tuple[Document, ...] = ()
    """The files of the project's own policies."""


def check_all(paths: Sequence[Path], project_path: Path | None = None) -> Checked:
    """Check stacks in every environment that has them, and the others with their defaults.

    Args:
        paths: files, folders or globs of stacks, environments and policies; everything if there
            are none.
        project_path: the project file; looked for from the current folder upward if None.

    Raises:
        InvalidInputError: with all problems of all files.

    """
    checked = survey(paths, project_path)
    raise_errors(checked.warnings)
    return checked


def check_one(paths: Sequence[Path], project_path: Path | None, environment: str) -> Checked:
    """Check the stacks of one environment, or those of them that ``paths`` name.

    Raises:
        InvalidInputError: with all problems of all files.
        UsageError: there is no such environment.

    """
    checked = survey_one(paths, project_path, environment)
    raise_errors(checked.warnings)
    return checked


def survey(paths: Sequence[Path], project_path: Path | None = None) -> Checked:
    """Check as `check_all` does, and return errors among the warnings."""
    project, problems = project_file.load(project_path, Path.cwd())
    reader = Reader()
    files, unfound = _files(paths, project)
    given = _files_of(ENVIRONMENT, files, reader)
    environments, wrong = _environments(project, given, reader)
    problems += [*unfound, *wrong]
    court = _Court(project, _files_of(POLICY, files, reader))
    seen: set[Path] = set()
    states: dict[str, DesiredState] = {}
    wholes: list[tuple[DesiredState, bool]] = []
    read: dict[Path, Document] = {}
    for environment in environments:
        rolled = roll_out(environment, reader)
        whole = not paths or Path(environment.document.file).resolve() in given
        chosen = {r: s for r, s in rolled.stacks.items() if whole or r in files}
        if not whole and not chosen:
            continue
        partial = not whole or bool(rolled.problems)
        stacks = list(chosen.values())
        desired, findings = evaluate(stacks, project, environment.name, partial=partial)
        problems += [*rolled.problems, *findings]
        complete = not partial and len(desired.stacks) == len(stacks)
        problems += court.judge(desired, stacks, environment.name, whole=complete)
        own = Path(environment.document.file).resolve()
        seen |= {*chosen, own}
        read |= {real: stack.base for real, stack in chosen.items()} | {own: environment.document}
        states[environment.name] = desired
        wholes.append((desired, complete))
    documents, unread = reader.stacks(path for real, path in files.items() if real not in seen)
    rest = [render_spec(document) for document in documents.values()]
    desired, findings = evaluate(rest, project, partial=bool(states))
    complete = not paths and not unread and len(desired.stacks) == len(rest)
    problems += court.judge(desired, rest, None, whole=complete)
    found = [*problems, *unread, *findings, *shared_resources(states), *court.closing()]
    everything = (*states.values(), desired)
    for state in everything:
        found += with_addresses(state, Addresses.CHECKED)[1]
    return Checked(
        files=len(seen) + len(rest),
        environments=len(states),
        resources=sum(len(state.resources) for state in everything),
        warnings=tuple(without_repeats(found)),
        read=tuple((read | documents).values()),
        states=(*wholes, (desired, complete and not states)),
        project=project,
        policies=court.documents,
    )


def survey_one(paths: Sequence[Path], project_path: Path | None, environment: str) -> Checked:
    """Check as `check_one` does, and return errors among the warnings.

    Raises:
        InvalidInputError: the environment or the project file cannot be read.
        UsageError: there is no such environment.

    """
    specs = gather(paths, project_path, environment, Addresses.CHECKED)
    return Checked(
        files=len(specs.documents) + 1,
        environments=1,
        resources=len(specs.desired.resources),
        warnings=specs.warnings,
        read=tuple(stack.base for stack in specs.rendered),
        states=((specs.desired, not paths and len(specs.desired.stacks) == len(specs.documents)),),
        project=specs.project,
    )


class _Court:
    """Judges environment after environment by policies, which are read only if there are any."""

    def __init__(self, project: Project, given: Mapping[Path, Path]) -> None:
        """Start; ``given`` are policy files that the command line names."""
        self._policies: Policies | None = None
        self._used: set[Span] = set()
        self._idle: list[Diagnostic] = []
        if project.judges or given:
            from reconciler.app.loading.policies import Policies

            self._policies = Policies.of(project, given.values())

    @property
    def documents(self) -> tuple[Document, ...]:
        """The files of the project's own policies."""
        policies = self._policies.policies if self._policies is not None else ()
        return tuple(policy.document for policy in policies if not policy.pack)

    def judge(
        self,
        desired: DesiredState,
        stacks: Sequence[Rendered],
        environment: str | None,
        *,
        whole: bool,
    ) -> Sequence[Diagnostic]:
        """Return the findings about one environment."""
        if self._policies is None:
            return tuple(unknown_policies(desired.resources, ()))
        exempted = self._policies.judge(desired, stacks, environment, whole=whole)
        self._used |= exempted.used
        self._idle += exempted.idle if whole else ()
        return exempted.findings

    def closing(self) -> Iterator[Diagnostic]:
        """Yield what is wrong with the policies, and exemptions that no environment needs."""
        if self._policies is not None:
            yield from self._policies.findings
        yield from (finding for finding in self._idle if finding.span not in self._used)


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


def _files_of(kind: str, files: Mapping[Path, Path], reader: Reader) -> dict[Path, Path]:
    """Return those of the files that hold documents of a kind."""
    read = {real: reader.read(file)[0] for real, file in files.items()}
    return {r: files[r] for r, found in read.items() if found is not None and is_a(kind, found)}


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
