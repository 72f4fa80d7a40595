"""One issue for each cause: opened, updated, closed and opened again, and never a second one.

| there is | the cause | what is done |
| --- | --- | --- |
| no issue | is certain | one is opened |
| no issue | was seen once | nothing |
| an open one | says the same | nothing |
| an open one | says something else | its text is replaced, and one comment says what is new |
| several open ones | | the oldest stays, the others are closed as its duplicates |
| an open one | is gone, and everything about it was read | it is closed |
| an open one | is gone, or was not looked at | nothing |
| one closed by us, 30 days ago at most | is certain again | it is opened again |
| one closed by a person, 30 days ago at most | is certain | it is opened again, once |
| the same with the label of what is accepted | | nothing |
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
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


def decide(
    causes: Sequence[Cause],
    covered: Collection[str],
    issues: Sequence[Issue],
    me: str,
    since: str,
) -> Iterator[Act]:
    """Yield what is to be done to the issues.

    Args:
        causes: what was found.
        covered: the keys that the run has looked at, everything about them: only their issues may
            be closed.
        issues: those with our label, open or closed.
        me: the login that opens our issues; a marker of somebody else's is none.
        since: the moment 30 days ago, in UTC; what was closed before it is left alone.

    """
    known: dict[str, list[Issue]] = {}
    for issue in sorted(issues, key=lambda issue: issue.number):
        data = _data(issue, me)
        if data is not None:
            known.setdefault(str(data.get("key")), []).append(issue)
    new = [cause for cause in causes if cause.certain and not _is_known(cause, known, since)]
    if len(new) > MOST_NEW:
        causes = [*(cause for cause in causes if cause not in new), _many(new)]
    for cause in causes:
        yield from _about(cause, known.pop(cause.key, []), me, since)
    for key, found in known.items():
        if key in covered or key.endswith(MANY):
            yield from (_gone(issue, me) for issue in found if issue.is_open)


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
            f" `{ACCEPTED}`, and it stays closed."
        )
        yield Act(issue.number, body=_body(cause, reopened=True), comment=comment, state="open")


def _gone(issue: Issue, me: str) -> Act:
    """Return what closes an issue whose cause is gone."""
    data = {**(_data(issue, me) or {}), "closed": True}
    body = marked(DRIFT, data, text_of(issue.body))
    return Act(issue.number, body=body, comment="Gone: Azure is as the specs say.", state="closed")


def _many(causes: Sequence[Cause]) -> Cause:
    """Return one cause that stands for many."""
    environment = causes[0].key.partition("/")[0]
    names = "\n".join(f"- {cause.title}" for cause in causes[:500])
    return Cause(
        f"{environment}/{MANY}",
        f"Drift in {len(causes)} stacks",
        f"So many are new at once that they have one issue:\n\n{names}\n",
        tuple(part for cause in causes for part in cause.parts),
    )


def _body(cause: Cause, *, reopened: Json = None) -> str:
    """Return the text of an issue, with its marker."""
    data: dict[str, Json] = {"key": cause.key, "set": digest(sorted(cause.parts))}
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
