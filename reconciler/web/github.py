"""The REST API of GitHub: comments of pull requests and issues, and nothing else.

https://docs.github.com/rest/issues
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from reconciler.model.errors import UnavailableError
from reconciler.model.forge import Act, Comment, Issue, Pull
from reconciler.model.value import Json, as_object
from reconciler.web.client import WebClient

API_VERSION = "2022-11-28"
REASONS = {"closed": "completed", "duplicate": "not_planned"}


class GitHub:
    """One repository. Implements `reconciler.engine.ports.Forge`."""

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
        self._client = WebClient("GitHub", api.rstrip("/"), headers)
        self._root = f"/repos/{quote(repository)}"

    def pull(self, number: int) -> Pull:
        """Return a pull request."""
        return _pull(self._get(f"/pulls/{number}"))

    def pulls(self) -> list[Pull]:
        """Return all open pull requests."""
        return [_pull(one) for one in self._all("/pulls?state=open&per_page=100")]

    def tip(self, branch: str) -> str:
        """Return the commit that a branch is at."""
        found = self._get(f"/branches/{quote(branch, safe='')}")
        return str(as_object(as_object(found).get("commit", None)).get("sha", ""))

    def comments(self, number: int) -> list[Comment]:
        """Return all comments of a pull request or an issue."""
        return [
            Comment(_number(one, "id"), _author(one), str(one.get("body") or ""))
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
        return [_issue(one) for one in self._all(path) if "pull_request" not in one]

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

    def _get(self, path: str) -> Json:
        return self._client.send("GET", f"{self._root}{path}").body

    def _all(self, path: str) -> Iterator[Mapping[str, Json]]:
        """Yield the entries of a list, all pages or none."""
        url, seen = f"{self._root}{path}", set[str]()
        found: list[Mapping[str, Json]] = []
        while url and url not in seen:
            seen.add(url)
            answer = self._client.send("GET", url)
            if not isinstance(answer.body, list):
                raise UnavailableError("GitHub answered with something that is no list")
            found += [as_object(one) for one in answer.body]
            url = answer.next
        yield from found


def _pull(value: Json) -> Pull:
    body = as_object(value)
    head, base = as_object(body.get("head")), as_object(body.get("base"))
    return Pull(_number(body, "number"), str(head.get("sha", "")), str(base.get("ref", "")))


def _issue(body: Mapping[str, Json]) -> Issue:
    labels = body.get("labels")
    named = labels if isinstance(labels, list) else []
    return Issue(
        _number(body, "number"),
        _author(body),
        str(body.get("body") or ""),
        body.get("state") == "open",
        str(body.get("closed_at") or ""),
        frozenset(str(as_object(label).get("name", label)) for label in named),
    )


def _author(body: Mapping[str, Json]) -> str:
    return str(as_object(body.get("user")).get("login", ""))


def _number(body: Mapping[str, Json], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int):
        raise UnavailableError(f"GitHub answered with an entry without `{name}`")
    return value
