"""What the home of a repository keeps: comments of pull requests, and issues.

The words are GitHub's. A pull request is a merge request on GitLab, an issue a work item in Azure
Boards, and a label a tag there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Home(StrEnum):
    """Where a repository is at home."""

    GITHUB = "github"
    GITLAB = "gitlab"
    AZURE_DEVOPS = "azure-devops"


LONGEST: Mapping[Home, int] = {
    Home.GITHUB: 65_536,
    Home.GITLAB: 1_000_000,
    Home.AZURE_DEVOPS: 150_000,
}
"""Characters of a comment, from what each says of one that is longer.

https://github.com/telia-oss/github-pr-resource/issues/259
https://docs.gitlab.com/api/notes/
https://github.com/runatlantis/atlantis/pull/1585
"""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of a pull request."""

    id: int
    author: str
    body: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue."""

    number: int
    author: str
    body: str
    is_open: bool
    closed_at: str = ""
    """The moment in UTC, empty for one that is open."""
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pull:
    """An open pull request."""

    number: int
    head: str
    """The commit that is to be merged."""
    base: str
    """The name of the branch that it goes to."""


@dataclass(frozen=True, slots=True)
class Boards:
    """How issues are kept in Azure Boards; what is empty is asked of the project."""

    type: str = ""
    """The type of the work items."""
    open: str = ""
    """The state of one that is opened again."""
    closed: str = ""
    """The state of one that is closed."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do to a comment or an issue."""

    number: int = 0
    """Which one; 0 for a new one."""
    title: str = ""
    body: str = ""
    """Its new text, empty for the old one."""
    comment: str = ""
    """Said below an issue, empty for nothing."""
    state: str = ""
    """``open``, ``closed``, ``duplicate`` or ``deleted``; empty for the old one.

    Only Azure DevOps has comments that are open: their thread waits for an answer.
    """
