"""One issue for each cause: opened, updated, closed and opened again, and never a second one.

| there is | the cause | what is done |
| --- | --- | --- |
| no issue | is certain | one is opened |
| no issue | was seen once | nothing |
| an open one | says the same | nothing |
| an open one | says something else | its text is replaced, and one comment says what is new |
| several open ones | | the oldest stays, the others are closed as its duplicates |
| an open one | is gone, and everything about it was read | it is closed |
| an open one | was not looked at | nothing |
| an open one | is of a stack that has left the repository | it is closed, and says so |
| one closed by us, 30 days ago at most | is certain again | it is opened again |
| one closed by a person, 30 days ago at most | is certain | it is opened again, once |
| the same with the label of what is accepted | | nothing |
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from reconciler.core.review.marker import marked, read_marker, text_of
from reconciler.core.sealed.canonical import digest
from reconciler.model.forge import Act, Issue
from reconciler.model.value import Json

DRIFT: Final = "drift"
LABEL: Final = "reconciler-drift"
ACCEPTED: Final = "reconciler-accepted"
"""The label by which people say that they know, and want to hear no more."""
MOST_NEW: Final = 20
"""Issues that one run opens; if there are more, one stands for all of them."""
MANY: Final = "(many)"
UNREADABLE: Final = "(unreadable)"
"""In the place of a stack: runs that cannot read everything."""
GONE: Final = "Gone: Azure is as the specs say."
READABLE: Final = "Everything could be read."
LEFT: Final = (
    "The stack has left the specs. What it managed is not looked at any more; if it is still in"
    " Azure, it is nobody's now."
)
NO_LONGER_MANY: Final = "What is left of these has issues of its own."


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that an issue is about."""

    key: str
    title: str
    text: str
    """What the issue says."""
    parts: tuple[str, ...]
    """What makes it the same cause as before: the fingerprints of its differences."""
    certain: bool = True
    """Whether it has been seen often enough to open an issue for it."""
    project: str = ""
    """See `Scope`."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run knows about: nothing else of its issues may be closed."""

    environment: str
    """The first part of all its keys."""
    project: str
    """Where the project file is in the repository: the issues of another project are others."""
    covered: Collection[str]
    """The keys about which everything was read."""
    all: Collection[str] | None = None
    """The keys of everything that there is; None if the run has looked at a part only."""

    def why_gone(self, data: Mapping[str, Json]) -> str:
        """Return why what an issue is about is no more, empty if that is not known.

        Args:
            data: what the marker of the issue says.

        """
        key = str(data.get("key"))
        if key in self.covered:
            return READABLE if key.endswith(UNREADABLE) else GONE
        if self.all is None or key.partition("/")[0] != self.environment:
            return ""
        if key.endswith(MANY):
            return NO_LONGER_MANY if set(self.all) <= set(self.covered) else ""
        return "" if key in self.all else LEFT


def decide(
    causes: Sequence[Cause],
    scope: Scope,
    issues: Sequence[Issue],
    me: str,
    since: str,
) -> Iterator[Act]:
    """Yield what is to be done to the issues.

    Args:
        causes: what was found.
        scope: what the run has looked at.
        issues: those with our label, open or closed.
        me: the author of our issues; a marker of somebody else's is none.
        since: the moment 30 days ago, in UTC; what was closed before it is left alone.

    """
    known: dict[str, list[Issue]] = {}
    for issue in sorted(issues, key=lambda issue: issue.number):
        data = _data(issue, me)
        if data is not None and data.get("project", "") == scope.project:
            known.setdefault(str(data.get("key")), []).append(issue)
    new = [cause for cause in causes if cause.certain and not _is_known(cause, known, since)]
    if len(new) > MOST_NEW:
        causes = [*(cause for cause in causes if cause not in new), _many(new)]
    for cause in causes:
        found = known.pop(cause.key, [])
        yield from _about(replace(cause, project=scope.project), found, me, since)
    for issue in (issue for found in known.values() for issue in found if issue.is_open):
        data = _data(issue, me) or {}
        if why := scope.why_gone(data):
            body = marked(DRIFT, {**data, "closed": True}, text_of(issue.body))
            yield Act(issue.number, body=body, comment=why, state="closed")


def _is_known(cause: Cause, known: Mapping[str, Sequence[Issue]], since: str) -> bool:
    """Whether there is an issue about a cause that is open or was closed lately."""
    return any(i.is_open or i.closed_at >= since for i in known.get(cause.key, ()))


def _about(cause: Cause, found: Sequence[Issue], me: str, since: str) -> Iterator[Act]:
    """Yield what is to be done about one cause."""
    opened = [issue for issue in found if issue.is_open]
    if opened:
        yield from _still_there(cause, opened, me)
        return
    if not cause.certain:
        return
    lately = [issue for issue in found if issue.closed_at >= since]
    if lately:
        yield from _back(cause, lately[-1], me)
    else:
        yield Act(title=cause.title, body=_body(cause))


def _still_there(cause: Cause, opened: Sequence[Issue], me: str) -> Iterator[Act]:
    """Yield what is to be done about a cause that has open issues."""
    first, *others = opened
    for other in others:
        yield Act(other.number, comment=f"The same as #{first.number}.", state="duplicate")
    data = _data(first, me) or {}
    if cause.certain and data.get("set") != digest(sorted(cause.parts)):
        before = data.get("parts")
        old, now = set(before) if isinstance(before, list) else set(), _short(cause.parts)
        counted = f"{len(now - old)} new, {len(old - now)} gone, " if old else ""
        comment = f"{counted}{len(cause.parts)} in all."
        yield Act(first.number, body=_body(cause, reopened=data.get("reopened")), comment=comment)


def _back(cause: Cause, issue: Issue, me: str) -> Iterator[Act]:
    """Yield what opens an issue again, unless people have said that they know."""
    data = _data(issue, me) or {}
    by_us = data.get("closed") is True
    if by_us:
        yield Act(issue.number, body=_body(cause), comment="It is back.", state="open")
    elif data.get("reopened") is not True and ACCEPTED not in issue.labels:
        comment = (
            "Azure still differs, so this is open again. Close it once more, or give it the label"
            f" <code>{ACCEPTED}</code>, and it stays closed."
        )
        yield Act(issue.number, body=_body(cause, reopened=True), comment=comment, state="open")


def _many(causes: Sequence[Cause]) -> Cause:
    """Return one cause that stands for many."""
    environment = causes[0].key.partition("/")[0]
    names = "\n".join(f"<li>{cause.title}</li>" for cause in causes[:500])
    return Cause(
        f"{environment}/{MANY}",
        f"Drift in {len(causes)} stacks",
        f"<p>So many are new at once that they have one issue:</p>\n<ul>\n{names}\n</ul>\n",
        tuple(part for cause in causes for part in cause.parts),
    )


def _body(cause: Cause, *, reopened: Json = None) -> str:
    """Return the text of an issue, with its marker."""
    data: dict[str, Json] = {
        "key": cause.key,
        "project": cause.project,
        "set": digest(sorted(cause.parts)),
    }
    if len(cause.parts) <= 100:  # the marker counts for the length of the text
        data["parts"] = sorted(_short(cause.parts))
    if reopened is True:
        data["reopened"] = True
    return marked(DRIFT, data, cause.text)


def _short(parts: Sequence[str]) -> set[str]:
    """Return so much of each fingerprint that they can be told apart."""
    return {part[-12:] for part in parts}


def _data(issue: Issue, me: str) -> Mapping[str, Json] | None:
    return read_marker(DRIFT, issue.body) if issue.author == me else None
