"""Spec files become the desired state, or every problem that they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.app.loading.addresses import Addresses, with_addresses
from reconciler.app.loading.environments import Reader, choose, foreign, not_a_stack, roll_out
from reconciler.app.loading.findings import explained, raise_errors, without_repeats
from reconciler.core.specs.desired import desired_state
from reconciler.core.specs.lint import unknown_policies
from reconciler.core.specs.render_spec import Rendered, render_spec
from reconciler.documents import project as project_file
from reconciler.documents.environments import guards_of
from reconciler.documents.files import discover
from reconciler.documents.project import Project, guarded
from reconciler.documents.validate import check_spec
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.environment import Environment
from reconciler.model.resource import DesiredState
from reconciler.model.source import Document


@dataclass(frozen=True, slots=True)
class Specs:
    """What the files of a run say."""

    project: Project
    """With the limits of the environment, if one was chosen."""
    documents: tuple[Document, ...]
    """The stacks, with variables filled in and patches applied."""
    desired: DesiredState
    warnings: tuple[Diagnostic, ...]
    rendered: tuple[Rendered, ...] = ()
    """The stacks, knowing where each of their values comes from."""
    leads_back: bool = False
    """Whether this is no spec, but the way back from what a run did."""
    whole: bool = False
    """Whether these are all stacks that there are, and all of them are valid."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the stacks, and the project file if there is one."""
        documents = [stack.base for stack in self.rendered]
        documents += [self.project.document] if self.project.document is not None else []
        return tuple(Path(document.file) for document in documents)

    def without_addresses(self) -> Specs:
        """Return the same stacks without addresses of suppression lists, which no file keeps."""
        return replace(self, desired=replace(self.desired, entries=()))

    def emptied(self) -> Specs:
        """Return the same stacks, wanting everything that they manage deleted."""
        from reconciler.core.specs.removal import emptied

        return replace(self, desired=emptied(self.desired))


def load(
    paths: Sequence[Path],
    project_path: Path | None = None,
    environment: str | None = None,
    *,
    prune: bool = False,
    addresses: Addresses = Addresses.PASSED_OVER,
    reader: Reader | None = None,
) -> Specs:
    """Read and check everything that a run is about.

    Args:
        paths: files, folders or globs; the environment's or the project's own if there are none.
        project_path: the project file; looked for from the current folder upward if None.
        environment: the name of an environment; variables have their defaults if None.
        prune: whether to find out what the other stacks of the project name, if only some are read.
        addresses: what is done with the addresses of suppression lists.
        reader: reads the files of stacks and environments.

    Raises:
        InvalidInputError: with all problems of all files.
        UsageError: there is no such environment.

    """
    specs = gather(paths, project_path, environment, addresses, reader)
    raise_errors(specs.warnings)
    if prune and paths:
        everything = gather((), project_path, environment)
        raise_errors(everything.warnings)  # what cannot be read may name what would be pruned
        elsewhere = frozenset(resource.id for resource in everything.desired.resources)
        specs = replace(specs, desired=replace(specs.desired, elsewhere=elsewhere))
    return specs


def gather(
    paths: Sequence[Path],
    project_path: Path | None = None,
    environment: str | None = None,
    addresses: Addresses = Addresses.PASSED_OVER,
    reader: Reader | None = None,
) -> Specs:
    """Read everything as `load` does, and return it with errors among the warnings.

    Raises:
        InvalidInputError: the environment or the project file cannot be read.
        UsageError: there is no such environment.

    """
    project, problems = project_file.load(project_path, Path.cwd())
    reader = reader or Reader()
    if environment is not None:
        raise_errors(problems)
        chosen = choose(project, environment, reader)
        project = replace(
            project, policy=guarded(project.policy, guards_of(chosen), chosen.document.file)
        )
        rendered, found = _in_environment(chosen, paths, reader)
    elif paths or project.specs:
        rendered, found = _with_defaults(paths, project, reader)
    else:
        rendered, found = [], []
    desired, findings = evaluate(rendered, project, environment or "", partial=bool(found))
    desired, private = with_addresses(desired, addresses)
    whole = not paths and not found and len(desired.stacks) == len(rendered)
    findings += _judged(project, desired, rendered, environment, whole=whole)
    problems = without_repeats([*problems, *found, *findings, *private])
    documents = tuple(stack.document for stack in rendered)
    return Specs(project, documents, desired, tuple(problems), tuple(rendered), whole=whole)


def evaluate(
    rendered: Sequence[Rendered],
    project: Project,
    environment: str = "",
    *,
    partial: bool = False,
) -> tuple[DesiredState, list[Diagnostic]]:
    """Return what rendered stacks want, and every problem of theirs.

    Args:
        rendered: the stacks.
        project: for its aliases.
        environment: the name of the environment, empty for none.
        partial: whether there are other stacks, which references may point at.

    """
    problems: list[Diagnostic] = []
    valid: list[Document] = []
    for stack in rendered:
        findings = [*stack.problems, *explained(check_spec(stack.document), (stack,))]
        problems.extend(findings)
        if not any(f.severity is Severity.ERROR for f in findings):
            valid.append(stack.document)
    desired, unresolved = desired_state(valid, project.subscriptions, environment)
    if partial or len(valid) < len(rendered):
        # A target may be missing only because its own file is not valid, or not among these.
        unresolved = tuple(p for p in unresolved if p.code != Code.UNKNOWN_TARGET)
    return desired, [*problems, *explained(unresolved, rendered)]


def _judged(
    project: Project,
    desired: DesiredState,
    rendered: Sequence[Rendered],
    environment: str | None,
    *,
    whole: bool,
) -> Sequence[Diagnostic]:
    """Return what policies find; a project without any pays for none."""
    if not project.judges:
        return tuple(unknown_policies(desired.resources, ()))
    from reconciler.app.loading.policies import Policies

    policies = Policies.of(project)
    exempted = policies.judge(desired, rendered, environment, whole=whole)
    idle = exempted.idle if whole and not project.environments else ()
    return [*policies.findings, *exempted.findings, *idle]


def _in_environment(
    environment: Environment, paths: Sequence[Path], reader: Reader
) -> tuple[list[Rendered], list[Diagnostic]]:
    """Return the stacks of an environment, or those of them that ``paths`` name."""
    rolled = roll_out(environment, reader)
    problems = list(rolled.problems)
    if not paths:
        return list(rolled.stacks.values()), problems
    files, unfound = discover(paths)
    problems += [*unfound, *foreign(files, rolled)]
    wanted = {file.resolve() for file in files}
    return [stack for real, stack in rolled.stacks.items() if real in wanted], problems


def _with_defaults(
    paths: Sequence[Path], project: Project, reader: Reader
) -> tuple[list[Rendered], list[Diagnostic]]:
    """Return stacks in no environment."""
    files, problems = discover(paths or project.specs)
    documents, unread = reader.stacks(files)
    problems += unread
    asked = {path.resolve() for path in paths}
    for file in files:
        document, _ = reader.read(file)
        passed_over = document is not None and file.resolve() not in documents
        if document is not None and passed_over and (len(files) == 1 or file.resolve() in asked):
            problems.append(not_a_stack(document))
    return [render_spec(document) for document in documents.values()], problems
