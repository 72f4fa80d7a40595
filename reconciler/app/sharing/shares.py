"""A plan made by many machines: each keeps what Azure told it in a part, and parts make the plan.

The parts of one run ask together what one machine would ask, so that the plan that is made of them
is the one that one machine makes: limits count the whole, and what no part has read is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler import __version__
from reconciler.app.loading.specs import Specs
from reconciler.app.planning.commit import made_at
from reconciler.app.planning.plan import Planned, planned_through
from reconciler.app.sealed.snapshot import read_snapshot
from reconciler.core.sealed.canonical import digest
from reconciler.core.sealed.seal import sealed
from reconciler.core.sealed.snapshot import answers_of, content_of
from reconciler.core.specs.shards import Shard
from reconciler.documents import schemas
from reconciler.engine.ports import Listener, Reader
from reconciler.engine.recorded import Recorded
from reconciler.model.answers import Answers
from reconciler.model.errors import UsageError
from reconciler.model.source import Document
from reconciler.model.value import Json, as_object


def part_document(
    answers: Answers, shard: Shard, specs: Specs, target: str, *, prune: bool
) -> dict[str, Json]:
    """Return the sealed document of what one shard was told.

    Args:
        answers: what it was told.
        shard: which one it is.
        specs: everything that is wanted, by all shards.
        target: whom it asked.
        prune: whether strangers were looked for, too.

    """
    content = content_of(answers, mends=True) | {
        "tool": __version__,
        "schemas": digest(schemas.texts()),
        "target": target.rstrip("/"),
        "environment": specs.desired.environment or None,
        "shard": {
            "number": shard.number,
            "count": shard.count,
            "prune": prune,
            "specs": _digest_of(specs),
        },
    }
    return sealed("snapshot", made_at(specs.project.root, specs.files), content)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one run; of a shard that ran twice, the later one."""

    by_number: Mapping[int, Document]
    count: int

    @property
    def missing(self) -> tuple[Shard, ...]:
        """The shards of which there is no part."""
        numbers = range(1, self.count + 1)
        return tuple(Shard(n, self.count) for n in numbers if n not in self.by_number)

    @property
    def environment(self) -> str | None:
        """The environment that the parts are of."""
        name = as_object(_first(self)["content"])["environment"]
        return None if name is None else str(name)

    @classmethod
    def read(cls, paths: Sequence[Path]) -> Parts:
        """Return the parts in some files.

        Raises:
            InvalidInputError: a file is no part.
            RefusedFileError: it was altered.
            UsageError: the files are not of one run.

        """
        documents = [read_snapshot(path) for path in paths]
        for document in documents:
            _of_one_run(documents[0], document)
        in_time = sorted(documents, key=lambda d: str(as_object(d.value["made"])["at"]))
        by_number = {_number(document): document for document in in_time}
        return cls(dict(sorted(by_number.items())), int(str(_shard(documents[0])["count"])))

    @property
    def target(self) -> str:
        """Whom the shards asked."""
        return str(as_object(_first(self)["content"])["target"])

    @property
    def is_whole(self) -> bool:
        """Whether the shards also looked for what is in no spec."""
        return self._said["prune"] is True

    def planned(self, specs: Specs, listener: Listener) -> Planned:
        """Return the plan that they make.

        The addresses of suppression lists are in no part, and are left out.

        Raises:
            UsageError: they are of other specs.

        """
        quiet = specs.without_addresses()
        return planned_through(self.reader(specs), quiet, listener, prune=self.is_whole)

    def reader(self, specs: Specs) -> Reader:
        """Return what answers from the parts alone.

        Raises:
            UsageError: they are of other specs.

        """
        if self._said["specs"] != _digest_of(specs):
            problem = "the parts were made from other specs than these"
            raise UsageError(problem, "merge with the commit that the shards were run with")
        known = Answers()
        for document in self.by_number.values():
            known = known | answers_of(as_object(document.value["content"]))
        return Recorded(known)

    @property
    def _said(self) -> Mapping[str, Json]:
        """What each of them says of its shard."""
        return as_object(as_object(_first(self)["content"])["shard"])


def _first(parts: Parts) -> Mapping[str, Json]:
    """Return what one of the parts says."""
    return next(iter(parts.by_number.values())).value


def _shard(document: Document) -> Mapping[str, Json]:
    """Return what a part says of its shard.

    Raises:
        UsageError: it is a snapshot of `observe`.

    """
    shard = as_object(as_object(document.value["content"]).get("shard"))
    if not shard:
        problem = f"{document.file} is a snapshot, and no part of a plan"
        raise UsageError(problem, "write parts with `reconciler plan --shard NUMBER/COUNT --part`")
    return shard


def _number(document: Document) -> int:
    """Return the number of a part's shard."""
    return int(str(_shard(document)["number"]))


def _of_one_run(one: Document, other: Document) -> None:
    """Raise if two parts cannot be put together."""
    ours, theirs = (as_object(document.value["content"]) for document in (one, other))
    for name in ("tool", "target", "environment"):
        if ours[name] != theirs[name]:
            problem = f"{one.file} and {other.file} are not of one run: `{name}` differs"
            raise UsageError(problem, "merge the parts of one run")
    for name in ("count", "prune", "specs"):
        if _shard(one)[name] != _shard(other)[name]:
            problem = f"{one.file} and {other.file} are not of one run: `{name}` differs"
            raise UsageError(problem, "merge the parts of one run")


def _digest_of(specs: Specs) -> str:
    """Return what stands for everything that the specs want."""
    stacks = sorted(specs.documents, key=lambda d: str(as_object(d.value["metadata"])["name"]))
    return digest([dict(document.value) for document in stacks])
