"""Plan files: written by `plan --out`, and held against Azure and the specs by `apply`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from reconciler import __version__
from reconciler.app.loading.addresses import Addresses
from reconciler.app.loading.specs import Specs, load
from reconciler.app.planning.commit import made_at
from reconciler.app.planning.plan import Planned
from reconciler.app.sealed.inverse import specs_of_way_back, way_back
from reconciler.app.sealed.plan_file_findings import (
    broken_request,
    expired,
    for_another,
    from_others,
    moved_object,
)
from reconciler.app.sealed.sealed_files import read_sealed
from reconciler.core.sealed.canonical import digest
from reconciler.core.sealed.holding import Held, held
from reconciler.core.sealed.plan_file import content_of
from reconciler.core.sealed.resumption import NO_PAST, Past
from reconciler.core.sealed.seal import sealed
from reconciler.documents import schemas
from reconciler.documents.project import root_of
from reconciler.model.errors import MovedError, RefusedFileError, UsageError
from reconciler.model.source import Document
from reconciler.model.value import Json, as_object

SCHEMA = "sealed-plan"
_SPAN = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNITS: Mapping[str, timedelta] = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What a plan is asked for, apart from the specs' own words."""

    target: str
    paths: Sequence[Path] = ()
    prune: bool = False
    destroy: bool = False
    snapshot: str = ""
    """The digest of the snapshot that is compared with, empty if Azure is asked."""
    inverse: Path | None = None
    """The receipt that the way back is planned from; then there are no specs."""

    def specs(self, project_path: Path | None, environment: str | None) -> Specs:
        """Return the specs that it is about, wanting nothing where all is to be destroyed.

        Raises:
            InvalidInputError: with all problems of all files.
            UsageError: there is no such environment.

        """
        if self.inverse is not None:
            return specs_of_way_back(self.inverse, project_path)
        unused = self.destroy or self.snapshot
        addresses = Addresses.PASSED_OVER if unused else Addresses.NEEDED
        found = load(self.paths, project_path, environment, prune=self.prune, addresses=addresses)
        return found.emptied() if self.destroy else found


def life(text: str) -> timedelta:
    """Return how long a plan holds: ``30m``, ``24h`` or ``3d``.

    Raises:
        UsageError: it is none of these.

    """
    match = _SPAN.fullmatch(text)
    if match is None:
        raise UsageError(f"`{text}` is no time to expire after", "write `30m`, `24h` or `3d`")
    return int(match[1]) * _UNITS[match[2]]


def plan_document(
    planned: Planned, specs: Specs, question: Question, expires: timedelta
) -> dict[str, Json]:
    """Return the sealed document of an applyable plan.

    Raises:
        UsageError: the time is fixed to something that is no time.

    """
    content = content_of(planned.plan, planned.desired, planned.observed, planned.policy)
    content |= {
        "tool": __version__,
        "schemas": digest(schemas.texts()),
        "target": _target(question.target),
        "environment": specs.desired.environment or None,
        "snapshot": question.snapshot or None,
        "specs": told_of_specs(specs, question),
    }
    made = made_at(specs.project.root, specs.files, expires)
    return sealed("plan", made, content)


def read_plan(path: Path) -> Document:
    """Return a plan file that is whole and as it was sealed.

    Raises:
        InvalidInputError: it is no plan file.
        RefusedFileError: it was altered.

    """
    return read_sealed(path, SCHEMA, "plan file")


def specs_of(
    document: Document, target: str, project_path: Path | None, environment: str | None
) -> tuple[Specs, Question]:
    """Return the specs that the plan of a file is about, and what it was asked for.

    Args:
        document: the file.
        target: what the run is to write to.
        project_path: the project file; looked for from the current folder upward if None.
        environment: what the command line says, None for nothing.

    Raises:
        InvalidInputError: the specs are wrong.
        RefusedFileError: the file has expired, or was made for or from something else.

    """
    content = as_object(document.value["content"])
    told, whose = as_object(content["specs"]), content["environment"]
    root = root_of(project_path, Path.cwd())
    listed = told["paths"]
    paths = tuple(root / str(p) for p in listed) if isinstance(listed, list) else ()
    back = as_object(told["inverse"]).get("file")
    question = Question(
        target,
        paths,
        told["prune"] is True,
        told["destroy"] is True,
        inverse=root / str(back) if back is not None else None,
    )
    problems = [*expired(document), *for_another(document, _target(target), environment)]
    if problems:
        raise RefusedFileError(tuple(problems))
    specs = question.specs(project_path, whose if isinstance(whose, str) else None)
    problems = list(from_others(document, told_of_specs(specs, question)))
    if problems:
        raise RefusedFileError(tuple(problems))
    return specs, question


def hold(document: Document, fresh: Planned, past: Past = NO_PAST) -> Held:
    """Return exactly what a plan file lists, made anew and proved equal.

    Args:
        document: the file.
        fresh: a complete plan, just made from the same specs.
        past: what earlier runs of this very file have noted.

    Raises:
        MovedError: Azure is not as the file has it; names each field that moved.
        RefusedFileError: the file lists what specs and Azure do not ask for.

    """
    content = as_object(document.value["content"])
    result = held(content, fresh.plan, fresh.desired, fresh.observed, fresh.policy, past)
    moved = [moved_object(one, document) for one in result.moved]
    moved += [broken_request(one, document) for one in result.broken if one.by_azure]
    if moved:
        raise MovedError(tuple(moved))
    if result.broken:
        raise RefusedFileError(tuple(broken_request(one, document) for one in result.broken))
    return result


def _target(word: str) -> str:
    """Return a target as files spell it."""
    return word.rstrip("/")


def told_of_specs(specs: Specs, question: Question) -> dict[str, Json]:
    """Return which specs were planned, each with the digest of what it says once rendered."""
    root = specs.project.root
    return {
        "paths": [_below(root, path) for path in question.paths],
        "prune": question.prune,
        "destroy": question.destroy,
        "inverse": _told_of_receipt(root, question.inverse),
        "stacks": [
            {
                "stack": stack.name,
                "file": _below(root, Path(stack.base.file)),
                "digest": digest(stack.document.value),
            }
            for stack in sorted(specs.rendered, key=lambda stack: stack.name)
        ],
    }


def _told_of_receipt(root: Path, receipt: Path | None) -> Json:
    """Return the receipt that the way back is planned from, None for no such plan."""
    if receipt is None:
        return None
    _, digest_of_receipt = way_back(receipt)
    return {"file": _below(root, receipt), "digest": digest_of_receipt}


def _below(root: Path, path: Path) -> str:
    """Return a path relative to the project's folder, so that the file means the same anywhere."""
    return Path(os.path.relpath(path, root)).as_posix()
