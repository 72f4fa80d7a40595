"""Comments of pull requests and issues are kept as plans and drift reports say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from reconciler.app.reviewing.drift_report import Report
from reconciler.app.reviewing.homes import Run
from reconciler.core.review.comment_keeper import Made, Wanted, keep, stale
from reconciler.core.review.issue_keeper import LABEL, decide
from reconciler.engine.clock import moment_before
from reconciler.engine.ports import Forge
from reconciler.model.errors import UsageError
from reconciler.model.forge import LONGEST
from reconciler.render.formats.markdown import MARKER_ROOM, size

LATELY = timedelta(days=30)


def keep_comment(forge: Forge, run: Run, wanted: Wanted, me: str) -> str:
    """Make our comment of a pull request what it should be; return what was done, in a few words.

    Args:
        forge: the home of the repository.
        run: the pull request, and what was planned of it.
        wanted: what the comment should say.
        me: the author of our comments.

    Raises:
        UsageError: the text is longer than this home takes.

    """
    longest = LONGEST[forge.home]
    if size(wanted.text) > longest - MARKER_ROOM:
        mend = "make it with `plan --report markdown=FILE` in the pipeline, where it fits"
        raise UsageError(f"a comment may have {longest} characters, and this has more", mend)
    pull = forge.pull(run.pull)
    tip = forge.tip(pull.base)
    made = Made(pull, forge.fork_point(pull.base, run.commit or pull.head) or tip, tip)
    acts = list(keep(forge.comments(run.pull), wanted, me, made))
    for act in acts:
        forge.comment(run.pull, act)
    if any(not act.number for act in acts):  # another run may have written one at the same time
        for act in keep(forge.comments(run.pull), wanted, me, made):
            forge.comment(run.pull, act)
    words = ["written" if not act.number else _done(act.state) for act in acts]
    return ", ".join(words) or "unchanged"


def _done(state: str) -> str:
    """Return what was done to a comment that was there."""
    return "deleted" if state == "deleted" else "updated"


def mark_stale(forge: Forge, numbers: Sequence[int], me: str) -> int:
    """Say of every plan whose base has moved that it is stale; return how many there were.

    Args:
        forge: the home of the repository.
        numbers: the pull requests; all open ones if there are none.
        me: the author of our comments.

    """
    pulls = [forge.pull(number) for number in numbers] if numbers else forge.pulls()
    tips = {base: forge.tip(base) for base in dict.fromkeys(pull.base for pull in pulls)}
    count = 0
    for pull in pulls:
        for act in stale(forge.comments(pull.number), me, tips[pull.base], pull.base):
            forge.comment(pull.number, act)
            count += 1
    return count


def keep_issues(forge: Forge, report: Report, me: str, run_url: str) -> int:
    """Make our issues say what a report says; return how many were touched."""
    causes, scope, since = list(report.causes(run_url)), report.scope, moment_before(LATELY)
    acts = list(decide(causes, scope, forge.issues(LABEL), me, since))
    for act in acts:
        forge.issue(act, LABEL)
    if any(not act.number for act in acts):  # another run may have opened one at the same time
        again = decide(causes, scope, forge.issues(LABEL), me, since)
        for act in (act for act in again if act.state == "duplicate"):
            forge.issue(act, LABEL)
    return len(acts)
