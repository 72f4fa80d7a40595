"""As much of GitHub's REST API as the keepers use, with its pages, its clock and its habits."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from reconciler.engine.clock import moment
from tests.web.services import Reply

BOT = "github-actions[bot]"
PAGE = 3
"""Entries on a page: small, so that each test sees several."""


@dataclass
class FakeGitHub:
    """One repository, ``o/r``."""

    url: str
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    tips: dict[str, str] = field(default_factory=lambda: {"main": "base-1"})
    next: int = 1
    writes: list[tuple[str, str, Any]] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None
    """What another run does just before the next POST is answered."""

    def pull(self, head: str = "head-1") -> int:
        """Open a pull request."""
        number = self.open("Change", "please", author="ann")
        self.issues[number] |= {
            "pull_request": {},
            "head": {"sha": head},
            "base": {"ref": "main", "sha": "old"},
        }
        return number

    def open(self, title: str, body: str, author: str = BOT, labels: tuple[str, ...] = ()) -> int:
        """Open an issue."""
        number, self.next = self.next, self.next + 1
        self.issues[number] = {
            "number": number,
            "title": title,
            "body": body,
            "state": "open",
            "closed_at": None,
            "user": {"login": author},
            "labels": [{"name": label} for label in labels],
        }
        return number

    def close(self, number: int, at: str | None = None) -> None:
        """Close an issue as a person does."""
        self.issues[number] |= {"state": "closed", "closed_at": at or moment()}

    def say(self, number: int, body: str, author: str = BOT) -> int:
        """Write a comment."""
        id_, self.next = self.next, self.next + 1
        self.comments[id_] = {"id": id_, "body": body, "user": {"login": author}, "issue": number}
        return id_

    def said(self, number: int, author: str = BOT) -> list[str]:
        """Return what somebody has said below an issue or a pull request."""
        found = self.comments.values()
        return [c["body"] for c in found if c["issue"] == number and c["user"]["login"] == author]

    def drift_issues(self, state: str = "open") -> list[dict[str, Any]]:
        """Return our issues."""
        return [
            issue
            for issue in self.issues.values()
            if issue["state"] == state and {"name": "reconciler-drift"} in issue["labels"]
        ]

    def answer(self, method: str, path: str, body: Any) -> Reply:
        """Answer one request."""
        parts = urlsplit(path)
        if method != "GET":
            self.writes.append((method, parts.path, body))
        if method == "POST" and self.meanwhile:
            act, self.meanwhile = self.meanwhile, None
            act()
        text = (body or {}).get("body")
        if isinstance(text, str) and len(text) > 65_536:
            return Reply(422, {"message": "body is too long (maximum is 65536 characters)"})
        for pattern, handler in ROUTES.items():
            verb, _, route = pattern.partition(" ")
            found = re.fullmatch(f"/repos/o/r{route}", parts.path)
            if found and verb == method:
                result = handler(self, body, parse_qs(parts.query), *found.groups())
                return self._page(result, path) if isinstance(result, list) else result
        return Reply(404, {"message": "Not Found"})

    def _page(self, entries: list[dict[str, Any]], path: str) -> Reply:
        parts = urlsplit(path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        number = int(query.pop("page", "1"))
        headers = {}
        if number * PAGE < len(entries):
            query["page"] = str(number + 1)
            following = "&".join(f"{key}={value}" for key, value in query.items())
            headers["Link"] = f'<{self.url}{parts.path}?{following}>; rel="next"'
        return Reply(200, entries[(number - 1) * PAGE : number * PAGE], headers)


def _list_issues(hub: FakeGitHub, _: Any, query: dict[str, list[str]]) -> list[dict[str, Any]]:
    label = query.get("labels", [""])[0]
    state = query.get("state", ["open"])[0]
    return [
        issue
        for issue in sorted(hub.issues.values(), key=lambda issue: -issue["number"])
        if (not label or {"name": label} in issue["labels"]) and state in ("all", issue["state"])
    ]


def _open(hub: FakeGitHub, body: Any, _: Any) -> Reply:
    number = hub.open(body["title"], body["body"], labels=tuple(body["labels"]))
    return Reply(201, hub.issues[number])


def _edit(hub: FakeGitHub, body: Any, _: Any, number: str) -> Reply:
    issue = hub.issues.get(int(number))
    if issue is None:
        return Reply(404, {"message": "Not Found"})
    issue |= body
    if "state" in body:
        issue["closed_at"] = moment() if body["state"] == "closed" else None
    return Reply(200, issue)


def _edit_comment(hub: FakeGitHub, body: Any, _: Any, number: str) -> Reply:
    hub.comments[int(number)] |= body
    return Reply(200, hub.comments[int(number)])


def _delete_comment(hub: FakeGitHub, _: Any, __: Any, number: str) -> Reply:
    del hub.comments[int(number)]
    return Reply(204)


def _list_comments(hub: FakeGitHub, _: Any, __: Any, number: str) -> list[dict[str, Any]]:
    return [c for c in hub.comments.values() if c["issue"] == int(number)]


def _say(hub: FakeGitHub, body: Any, _: Any, number: str) -> Reply:
    return Reply(201, hub.comments[hub.say(int(number), body["body"])])


ROUTES: dict[str, Callable[..., Any]] = {
    "GET /issues": _list_issues,
    "POST /issues": _open,
    r"PATCH /issues/(\d+)": _edit,
    r"GET /issues/(\d+)/comments": _list_comments,
    r"POST /issues/(\d+)/comments": _say,
    r"PATCH /issues/comments/(\d+)": _edit_comment,
    r"DELETE /issues/comments/(\d+)": _delete_comment,
    r"GET /pulls/(\d+)": lambda hub, _, __, number: Reply(200, hub.issues[int(number)]),
    "GET /pulls": lambda hub, _, __: [
        issue
        for issue in hub.issues.values()
        if "pull_request" in issue and issue["state"] == "open"
    ],
    r"GET /branches/(\w+)": lambda hub, _, __, name: Reply(
        200, {"name": name, "commit": {"sha": hub.tips[name]}}
    ),
}
