"""The REST API of GitHub: comments of pull requests and issues, and nothing else.

https://docs.github.com/rest/issues
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from reconciler.engine.clock import in_utc
from reconciler.model.forge import Act, Comment, Home, Issue, Pull
from reconciler.model.value import Json, as_object
from reconciler.web.client import WebClient

API_VERSION = "2022-11-28"
REASONS = {"closed": "completed", "duplicate": "not_planned"}
BOT = "github-actions[bot]"
"""Who writes with the token of a workflow, which may not ask who it is.
https://docs.github.com/rest/users/users#get-the-authenticated-user
"""
REFUSED = (
    "the job needs `permissions:` with contents: read, and pull-requests: write for comments or"
    " issues: write for issues"
)


class GitHub:
    """One repository. Implements `reconciler.engine.ports.Forge`."""

    home = Home.GITHUB

    def __init__(self, api: str, repository: str, token: str) -> None:
        """Send nothing yet.

        Args:
            api: the address of the API, such as ``https://api.github.com``.
            repository: ``owner/name``.
            token: may write comments and issues.

        """
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": API_VERSION,
            "User-Agent": "acs-reconciler",
        }
        self._client = WebClient("GitHub", api.rstrip("/"), headers, secret=token, refused=REFUSED)
        self._root = f"/repos/{quote(repository)}"

    def whoami(self) -> str:
        """Return the author of what a workflow writes."""
        return BOT

    def pull(self, number: int) -> Pull:
        """Return a pull request."""
        return self._pull(self._get(f"/pulls/{number}"))

    def pulls(self) -> list[Pull]:
        """Return all open pull requests."""
        return [self._pull(one) for one in self._all("/pulls?state=open&per_page=100")]

    def tip(self, branch: str) -> str:
        """Return the commit that a branch is at."""
        found = self._get(f"/branches/{quote(branch, safe='')}")
        return self._client.text(as_object(found.get("commit")), "sha")

    def fork_point(self, branch: str, commit: str) -> str:
        """Return the last commit of a branch that a commit contains, empty if it is not known.

        https://docs.github.com/rest/commits/commits#compare-two-commits
        """
        span = f"{quote(branch, safe='')}...{quote(commit, safe='')}"
        found = as_object(self._client.find(f"{self._root}/compare/{span}?per_page=1"))
        return str(as_object(found.get("merge_base_commit")).get("sha", ""))

    def comments(self, number: int) -> list[Comment]:
        """Return all comments of a pull request or an issue."""
        return [
            Comment(self._client.number(one, "id"), _author(one), str(one.get("body") or ""))
            for one in self._all(f"/issues/{number}/comments?per_page=100")
        ]

    def comment(self, number: int, act: Act) -> None:
        """Write, change or delete one comment of a pull request."""
        if not act.number:
            self._client.send("POST", f"{self._root}/issues/{number}/comments", {"body": act.body})
        elif act.state == "deleted":
            self._client.send("DELETE", f"{self._root}/issues/comments/{act.number}")
        else:
            path = f"{self._root}/issues/comments/{act.number}"
            self._client.send("PATCH", path, {"body": act.body})

    def issues(self, label: str) -> list[Issue]:
        """Return the issues with a label, open and closed; pull requests are none."""
        path = f"/issues?state=all&labels={quote(label)}&per_page=100"
        return [self._issue(one) for one in self._all(path) if "pull_request" not in one]

    def issue(self, act: Act, label: str) -> None:
        """Open an issue, or change one: its text, then its state, then what is said below it."""
        if not act.number:
            new: Json = {"title": act.title, "body": act.body, "labels": [label]}
            self._client.send("POST", f"{self._root}/issues", new)
            return
        path = f"{self._root}/issues/{act.number}"
        change: dict[str, Json] = {"body": act.body} if act.body else {}
        if act.state == "open":
            change["state"] = "open"
        elif act.state:
            change |= {"state": "closed", "state_reason": REASONS[act.state]}
        self._client.send("PATCH", path, change)
        if act.comment:
            self._client.send("POST", f"{path}/comments", {"body": act.comment})

    def _get(self, path: str) -> Mapping[str, Json]:
        return as_object(self._client.send("GET", f"{self._root}{path}").body)

    def _all(self, path: str) -> list[Mapping[str, Json]]:
        return self._client.pages(f"{self._root}{path}")

    def _pull(self, body: Mapping[str, Json]) -> Pull:
        head, base = as_object(body.get("head")), as_object(body.get("base"))
        number = self._client.number(body, "number")
        return Pull(number, str(head.get("sha", "")), str(base.get("ref", "")))

    def _issue(self, body: Mapping[str, Json]) -> Issue:
        labels = body.get("labels")
        named = labels if isinstance(labels, list) else []
        return Issue(
            self._client.number(body, "number"),
            _author(body),
            str(body.get("body") or ""),
            body.get("state") == "open",
            in_utc(str(body.get("closed_at") or "")),
            frozenset(str(as_object(label).get("name", label)) for label in named),
        )


def _author(body: Mapping[str, Json]) -> str:
    return str(as_object(body.get("user")).get("login", ""))
