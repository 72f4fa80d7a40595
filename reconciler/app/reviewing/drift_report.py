"""What reports in JSON say to those who keep issues, and to later steps of a pipeline."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.core.drifted.drift_history import CERTAIN
from reconciler.core.review.issue_keeper import UNREADABLE, Cause, Scope
from reconciler.model.errors import UnavailableError
from reconciler.model.plan import Action
from reconciler.model.resource import Severity
from reconciler.model.value import Json, as_object
from reconciler.render.drift.issue import error_text, issue_text


@dataclass(frozen=True, slots=True)
class Report:
    """A drift report, as `drift --report json=FILE` has written it."""

    document: Mapping[str, Json]

    @classmethod
    def read(cls, path: Path) -> Report:
        """Return a report from its file.

        Raises:
            UnavailableError: the file cannot be read, or is no drift report with a history.

        """
        document = _document(path)
        if not str(document.get("formatVersion", "")).startswith("1.") or "items" not in document:
            mend = "make it with `reconciler drift --report json=FILE`"
            raise UnavailableError(f"{path} is no drift report", mend)
        if not document.get("runs"):
            mend = (
                "make it with `reconciler drift --history FILE`, so that nothing is told too soon"
            )
            raise UnavailableError(f"{path} has no history", mend)
        return cls(document)

    @property
    def environment(self) -> str:
        """The environment, ``default`` for none: the first part of all keys."""
        return str(self.document.get("environment") or "default")

    @property
    def scope(self) -> Scope:
        """What the run knows about."""
        stacks, whole = self._stacks, self.document.get("whole") is True
        known = self._keys(stacks) | {self._errors} if whole and stacks else None
        return Scope(self.environment, self._project, self._covered, known)

    def causes(self, run_url: str) -> Iterator[Cause]:
        """Yield what there should be an issue for: each stack, and reads that fail."""
        stacks: dict[str, list[Mapping[str, Json]]] = {}
        for item in self._objects("items"):
            stacks.setdefault(str(item.get("stack")), []).append(item)
        for stack, items in stacks.items():
            certain = [item for item in items if _times(item) >= CERTAIN]
            parts = tuple(str(item.get("fingerprint")) for item in certain)
            title = f"Drift in stack {stack}{self._where}"
            text = issue_text(certain, run_url)
            yield Cause(f"{self.environment}/{stack}", title, text, parts, bool(certain))
        runs = self._objects("runs")
        if runs[-1].get("complete") is not True:
            twice = len(runs) > 1 and runs[-2].get("complete") is not True
            title = f"Drift{self._where} cannot be read"
            yield Cause(self._errors, title, error_text(self.document), ("unread",), twice)

    @property
    def _project(self) -> str:
        return str(self.document.get("project") or "")

    @property
    def _where(self) -> str:
        """What tells the same stack in several places apart."""
        environment = "" if self.environment == "default" else self.environment
        places = ", ".join(filter(None, (self._project, environment)))
        return f" ({places})" if places else ""

    @property
    def _stacks(self) -> set[str]:
        stacks = self.document.get("stacks")
        return {str(stack) for stack in stacks} if isinstance(stacks, list) else set()

    @property
    def _covered(self) -> set[str]:
        """The keys about which everything was read."""
        unread = {str(one.get("address")).partition("/")[0] for one in self._objects("unreadable")}
        known = set() if self._objects("gaps") else self._stacks - unread
        return self._keys(known) | {self._errors}

    def _keys(self, stacks: Iterable[str]) -> set[str]:
        return {f"{self.environment}/{stack}" for stack in stacks}

    @property
    def _errors(self) -> str:
        return f"{self.environment}/{UNREADABLE}"

    def _objects(self, name: str) -> list[Mapping[str, Json]]:
        value = self.document.get(name)
        return [as_object(one) for one in value] if isinstance(value, list) else []


def outputs(path: Path) -> Mapping[str, str]:
    """Return the numbers of a report, plan or drift, by name: no text of anybody's is among them.

    A plan in which everything waits for DNS or Azure changes nothing: there is nothing to approve.

    Raises:
        UnavailableError: the file cannot be read, or is no report.

    """
    document = _document(path)
    counts = as_object(document.get("counts"))
    if "changes" in document:
        names = [a.value for a in Action if a.writes or a is Action.BLOCKED]
        changed = bool(document.get("steps")) or document.get("applyable") is not True
    elif "items" in document:
        names = [severity.value for severity in Severity]
        changed = bool(document.get("items"))
    else:
        mend = "make it with `--report json=FILE` of plan or drift"
        raise UnavailableError(f"{path} is no report", mend)
    numbers = {name: str(int(str(counts.get(name, 0)))) for name in names}
    digest = document.get("digest")
    sealed = {"digest": digest} if isinstance(digest, str) and _DIGEST.fullmatch(digest) else {}
    return {"changes": str(changed).lower(), **numbers, **sealed}


def loses(path: Path) -> bool:
    """Whether a plan would lose something, or is refused.

    Args:
        path: the plan, as `plan --report json=FILE` has written it.

    Raises:
        UnavailableError: the file cannot be read.

    """
    document = _document(path)
    counts = as_object(document.get("counts"))
    lost = (Action.DELETE, Action.REPLACE, Action.BLOCKED)
    return any(counts.get(action.value) for action in lost) or bool(document.get("breaches"))


_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def _document(path: Path) -> Mapping[str, Json]:
    """Return the object that a file of JSON holds.

    Raises:
        UnavailableError: it cannot be read.

    """
    try:
        return as_object(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise UnavailableError(f"{path} cannot be read: {error}", "check the path") from error


def _times(item: Mapping[str, Json]) -> int:
    seen = item.get("timesSeen")
    return seen if isinstance(seen, int) else 0
