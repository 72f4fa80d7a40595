"""The project file, ``reconciler.yaml``: what all stacks of a repository share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from reconciler.core.policy import Policy
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Document
from reconciler.model.value import Json, as_object
from reconciler.spec.files import read_document
from reconciler.spec.validate import check_project

FILE_NAME = "reconciler.yaml"
DEFAULT_SPECS = ("specs",)
DEFAULT_ENVIRONMENTS = ("environments",)


@dataclass(frozen=True, slots=True)
class Project:
    """Settings, with the defaults that the schema names."""

    root: Path
    """The folder of the project file, or the current one where there is none."""
    specs: tuple[Path, ...]
    subscriptions: Mapping[str, str] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    document: Document | None = None
    environments: tuple[Path, ...] = ()
    """Files, folders and globs; the default folder only if there is something in it."""
    resolvers: tuple[str, ...] = ()
    """DNS servers that find things out; empty for those of the system."""
    authoritative: tuple[str, ...] = ()
    """DNS servers that the zones are edited at, besides those that they are delegated to."""


def find(start: Path) -> Path | None:
    """Return the nearest project file in ``start`` and above, up to the root of the repository."""
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
        if (folder / ".git").exists():
            return None
    return None


def load(file: Path | None, start: Path) -> tuple[Project, list[Diagnostic]]:
    """Return the project and the problems of its file.

    Args:
        file: the project file, or None to look for it.
        start: where to look.

    """
    file = file or find(start)
    if file is None:
        specs = tuple(start / spec for spec in DEFAULT_SPECS)
        return Project(start, specs, environments=_environments(start, None)), []
    document, problems = read_document(file)
    if document is not None:
        problems.extend(check_project(document))
    if document is None or problems:
        return Project(file.parent, (), document=document), problems
    return _project(file.parent, document), []


def _project(root: Path, document: Document) -> Project:
    """Return the settings of a valid document."""
    spec = as_object(document.value.get("spec"))
    specs = spec.get("specs")
    names = [str(s) for s in specs] if isinstance(specs, list) else list(DEFAULT_SPECS)
    return Project(
        root=root,
        specs=tuple(root / name for name in names),
        subscriptions={k: str(v).lower() for k, v in as_object(spec.get("subscriptions")).items()},
        policy=guarded(Policy(), as_object(spec.get("guards"))),
        document=document,
        environments=_environments(root, spec.get("environments")),
        resolvers=_texts(as_object(spec.get("dns")).get("resolvers")),
        authoritative=_texts(as_object(spec.get("dns")).get("authoritative")),
    )


def guarded(policy: Policy, guards: Mapping[str, Json]) -> Policy:
    """Return ``policy`` with the limits that ``guards`` names, as the schema calls them."""
    return replace(
        policy,
        max_deletes=_limit(guards, "maxDeletes", policy.max_deletes),
        max_replaces=_limit(guards, "maxReplaces", policy.max_replaces),
        max_delete_percent=_limit(guards, "maxDeletePercent", policy.max_delete_percent),
    )


def _environments(root: Path, named: Json) -> tuple[Path, ...]:
    """Return where the environments are; nobody needs to have any."""
    if isinstance(named, list):
        return tuple(root / str(name) for name in named)
    return tuple(root / n for n in DEFAULT_ENVIRONMENTS if any((root / n).rglob("*.y*ml")))


def _texts(value: Json) -> tuple[str, ...]:
    """Return a list of texts, and nothing for a word such as ``auto``."""
    return tuple(str(text) for text in value) if isinstance(value, list) else ()


def _limit(guards: Mapping[str, Json], name: str, default: int) -> int:
    """Return a limit, or its default where the file does not say."""
    value = guards.get(name)
    return value if isinstance(value, int) else default
