"""Which home a pipeline has, and what its environment says of the run."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.engine.ports import Forge
from reconciler.model.errors import UsageError
from reconciler.model.forge import Boards, Home

MARKS: Mapping[Home, str] = {
    Home.GITHUB: "GITHUB_ACTIONS",
    Home.GITLAB: "GITLAB_CI",
    Home.AZURE_DEVOPS: "TF_BUILD",
}
"""The variable by which each pipeline is known.

https://docs.github.com/actions/reference/variables-reference
https://docs.gitlab.com/ci/variables/predefined_variables/
https://learn.microsoft.com/azure/devops/pipelines/build/variables
"""
NEEDED: Mapping[Home, tuple[str, ...]] = {
    Home.GITHUB: ("GITHUB_REPOSITORY", "GITHUB_TOKEN"),
    Home.GITLAB: ("CI_API_V4_URL", "CI_PROJECT_ID", "GITLAB_TOKEN"),
    Home.AZURE_DEVOPS: ("SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECT", "SYSTEM_ACCESSTOKEN"),
}
NUMBERS: Mapping[Home, str] = {
    Home.GITLAB: "CI_MERGE_REQUEST_IID",
    Home.AZURE_DEVOPS: "SYSTEM_PULLREQUEST_PULLREQUESTID",
}
"""The number of the pull request; GitHub tells it in a file."""
COMMITS: Mapping[Home, str] = {
    Home.GITHUB: "GITHUB_SHA",
    Home.GITLAB: "CI_COMMIT_SHA",
    Home.AZURE_DEVOPS: "BUILD_SOURCEVERSION",
}
"""What was checked out."""
MENDS: Mapping[Home, str] = {
    Home.GITHUB: "run it in a workflow, with `env: {GITHUB_TOKEN: ${{ github.token }}}`",
    Home.GITLAB: (
        "make an access token of the project, with the scope `api` and the role Reporter, and put"
        " it into the masked variable GITLAB_TOKEN: the token of a job cannot write comments"
    ),
    Home.AZURE_DEVOPS: (
        "run it in a pipeline, with `env: {SYSTEM_ACCESSTOKEN: $(System.AccessToken)}`"
    ),
}


def home_of(environ: Mapping[str, str]) -> Home | None:
    """Return the home of a pipeline by its variables, None outside of one."""
    return next((home for home, mark in MARKS.items() if environ.get(mark)), None)


def chosen(name: str | None) -> Home:
    """Return the home that was named, or that of this pipeline.

    Raises:
        UsageError: there is neither.

    """
    home = home_of(os.environ) if name is None else Home(name)
    if home is None:
        mend = f"say --on {', '.join(Home)}"
        raise UsageError("this is no pipeline of GitHub, GitLab or Azure DevOps", mend)
    return home


def connect(home: Home, boards: Boards | None = None) -> Forge:
    """Return the home of this repository, ready to be asked.

    Args:
        home: which one.
        boards: how issues are kept in Azure Boards.

    Raises:
        UsageError: a variable that the pipeline sets is missing.

    """
    missing = [name for name in NEEDED[home] if not os.environ.get(name)]
    if missing:
        raise UsageError(f"{' and '.join(missing)} not set", MENDS[home])
    return _DOORS[home](*(os.environ[name] for name in NEEDED[home]), boards or Boards())


def _github(repository: str, token: str, _: Boards) -> Forge:
    from reconciler.web.github import GitHub

    return GitHub(os.environ.get("GITHUB_API_URL", "https://api.github.com"), repository, token)


def _gitlab(api: str, project: str, token: str, _: Boards) -> Forge:
    """Return the project that the merge request goes to, which may be of a fork."""
    from reconciler.web.gitlab import GitLab

    return GitLab(api, os.environ.get("CI_MERGE_REQUEST_PROJECT_ID", project), token)


def _azure_devops(collection: str, project: str, token: str, boards: Boards) -> Forge:
    from reconciler.web.azure_devops import AzureDevOps

    here = os.environ.get("BUILD_REPOSITORY_PROVIDER", "TfsGit") == "TfsGit"
    repository = os.environ.get("BUILD_REPOSITORY_ID", "") if here else ""
    return AzureDevOps(collection, project, token, repository, boards)


_DOORS: Mapping[Home, Callable[..., Forge]] = {
    Home.GITHUB: _github,
    Home.GITLAB: _gitlab,
    Home.AZURE_DEVOPS: _azure_devops,
}


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of a pipeline is about."""

    pull: int
    """The number of the pull request."""
    commit: str = ""
    """What was checked out, and so planned; empty if nobody knows."""


def run_of(home: Home, number: int | None) -> Run:
    """Return the pull request that is meant, and what was planned of it.

    GitHub and Azure DevOps check out a merge of it with its base, GitLab its own last commit or
    such a merge. Which commits of the base a plan knows, only that commit tells.

    Args:
        home: where the pipeline runs.
        number: the one that was named, None for that of the run.

    Raises:
        UsageError: none was named, and the run is for none.

    """
    found = _run_of(home, os.environ)
    if number is not None:
        return found if found is not None and found.pull == number else Run(number)
    if found is None:
        raise UsageError("this run is for no pull request", "say --pull-request NUMBER")
    return found


def _run_of(home: Home, environ: Mapping[str, str]) -> Run | None:
    """Return what the pipeline says, None if it runs for no pull request."""
    number = _number_in_event(environ) if home is Home.GITHUB else environ.get(NUMBERS[home], "")
    return Run(int(number), environ.get(COMMITS[home], "")) if number.isdecimal() else None


def _number_in_event(environ: Mapping[str, str]) -> str:
    """Return the number that GitHub tells in a file, empty if there is none."""
    try:
        event = json.loads(Path(environ.get("GITHUB_EVENT_PATH", "")).read_text("utf-8"))
        return str(event["pull_request"]["number"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
