"""The project file, ``reconciler.yaml``: what all stacks of a repository share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from reconciler.core.policy import Policy
from reconciler.documents.files import outside, read_document
from reconciler.documents.validate import check_project
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Document
from reconciler.model.value import Json, as_object

FILE_NAME = "reconciler.yaml"
DEFAULT_SPECS = ("specs",)
DEFAULT_ENVIRONMENTS = ("environments",)
DEFAULT_POLICIES = ("policies",)
LOCK_SECONDS = 60
VERIFICATION_HOURS = 24


@dataclass(frozen=True, slots=True)
class Project:
    """Settings, with the defaults that the schema names."""

    root: Path
    """The folder of the project file, or the current one where there is none."""
    specs: tuple[Path, ...]
    subscriptions: Mapping[str, str] = field(default_factory=dict)
    tenants: Mapping[str, str] = field(default_factory=dict)
    """Tenant ids by subscription id, for subscriptions that are not in that of the sign-in."""
    policy: Policy = field(default_factory=Policy)
    document: Document | None = None
    environments: tuple[Path, ...] = ()
    """Files, folders and globs; the default folder only if there is something in it."""
    resolvers: tuple[str, ...] = ()
    """DNS servers that find things out; empty for those of the system."""
    authoritative: tuple[str, ...] = ()
    """DNS servers that the zones are edited at, besides those that they are delegated to."""
    verification_hours: int = VERIFICATION_HOURS
    """How long a verification of a mail domain may stay under way before that is told."""
    lock_container: str = ""
    """The address of a blob container that holds the locks; empty for files of this machine."""
    lock_seconds: int = LOCK_SECONDS
    """How long a lock holds that nobody renews."""
    policies: tuple[Path, ...] = ()
    """The same, for policies."""
    policy_packs: tuple[str, ...] = ()
    """Policies that are shipped with the tool, by the names of their packs."""
    policy_severities: Mapping[str, Json] = field(default_factory=dict)
    """What the project file says about severities, by the name of the policy."""

    @property
    def judges(self) -> bool:
        """Whether there are policies at all, so that their modules are needed."""
        return bool(self.policies or self.policy_packs or self.policy_severities)


def find(start: Path) -> Path | None:
    """Return the nearest project file in ``start`` and above, up to the root of the repository."""
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
        if (folder / ".git").exists():
            return None
    return None


def root_of(file: Path | None, start: Path) -> Path:
    """Return the folder of the project, as `load` finds it, without reading its file."""
    file = file or find(start)
    return file.parent if file is not None else start


def load(file: Path | None, start: Path) -> tuple[Project, list[Diagnostic]]:
    """Return the project and the problems of its file.

    Args:
        file: the project file, or None to look for it.
        start: where to look.

    """
    file = file or find(start)
    if file is None:
        specs = tuple(start / spec for spec in DEFAULT_SPECS)
        return Project(
            start,
            specs,
            environments=_places(start, None, DEFAULT_ENVIRONMENTS),
            policies=_places(start, None, DEFAULT_POLICIES),
        ), []
    document, problems = read_document(file)
    if document is not None:
        problems.extend(check_project(document))
    if document is not None:
        problems.extend(outside(document, ("specs", "environments", "policies")))
    if document is None or problems:
        return Project(file.parent, (), document=document), problems
    return _project(file.parent, document), []


def _project(root: Path, document: Document) -> Project:
    """Return the settings of a valid document."""
    spec = as_object(document.value.get("spec"))
    lock = as_object(spec.get("lock"))
    specs, packs = spec.get("specs"), spec.get("policyPacks")
    names = [str(s) for s in specs] if isinstance(specs, list) else list(DEFAULT_SPECS)
    return Project(
        root=root,
        specs=tuple(root / name for name in names),
        subscriptions={k: str(v).lower() for k, v in as_object(spec.get("subscriptions")).items()},
        policy=guarded(Policy(), as_object(spec.get("guards")), document.file),
        tenants=_tenants(spec),
        document=document,
        environments=_places(root, spec.get("environments"), DEFAULT_ENVIRONMENTS),
        policies=_places(root, spec.get("policies"), DEFAULT_POLICIES),
        policy_packs=tuple(str(pack) for pack in packs) if isinstance(packs, list) else (),
        policy_severities=as_object(spec.get("policySeverities")),
        resolvers=_texts(as_object(spec.get("dns")).get("resolvers")),
        authoritative=_texts(as_object(spec.get("dns")).get("authoritative")),
        verification_hours=_limit(
            as_object(spec.get("mail")), "verificationHours", VERIFICATION_HOURS
        ),
        lock_container=str(lock.get("container", "")),
        lock_seconds=_limit(lock, "seconds", LOCK_SECONDS),
    )


def guarded(policy: Policy, guards: Mapping[str, Json], file: str) -> Policy:
    """Return ``policy`` with the limits that ``guards`` in a file names, as the schema does."""
    return replace(
        policy,
        places={**policy.places, **dict.fromkeys(guards, file)},
        max_deletes=_limit(guards, "maxDeletes", policy.max_deletes),
        max_replaces=_limit(guards, "maxReplaces", policy.max_replaces),
        max_delete_percent=_limit(guards, "maxDeletePercent", policy.max_delete_percent),
        max_address_remove_percent=_limit(
            guards, "maxAddressRemovePercent", policy.max_address_remove_percent
        ),
    )


def _places(root: Path, named: Json, default: tuple[str, ...]) -> tuple[Path, ...]:
    """Return where files of a sort are; nobody needs to have any."""
    if isinstance(named, list):
        return tuple(root / str(name) for name in named)
    return tuple(root / n for n in default if any((root / n).rglob("*.y*ml")))


def _tenants(spec: Mapping[str, Json]) -> Mapping[str, str]:
    """Return the tenants by subscription id; the file names them by alias or by id."""
    aliases = as_object(spec.get("subscriptions"))
    named = as_object(spec.get("tenants"))
    return {str(aliases.get(k, k)).lower(): str(v).lower() for k, v in named.items()}


def _texts(value: Json) -> tuple[str, ...]:
    """Return a list of texts, and nothing for a word such as ``auto``."""
    return tuple(str(text) for text in value) if isinstance(value, list) else ()


def _limit(guards: Mapping[str, Json], name: str, default: int) -> int:
    """Return a limit, or its default where the file does not say."""
    value = guards.get(name)
    return value if isinstance(value, int) else default
