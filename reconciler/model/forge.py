"""What the home of a repository keeps: comments of pull requests, and issues."""

from __future__ import annotations

from dataclasses import dataclass


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
    """``open``, ``closed``, ``duplicate`` or ``deleted``; empty for the old one."""
