"""Environment files: finding them, reading them, and finding the stacks that they name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from reconciler.documents.files import discover, outside, read_document
from reconciler.documents.validate import check_environment
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.environment import Environment
from reconciler.model.source import Document
from reconciler.model.value import Json, as_object

_AS_A_WHOLE = frozenset({Code.MISSING_PATH, Code.NO_SPECS, Code.PROJECT_FILE})
"""Findings about a place that an environment names, to be shown where it names it."""


Read: TypeAlias = Callable[[Path], tuple[Document | None, list[Diagnostic]]]
"""Reads one file."""


def read_environments(
    places: Sequence[Path], read: Read = read_document
) -> tuple[list[Environment], list[Diagnostic]]:
    """Read every environment file in ``places``; one with errors is left out.

    Returns:
        The environments in the order of their files, and everything that is wrong with them.

    """
    if not places:
        return [], []
    files, findings = discover(places)
    results = [read(file) for file in files]
    findings += [finding for _, found in results for finding in found]
    environments, wrong = environments_of(document for document, _ in results if document)
    return environments, [*findings, *wrong]


def environments_of(
    documents: Iterable[Document],
) -> tuple[list[Environment], list[Diagnostic]]:
    """Return the environments that documents describe; the second of two with one name is not."""
    environments: dict[str, Environment] = {}
    findings: list[Diagnostic] = []
    for document in documents:
        found = check_environment(document) or list(outside(document, ("stacks",)))
        findings += found
        if any(f.severity is Severity.ERROR for f in found):
            continue
        environment = _environment(document)
        first = environments.setdefault(environment.name, environment)
        if first is not environment:
            findings.append(_same_name(environment, first))
    return list(environments.values()), findings


def stack_files(environment: Environment) -> tuple[dict[Path, Path], list[Diagnostic]]:
    """Return the files of an environment's stacks, by their real paths, and what is not there."""
    files: dict[Path, Path] = {}
    findings: list[Diagnostic] = []
    document = environment.document
    folder = Path(document.file).parent
    named = as_object(document.value["spec"]).get("stacks")
    for index, text in enumerate(named if isinstance(named, list) else ()):
        found, wrong = discover([os.path.normpath(folder / str(text))])
        for path in found:
            files.setdefault(path.resolve(), path)
        place = document.at("spec", "stacks", index) if wrong else None
        findings += [replace(f, span=place) if f.code in _AS_A_WHOLE else f for f in wrong]
    return dict(sorted(files.items(), key=lambda item: item[1])), findings


def guards_of(environment: Environment) -> Mapping[str, Json]:
    """Return the limits that an environment sets."""
    return as_object(as_object(environment.document.value["spec"]).get("guards"))


def _environment(document: Document) -> Environment:
    """Return what a valid document describes."""
    spec = as_object(document.value["spec"])
    patches = as_object(spec.get("patches"))
    return Environment(
        name=str(as_object(document.value["metadata"])["name"]),
        document=document,
        values=as_object(spec.get("vars")),
        patches={name: as_object(patch) for name, patch in patches.items()},
    )


def _same_name(second: Environment, first: Environment) -> Diagnostic:
    """Say that two files describe environments of one name."""
    return Diagnostic(
        Code.SAME_ENVIRONMENT,
        f"there are two environments called `{second.name}`",
        "give one of them another name",
        second.document.at("metadata", "name"),
        related=((first.document.at("metadata", "name"), "the first one is here"),),
    )
