"""One comment of a pull request for each environment, written anew in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.core.review.marker import marked, read_marker, text_of
from reconciler.model.forge import Act, Comment, Pull

PLAN = "plan"
STALE = """\
> [!WARNING]
> **Stale:** `{branch}` has moved since this plan was made. Plan again before it is merged.
"""


def ours(comments: Iterable[Comment], key: str, me: str) -> list[Comment]:
    """Return our comments about an environment, the first one first."""
    found = [c for c in comments if c.author == me and _key(c) == key]
    return sorted(found, key=lambda comment: comment.id)


def keep(
    comments: Sequence[Comment],
    key: str,
    text: str,
    me: str,
    about: tuple[Pull, str],
    *,
    only_update: bool = False,
) -> Iterator[Act]:
    """Yield what makes ours the one comment about an environment, with this text.

    Args:
        comments: all comments of the pull request.
        key: the name of the environment.
        text: what the comment should say.
        me: the login that writes our comments; a marker of somebody else's is none.
        about: the pull request, and the commit of its base that the plan was made on.
        only_update: write nothing where there is no comment yet, as for a plan without changes.

    """
    pull, base = about
    body = marked(PLAN, {"key": key, "head": pull.head, "base": base}, text)
    found = ours(comments, key, me)
    if not found:
        if not only_update:
            yield Act(body=body)
        return
    if found[0].body.replace("\r\n", "\n").rstrip() != body.rstrip():
        yield Act(found[0].id, body=body)
    yield from (Act(comment.id, state="deleted") for comment in found[1:])


def stale(comments: Sequence[Comment], me: str, base: str, branch: str) -> Iterator[Act]:
    """Yield what says of each of our comments that its base has moved, once.

    Args:
        comments: all comments of the pull request.
        me: the login that writes our comments.
        base: the commit that the base is at now.
        branch: the name of the base.

    """
    for comment in comments:
        data = read_marker(PLAN, comment.body) if comment.author == me else None
        if data is None or data.get("base") == base or data.get("stale") is True:
            continue
        told = STALE.format(branch=branch.replace("`", ""))
        text = f"{told}\n{text_of(comment.body)}"
        yield Act(comment.id, body=marked(PLAN, {**data, "stale": True}, text))


def _key(comment: Comment) -> str | None:
    data = read_marker(PLAN, comment.body)
    return None if data is None else str(data.get("key"))
