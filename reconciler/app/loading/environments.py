"""Which environment a run is about, and which stacks it has there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from reconciler.core.specs.references import suggest
from reconciler.core.specs.render_spec import Rendered, render_spec, unknown_names
from reconciler.documents.environments import read_environments, stack_files
from reconciler.documents.files import read_document, shown_name
from reconciler.documents.project import Project
from reconciler.documents.validate import POLICY, is_a, is_no_stack
from reconciler.documents.yaml_reader import read
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.environment import Environment
from reconciler.model.errors import InvalidInputError, UsageError
from reconciler.model.source import Document, Span


class RolledOut(NamedTuple):
    """The stacks of an environment."""

    environment: Environment
    stacks: Mapping[Path, Rendered]
    """Rendered, by the real paths of their files."""
    problems: tuple[Diagnostic, ...]
    """What is wrong about the environment and its use of the stacks."""


class Reader:
    """Reads each file once, however many environments use it."""

    def __init__(self, texts: Mapping[Path, str] | None = None) -> None:
        """Start with nothing read.

        Args:
            texts: what to take for the content of files, by their real paths.

        """
        self._read: dict[Path, tuple[Document | None, list[Diagnostic]]] = {
            real: read(text, shown_name(real)) for real, text in (texts or {}).items()
        }

    def stacks(self, files: Iterable[Path]) -> tuple[dict[Path, Document], list[Diagnostic]]:
        """Return what is in files, by their real paths, and what cannot be read.

        Environments and policies are passed over: they may lie in one folder with stacks.
        """
        documents: dict[Path, Document] = {}
        findings: list[Diagnostic] = []
        for file in files:
            document, found = self.read(file)
            findings += found
            if document is not None and not is_no_stack(document):
                documents[file.resolve()] = document
        return documents, findings

    def read(self, file: Path) -> tuple[Document | None, list[Diagnostic]]:
        """Return the document in a file, and what cannot be read."""
        real = file.resolve()
        if real not in self._read:
            self._read[real] = read_document(file)
        return self._read[real]


def choose(project: Project, name: str, reader: Reader | None = None) -> Environment:
    """Return the environment called ``name``.

    Raises:
        UsageError: there is none.
        InvalidInputError: there is none, and a file that may describe it is wrong.

    """
    environments, problems = read_environments(project.environments, (reader or Reader()).read)
    by_name = {environment.name: environment for environment in environments}
    if name in by_name:
        doubled = [p for p in problems if p.code == Code.SAME_ENVIRONMENT]
        doubled = [p for p in doubled if f"`{name}`" in p.problem]
        if doubled:
            raise InvalidInputError(tuple(doubled))
        return by_name[name]
    if problems:
        raise InvalidInputError(tuple(problems))
    if not by_name:
        mend = "write one, such as environments/prod.yaml: `reconciler explain Environment`"
        raise UsageError(f"there is no environment `{name}`, and no other", mend)
    mend = suggest(name, sorted(by_name))
    places = ", ".join(
        f"{n} ({e.document.at('metadata', 'name')})" for n, e in sorted(by_name.items())
    )
    raise UsageError(f"there is no environment `{name}`; known: {places}", mend)


def roll_out(environment: Environment, reader: Reader) -> RolledOut:
    """Return all stacks of an environment, rendered."""
    files, problems = stack_files(environment)
    documents, unread = reader.stacks(files.values())
    problems += unread
    stacks = {real: render_spec(document, environment) for real, document in documents.items()}
    if not problems:  # else a stack may be missing only because it cannot be read
        problems += unknown_names(environment, {stack.name: stack for stack in stacks.values()})
    return RolledOut(environment, stacks, tuple(problems))


def foreign(files: Iterable[Path], rolled: RolledOut) -> list[Diagnostic]:
    """Return a problem for each file that is not among an environment's stacks."""
    environment = rolled.environment
    return [_foreign(f, environment) for f in files if f.resolve() not in rolled.stacks]


def _foreign(file: Path, environment: Environment) -> Diagnostic:
    """Say that a file is not among an environment's stacks."""
    document = environment.document
    return Diagnostic(
        Code.OTHER_STACK,
        f"environment `{environment.name}` does not have the stack in `{shown_name(file)}`",
        f"add it to `stacks` in {document.file}, or leave it out",
        Span(shown_name(file), 1, 1),
        related=((document.key("spec", "stacks"), "the stacks of the environment"),),
    )


def not_a_stack(document: Document) -> Diagnostic:
    """Say that an environment or a policy was given where a stack is needed."""
    if is_a(POLICY, document):
        what = "this is a policy, and a stack is needed here"
        mend = "leave it out, or name its folder in `policies` of reconciler.yaml"
        return Diagnostic(Code.KIND, what, mend, document.at("kind"))
    metadata = document.value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    what = "this is an environment, and a stack is needed here"
    mend = f"choose the environment with `-e {name or 'NAME'}`"
    return Diagnostic(Code.KIND, what, mend, document.at("kind"))
