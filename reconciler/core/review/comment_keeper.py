"""One comment of a pull request for each environment, written anew in its place.

A plan is stale as soon as its base has commits that it does not know: those that came since, and
those that the branch had not taken in when it was planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reconciler.core.review.marker import marked, read_marker, text_of
from reconciler.model.forge import Act, Comment, Pull

PLAN = "plan"
STALE = """\
> [!WARNING]
> **Stale:** `{branch}` has commits that this plan does not know. Plan again on top of them.
"""


@dataclass(frozen=True, slots=True)
class Made:
    """What a plan was made of."""

    pull: Pull
    base: str
    """The last commit of the base that it knows; the tip if that is not known."""
    tip: str
    """The commit that the base is at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The comment that there should be."""

    key: str
    """The name of the environment."""
    text: str
    state: str = ""
    """What it becomes with a new text, where a comment can be ``open`` or ``closed``. With the
    same text it stays as people have left it."""
    only_update: bool = False
    """Whether none is written where there is none yet, as for a plan without changes."""


def ours(comments: Iterable[Comment], key: str, me: str) -> list[Comment]:
    """Return our comments about an environment, the first one first."""
    found = [c for c in comments if c.author == me and _key(c) == key]
    return sorted(found, key=lambda comment: comment.id)


def keep(comments: Sequence[Comment], wanted: Wanted, me: str, made: Made) -> Iterator[Act]:
    """Yield what makes ours the one comment about an environment.

    Args:
        comments: all comments of the pull request.
        wanted: what it should say.
        me: the author of our comments; a marker of somebody else's is none.
        made: what the plan was made of.

    """
    data = {"key": wanted.key, "head": made.pull.head, "base": made.base}
    body = marked(PLAN, data, wanted.text)
    if made.base != made.tip:
        body = _told_stale(body, made.pull.base)
    found = ours(comments, wanted.key, me)
    if not found:
        if not wanted.only_update:
            yield Act(body=body, state=wanted.state)
        return
    if found[0].body.replace("\r\n", "\n").rstrip() != body.rstrip():
        yield Act(found[0].id, body=body, state=wanted.state)
    yield from (Act(comment.id, state="deleted") for comment in found[1:])


def stale(comments: Sequence[Comment], me: str, base: str, branch: str) -> Iterator[Act]:
    """Yield what says of each of our comments that its base has moved, once.

    Args:
        comments: all comments of the pull request.
        me: the author of our comments.
        base: the commit that the base is at now.
        branch: the name of the base.

    """
    for comment in comments:
        data = read_marker(PLAN, comment.body) if comment.author == me else None
        if data is None or data.get("base") == base or data.get("stale") is True:
            continue
        yield Act(comment.id, body=_told_stale(comment.body, branch))


def _told_stale(body: str, branch: str) -> str:
    """Return a comment of ours that says that it is stale."""
    told = STALE.format(branch=branch.replace("`", ""))
    data = {**(read_marker(PLAN, body) or {}), "stale": True}
    return marked(PLAN, data, f"{told}\n{text_of(body)}")


def _key(comment: Comment) -> str | None:
    data = read_marker(PLAN, comment.body)
    return None if data is None else str(data.get("key"))
