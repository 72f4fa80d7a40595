"""Comments and issues on GitHub are kept as plans and drift reports say."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from reconciler.core.drifted.drift_history import CERTAIN
from reconciler.core.review.comment_keeper import keep, stale
from reconciler.core.review.issue_keeper import LABEL, Cause, decide
from reconciler.engine.clock import moment_before
from reconciler.engine.ports import Forge
from reconciler.model.errors import UnavailableError, UsageError
from reconciler.model.plan import Action
from reconciler.model.resource import Severity
from reconciler.model.value import Json, as_object
from reconciler.render.drift.issue import error_text, issue_text
from reconciler.render.formats.markdown import size
from reconciler.web.github import GitHub

LONGEST = 65_536
LATELY = timedelta(days=30)


def connect() -> GitHub:
    """Return the repository of this workflow.

    Raises:
        UsageError: a variable that GitHub sets is missing.

    """
    missing = [n for n in ("GITHUB_REPOSITORY", "GITHUB_TOKEN") if not os.environ.get(n)]
    if missing:
        mend = "run it in a workflow, with `env: {GITHUB_TOKEN: ${{ github.token }}}`"
        raise UsageError(f"{' and '.join(missing)} not set", mend)
    api = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    return GitHub(api, os.environ["GITHUB_REPOSITORY"], os.environ["GITHUB_TOKEN"])


def pull_number() -> int:
    """Return the number of the pull request that this workflow runs for.

    Raises:
        UsageError: it runs for none.

    """
    try:
        event = json.loads(Path(os.environ.get("GITHUB_EVENT_PATH", "")).read_text("utf-8"))
        return int(event["pull_request"]["number"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        mend = "say --pull-request NUMBER"
        raise UsageError("this workflow runs for no pull request", mend) from error


def keep_comment(
    forge: Forge, number: int, key: str, text: str, me: str, *, only_update: bool
) -> str:
    """Make our comment of a pull request say this; return what was done, in a few words.

    Raises:
        UsageError: the text is longer than GitHub takes.

    """
    if size(text) > LONGEST - 500:
        mend = "make it with `plan --report markdown=FILE`, which fits"
        raise UsageError(f"a comment may have {LONGEST} characters, and this has more", mend)
    pull = forge.pull(number)
    about = (pull, forge.tip(pull.base))
    acts = list(keep(forge.comments(number), key, text, me, about, only_update=only_update))
    for act in acts:
        forge.comment(number, act)
    if any(not act.number for act in acts):  # another run may have written one at the same time
        for act in keep(forge.comments(number), key, text, me, about):
            forge.comment(number, act)
    words = ["written" if not act.number else act.state or "updated" for act in acts]
    return ", ".join(words) or "unchanged"


def mark_stale(forge: Forge, numbers: Sequence[int], me: str) -> int:
    """Say of every plan whose base has moved that it is stale; return how many there were.

    Args:
        forge: the repository.
        numbers: the pull requests; all open ones if there are none.
        me: the login that writes our comments.

    """
    pulls = [forge.pull(number) for number in numbers] if numbers else forge.pulls()
    tips: dict[str, str] = {}
    count = 0
    for pull in pulls:
        base = tips.setdefault(pull.base, "") or forge.tip(pull.base)
        tips[pull.base] = base
        for act in stale(forge.comments(pull.number), me, base, pull.base):
            forge.comment(pull.number, act)
            count += 1
    return count


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

    def causes(self, run_url: str) -> Iterator[Cause]:
        """Yield what there should be an issue for: each stack, and reads that fail."""
        stacks: dict[str, list[Mapping[str, Json]]] = {}
        for item in self._objects("items"):
            stacks.setdefault(str(item.get("stack")), []).append(item)
        for stack, items in stacks.items():
            certain = [item for item in items if _times(item) >= CERTAIN]
            parts = tuple(str(item.get("fingerprint")) for item in certain)
            where = "" if self.environment == "default" else f" ({self.environment})"
            title = f"Drift in stack {stack}{where}"
            text = issue_text(certain, run_url)
            yield Cause(f"{self.environment}/{stack}", title, text, parts, bool(certain))
        runs = self._objects("runs")
        if runs[-1].get("complete") is not True:
            twice = len(runs) > 1 and runs[-2].get("complete") is not True
            title = f"Drift of {self.environment} cannot be read"
            yield Cause(self._errors, title, error_text(self.document), ("unread",), twice)

    @property
    def covered(self) -> set[str]:
        """The keys about which everything was read."""
        stacks = self.document.get("stacks")
        names = {str(stack) for stack in stacks} if isinstance(stacks, list) else set()
        unread = {str(one.get("address")).partition("/")[0] for one in self._objects("unreadable")}
        known = set() if self._objects("gaps") else names - unread
        return {f"{self.environment}/{stack}" for stack in known} | {self._errors}

    @property
    def _errors(self) -> str:
        return f"{self.environment}/(unreadable)"

    def _objects(self, name: str) -> list[Mapping[str, Json]]:
        value = self.document.get(name)
        return [as_object(one) for one in value] if isinstance(value, list) else []


def keep_issues(forge: Forge, report: Report, me: str, run_url: str) -> int:
    """Make our issues say what a report says; return how many were touched."""
    causes, since = list(report.causes(run_url)), moment_before(LATELY)
    acts = list(decide(causes, report.covered, forge.issues(LABEL), me, since))
    for act in acts:
        forge.issue(act, LABEL)
    if any(not act.number for act in acts):  # another run may have opened one at the same time
        again = decide(causes, report.covered, forge.issues(LABEL), me, since)
        for act in (act for act in again if act.state == "duplicate"):
            forge.issue(act, LABEL)
    return len(acts)


def outputs(path: Path) -> Mapping[str, str]:
    """Return the numbers of a report, plan or drift, by name: no text of anybody's is among them.

    Raises:
        UnavailableError: the file cannot be read, or is no report.

    """
    document = _document(path)
    counts = as_object(document.get("counts"))
    if "changes" in document:
        names, changes = [action.value for action in Action if action.writes], "empty"
        names.append(Action.BLOCKED.value)
    elif "items" in document:
        names, changes = [severity.value for severity in Severity], ""
    else:
        mend = "make it with `--report json=FILE` of plan or drift"
        raise UnavailableError(f"{path} is no report", mend)
    numbers = {name: str(int(str(counts.get(name, 0)))) for name in names}
    changed = document[changes] is not True if changes else any(map(int, numbers.values()))
    digest = document.get("digest")
    sealed = {"digest": digest} if isinstance(digest, str) and _DIGEST.fullmatch(digest) else {}
    return {"changes": str(changed).lower(), **numbers, **sealed}


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
