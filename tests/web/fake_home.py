"""What the fakes of GitHub, GitLab and Azure DevOps have in common: what they keep, and trouble.

Each of them adds what its own wire looks like; a test that holds for all of them asks only this.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from reconciler.engine.clock import moment
from tests.web.services import Reply, Service

TOKEN = "a-token-of-the-tests"
PAGE = 3
"""Entries on a page: small, so that each test sees several."""


@dataclass
class Said:
    """A comment of a pull request, or one below an issue."""

    id: int
    on: int
    author: str
    body: str
    status: str = ""
    """Of a thread of Azure DevOps."""


@dataclass
class Entry:
    """An issue, or a work item."""

    number: int
    title: str
    body: str
    author: str
    labels: set[str] = field(default_factory=set)
    is_open: bool = True
    closed_at: str | None = None
    reason: str = ""
    """Why it was closed, where that can be said."""
    more: dict[str, Any] = field(default_factory=dict)
    """What only one home has of it."""


@dataclass
class Proposed:
    """A pull request."""

    number: int
    head: str
    base: str = "main"
    is_open: bool = True


@dataclass
class Trouble:
    """Answers that are not what was hoped for."""

    method: str
    path: str
    reply: Reply
    times: int = 1
    carried_out: bool = False
    """Whether the request was carried out all the same, and only its answer was lost."""


@dataclass
class FakeHome(ABC):
    """One repository with its pull requests and issues."""

    service: Service
    issues: dict[int, Entry] = field(default_factory=dict)
    comments: dict[int, Said] = field(default_factory=dict)
    """Of pull requests."""
    below: dict[int, Said] = field(default_factory=dict)
    """Of issues."""
    pulls: dict[int, Proposed] = field(default_factory=dict)
    tips: dict[str, str] = field(default_factory=lambda: {"main": "base-1"})
    knows: dict[str, str] = field(default_factory=dict)
    """The last commit of the base that a commit contains, if that is not the first one."""
    next: int = 1
    writes: list[tuple[str, str, Any]] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None
    """What another run does just before something new is written."""
    troubles: list[Trouble] = field(default_factory=list)
    token: str = TOKEN
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the request that is answered."""

    name = ""
    me = ""
    """The author of what is written with the token."""
    longest = 0
    environ: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Answer for the service."""
        self.service.answer = self.answer
        self.environ = self.variables(self.service.url)

    @abstractmethod
    def variables(self, url: str) -> Mapping[str, str]:
        """Return what a pipeline of this home sets."""

    @abstractmethod
    def respond(self, method: str, path: str, query: dict[str, str], body: Any) -> Reply:
        """Answer a request that may be made and meets no trouble."""

    @abstractmethod
    def is_allowed(self, headers: Mapping[str, str]) -> bool:
        """Whether a request bears the token in the way of this home."""

    @abstractmethod
    def refusal(self, status: int) -> Reply:
        """Return how this home refuses."""

    @abstractmethod
    def is_new(self, method: str, path: str) -> bool:
        """Whether a request writes a comment or an issue that was not there."""

    @abstractmethod
    def run_for(self, number: int, commit: str) -> Mapping[str, str]:
        """Return what a pipeline sets that runs for a pull request; GitHub writes a file."""

    def number(self) -> int:
        """Return a number that nothing has yet."""
        found, self.next = self.next, self.next + 1
        return found

    def pull(self, head: str = "head-1") -> int:
        """Open a pull request."""
        number = self.number()
        self.pulls[number] = Proposed(number, head)
        return number

    def merge(self, number: int) -> None:
        """Merge a pull request: it is open no longer."""
        self.pulls[number].is_open = False

    def open(self, title: str, body: str, author: str = "", labels: tuple[str, ...] = ()) -> int:
        """Open an issue."""
        number = self.number()
        self.issues[number] = Entry(number, title, body, author or self.me, set(labels))
        return number

    def close(self, number: int, at: str | None = None) -> None:
        """Close an issue as a person does."""
        self.issues[number].is_open = False
        self.issues[number].closed_at = at or moment()

    def say(self, number: int, body: str, author: str = "", status: str = "") -> int:
        """Write a comment on a pull request."""
        id_ = self.number()
        self.comments[id_] = Said(id_, number, author or self.me, body, status)
        return id_

    def add(self, number: int, body: str) -> Said:
        """Say something below an issue."""
        id_ = self.number()
        self.below[id_] = Said(id_, number, self.me, body)
        return self.below[id_]

    def said(self, number: int, author: str = "") -> list[str]:
        """Return what somebody has said on a pull request."""
        found = self.comments.values()
        return [c.body for c in found if (c.on, c.author) == (number, author or self.me)]

    def told(self, number: int) -> list[str]:
        """Return what was said below an issue."""
        return [comment.body for comment in self.below.values() if comment.on == number]

    @property
    def active(self) -> list[Proposed]:
        """The pull requests that are open."""
        return [pull for pull in self.pulls.values() if pull.is_open]

    def quoted(self, body: str) -> str:
        """Return what somebody writes who quotes an issue."""
        return f"> {body}\n\nMe too."

    def drift(self, *, is_open: bool = True) -> list[Entry]:
        """Return the issues with our label."""
        found = self.issues.values()
        return [i for i in found if i.is_open is is_open and "reconciler-drift" in i.labels]

    def trouble(self, method: str, path: str, status: int, **more: Any) -> None:
        """Answer the next request to a path like this with a status."""
        headers = more.pop("headers", {})
        reply = Reply(status, {"message": f"told of {self.token}"}, headers)
        self.troubles.append(Trouble(method, path, reply, **more))

    def answer(self, method: str, path: str, body: Any) -> Reply:
        """Answer one request."""
        parts = urlsplit(path)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        trouble = self._trouble(method, parts.path)
        if trouble is not None and not trouble.carried_out:
            return trouble.reply
        headers = self.service.headers[-1]
        if not self.is_allowed(headers):
            return self.refusal(401)
        if method != "GET" and not parts.path.endswith("/wiql"):
            self.writes.append((method, parts.path, body))
        if self.meanwhile and self.is_new(method, parts.path):
            act, self.meanwhile = self.meanwhile, None
            act()
        self.headers = headers
        reply = self.respond(method, parts.path, query, body)
        return reply if trouble is None else trouble.reply

    def _trouble(self, method: str, path: str) -> Trouble | None:
        for trouble in self.troubles:
            if trouble.times and trouble.method == method and re.search(trouble.path, path):
                trouble.times -= 1
                return trouble
        return None

    def linked(self, found: list[Any], path: str, query: dict[str, str]) -> Reply:
        """Return a page of a list, with the address of the next one in its headers."""
        number = int(query.get("page", "1"))
        headers = {}
        if number * PAGE < len(found):
            more = "&".join(f"{k}={v}" for k, v in {**query, "page": str(number + 1)}.items())
            headers["Link"] = f'<{self.service.url}{path}?{more}>; rel="next"'
        return Reply(200, found[(number - 1) * PAGE : number * PAGE], headers)
