"""The REST API of GitLab: notes of merge requests and issues, and nothing else.

https://docs.gitlab.com/api/rest/
https://docs.gitlab.com/api/notes/
https://docs.gitlab.com/api/issues/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from reconciler.engine.clock import in_utc
from reconciler.model.forge import Act, Comment, Home, Issue, Pull
from reconciler.model.value import Json, as_object
from reconciler.web.client import WebClient

REFUSED = (
    "GITLAB_TOKEN has to be an access token of this project with the scope `api` and the role"
    " Reporter; the token of a job cannot write comments or issues"
)
"""https://docs.gitlab.com/ci/jobs/ci_job_token/#job-token-access has the list of what it can."""
GHOST = "ghost"
"""Whom GitLab names as the author of what a user wrote who was deleted.
https://docs.gitlab.com/user/profile/account/delete_account/#associated-records
"""


class GitLab:
    """One project. Implements `reconciler.engine.ports.Forge`."""

    home = Home.GITLAB

    def __init__(self, api: str, project: str, token: str) -> None:
        """Send nothing yet.

        Args:
            api: the address of the API, such as ``https://gitlab.com/api/v4``.
            project: its number, or its path with namespace.
            token: may write comments and issues.

        """
        headers = {"PRIVATE-TOKEN": token, "User-Agent": "acs-reconciler"}
        self._client = WebClient("GitLab", api.rstrip("/"), headers, secret=token, refused=REFUSED)
        self._root = f"/projects/{quote(project, safe='')}"
        self._me = ""

    def whoami(self) -> str:
        """Return the user of the token: each access token of a project has one of its own.

        https://docs.gitlab.com/user/project/settings/project_access_tokens/#bot-users-for-projects
        """
        self._me = self._client.text(as_object(self._client.send("GET", "/user").body), "username")
        return self._me

    def pull(self, number: int) -> Pull:
        """Return a merge request."""
        return self._pull(self._get(f"/merge_requests/{number}"))

    def pulls(self) -> list[Pull]:
        """Return all open merge requests."""
        return [self._pull(one) for one in self._all("/merge_requests", state="opened")]

    def tip(self, branch: str) -> str:
        """Return the commit that a branch is at."""
        found = self._get(f"/repository/branches/{quote(branch, safe='')}")
        return self._client.text(as_object(found.get("commit")), "id")

    def fork_point(self, branch: str, commit: str) -> str:
        """Return the last commit of a branch that a commit contains, empty if it is not known.

        https://docs.gitlab.com/api/repositories/#merge-base
        """
        refs = urlencode([("refs[]", branch), ("refs[]", commit)])
        found = self._client.find(f"{self._root}/repository/merge_base?{refs}")
        return str(as_object(found).get("id", ""))

    def comments(self, number: int) -> list[Comment]:
        """Return the notes of a merge request that somebody wrote."""
        return [
            Comment(self._client.number(one, "id"), _author(one), str(one.get("body") or ""))
            for one in self._all(f"/merge_requests/{number}/notes", sort="asc")
            if one.get("system") is not True
        ]

    def comment(self, number: int, act: Act) -> None:
        """Write, change or delete one note of a merge request."""
        path = f"{self._root}/merge_requests/{number}/notes"
        if not act.number:
            self._client.send("POST", path, {"body": act.body})
        elif act.state == "deleted":
            self._client.send("DELETE", f"{path}/{act.number}")
        else:
            self._client.send("PUT", f"{path}/{act.number}", {"body": act.body})

    def issues(self, label: str) -> list[Issue]:
        """Return the issues with a label, open and closed.

        Those of an earlier token of the project are ours, too, and may be changed by any Reporter;
        GitLab gives them to a ghost when that token is revoked. A note only its author may change.
        https://gitlab.com/gitlab-org/gitlab/-/merge_requests/156929
        """
        return [self._issue(one) for one in self._all("/issues", labels=label, state="all")]

    def issue(self, act: Act, label: str) -> None:
        """Open an issue, or change one: its text and state, then what is said below it."""
        if not act.number:
            new: Json = {"title": act.title, "description": act.body, "labels": label}
            self._client.send("POST", f"{self._root}/issues", new)
            return
        path = f"{self._root}/issues/{act.number}"
        change: dict[str, Json] = {"description": act.body} if act.body else {}
        if act.state:
            change["state_event"] = "reopen" if act.state == "open" else "close"
        self._client.send("PUT", path, change)
        if act.comment:
            self._client.send("POST", f"{path}/notes", {"body": act.comment})

    def _get(self, path: str) -> Mapping[str, Json]:
        return as_object(self._client.send("GET", f"{self._root}{path}").body)

    def _all(self, path: str, **query: str) -> list[Mapping[str, Json]]:
        return self._client.pages(f"{self._root}{path}?{urlencode({**query, 'per_page': 100})}")

    def _pull(self, body: Mapping[str, Json]) -> Pull:
        number = self._client.number(body, "iid")
        return Pull(number, str(body.get("sha") or ""), str(body.get("target_branch", "")))

    def _issue(self, body: Mapping[str, Json]) -> Issue:
        labels, author = body.get("labels"), _author(body)
        mine = _project_bot(self._me)
        ours = bool(mine) and (author == GHOST or _project_bot(author) == mine)
        return Issue(
            self._client.number(body, "iid"),
            self._me if ours else author,
            str(body.get("description") or ""),
            body.get("state") == "opened",
            in_utc(str(body.get("closed_at") or "")),
            frozenset(map(str, labels)) if isinstance(labels, list) else frozenset(),
        )


def _author(body: Mapping[str, Json]) -> str:
    return str(as_object(body.get("author")).get("username", ""))


def _project_bot(user: str) -> str:
    """Return what the users of all tokens of a project begin with, empty for another user."""
    found = re.match(r"project_\d+_bot", user)
    return found[0] if found else ""
