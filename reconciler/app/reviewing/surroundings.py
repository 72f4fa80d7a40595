"""What a report can say of the repository and the pipeline around a run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from reconciler import __version__
from reconciler.app.reviewing.homes import home_of
from reconciler.core.review.codeowners import approvals, parse
from reconciler.model.forge import LONGEST
from reconciler.model.plan import Action, Plan
from reconciler.model.review import Approval
from reconciler.render.formats.markdown import LIMIT, MARKER_ROOM
from reconciler.render.plan.context import Context

CODEOWNERS = (
    ".github/CODEOWNERS",
    ".gitlab/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
)
"""Where GitHub and GitLab look for it; the first that is there counts."""


def surroundings(plan: Plan | None = None, environ: Mapping[str, str] | None = None) -> Context:
    """Return what is known around a run.

    Args:
        plan: what has to be approved, if anything.
        environ: the environment variables; those of this process if None.

    """
    known = os.environ if environ is None else environ
    root, home = repository(), home_of(known)
    return Context(
        version=__version__,
        source_url=_source_url(known, root),
        approvals=() if plan is None else _approvals(plan, root),
        report_url=run_url(known),
        limit=LIMIT if home is None else LONGEST[home] - MARKER_ROOM,
    )


def repository() -> Path | None:
    """Return the root of the repository that the current folder is in, None if it is in none."""
    here = Path.cwd()
    return next((p for p in (here, *here.parents) if (p / ".git").exists()), None)


def place_of(folder: Path) -> str:
    """Return where a folder is in the repository, such as ``infra/mail``; empty for its top."""
    top, real = repository(), folder.resolve()
    if top is None or not real.is_relative_to(top.resolve()):
        return ""
    return real.relative_to(top.resolve()).as_posix().removeprefix(".")


def _approvals(plan: Plan, root: Path | None) -> tuple[Approval, ...]:
    """Return who must approve a change of the files that the changes of a plan are in."""
    if root is None:
        return ()
    found = next((root / name for name in CODEOWNERS if (root / name).is_file()), None)
    if found is None:
        return ()
    places = (c.place for c in plan.changes if c.action is not Action.NONE)
    files = {place.document.file for place in places if place is not None}
    inside = [path for path in map(_real, files) if path.is_relative_to(root)]
    names = (path.relative_to(root).as_posix() for path in inside)
    return approvals(names, parse(found.read_text(encoding="utf-8", errors="replace")))


def _real(file: str) -> Path:
    return Path(os.path.normpath(Path.cwd() / file))


def _source_url(environ: Mapping[str, str], root: Path | None) -> str:
    """Return the address of a line of a file at the commit that the pipeline has checked out."""
    here = "" if root is None else Path.cwd().relative_to(root).as_posix()
    prefix = "" if here in ("", ".") else f"{quote(here)}/"
    if environ.get("GITHUB_ACTIONS") and environ.get("GITHUB_REPOSITORY"):
        server = environ.get("GITHUB_SERVER_URL", "https://github.com")
        repository, commit = environ["GITHUB_REPOSITORY"], _github_commit(environ)
        return f"{server}/{repository}/blob/{commit}/{prefix}{{file}}#L{{line}}" if commit else ""
    if environ.get("GITLAB_CI") and environ.get("CI_PROJECT_URL"):
        base = f"{environ['CI_PROJECT_URL']}/-/blob/{environ.get('CI_COMMIT_SHA', 'HEAD')}"
        return f"{base}/{prefix}{{file}}#L{{line}}"
    if environ.get("TF_BUILD") and environ.get("BUILD_REPOSITORY_URI"):
        base, commit = environ["BUILD_REPOSITORY_URI"], environ.get("BUILD_SOURCEVERSION", "")
        return f"{base}?path=/{prefix}{{file}}&version=GC{commit}&line={{line}}&lineEnd={{line}}"
    return ""


def _github_commit(environ: Mapping[str, str]) -> str:
    """Return the commit of a pull request, which is not the merge that GitHub checks out.

    https://docs.github.com/actions/reference/events-that-trigger-workflows#pull_request
    """
    try:
        event = json.loads(Path(environ.get("GITHUB_EVENT_PATH", "")).read_text(encoding="utf-8"))
        return str(event["pull_request"]["head"]["sha"])
    except (OSError, ValueError, KeyError, TypeError):
        return environ.get("GITHUB_SHA", "")


def run_url(environ: Mapping[str, str] | None = None) -> str:
    """Return the page of this run of the pipeline, where its reports can be downloaded."""
    environ = os.environ if environ is None else environ
    if environ.get("GITHUB_ACTIONS") and environ.get("GITHUB_RUN_ID"):
        server = environ.get("GITHUB_SERVER_URL", "https://github.com")
        return (
            f"{server}/{environ.get('GITHUB_REPOSITORY')}/actions/runs/{environ['GITHUB_RUN_ID']}"
        )
    if environ.get("GITLAB_CI"):
        return environ.get("CI_JOB_URL", "")
    if environ.get("TF_BUILD") and environ.get("SYSTEM_TEAMPROJECT"):
        project = environ.get("SYSTEM_COLLECTIONURI", "") + quote(environ["SYSTEM_TEAMPROJECT"])
        return f"{project}/_build/results?buildId={environ.get('BUILD_BUILDID', '')}"
    return ""
