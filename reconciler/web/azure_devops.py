"""The REST API of Azure DevOps: threads of pull requests, and work items through `WorkItems`.

https://learn.microsoft.com/rest/api/azure/devops/git/pull-request-threads
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlencode

from reconciler.model.errors import UsageError
from reconciler.model.forge import Act, Boards, Comment, Home, Issue, Pull
from reconciler.model.value import Json, as_object, entries
from reconciler.web.azure_boards import WorkItems
from reconciler.web.azure_marker import hidden, shown
from reconciler.web.client import WebClient

API_VERSION = "7.1"
PAGE = 100
REFUSED = (
    "map SYSTEM_ACCESSTOKEN: $(System.AccessToken), and give the build service of the project"
    " *Contribute to pull requests* for comments, *Edit work items in this node* for issues"
)
"""https://learn.microsoft.com/azure/devops/pipelines/process/access-tokens"""
ALERTS = {"[!NOTE]": "**Note**", "[!WARNING]": "**Warning**", "[!CAUTION]": "**Caution**"}
"""GitHub's alerts, and what is written instead: the guidance for Markdown of Azure DevOps has none.
https://learn.microsoft.com/azure/devops/project/wiki/markdown-guidance
"""


class AzureDevOps:
    """One project with one repository. Implements `reconciler.engine.ports.Forge`."""

    home = Home.AZURE_DEVOPS

    def __init__(
        self, collection: str, project: str, token: str, repository: str, boards: Boards
    ) -> None:
        """Send nothing yet.

        Args:
            collection: the address of the organization, such as ``https://dev.azure.com/contoso/``.
            project: its name.
            token: the access token of a job.
            repository: its id; empty if only issues are kept.
            boards: how issues are kept.

        """
        headers = {"Authorization": f"Bearer {token}", "User-Agent": "acs-reconciler"}
        self._client = WebClient(
            "Azure DevOps", collection.rstrip("/"), headers, secret=token, refused=REFUSED
        )
        root = f"/{quote(project, safe='')}/_apis"
        path = f"{root}/git/repositories/{quote(repository, safe='')}"
        self._repository = path if repository else ""
        self._items = WorkItems(self._client, f"{root}/wit", boards)
        self._first: dict[int, int] = {}
        """The first comment of each thread that was read."""

    def whoami(self) -> str:
        """Return the id of the identity that the token stands for.

        https://learn.microsoft.com/javascript/api/azure-devops-extension-api/connectiondata
        """
        found = self._client.send("GET", "/_apis/connectionData?api-version=7.1-preview").body
        user = as_object(as_object(found).get("authenticatedUser"))
        return self._client.text(user, "id").lower()

    def pull(self, number: int) -> Pull:
        """Return a pull request."""
        return self._pull(self._get(f"/pullrequests/{number}"))

    def pulls(self) -> list[Pull]:
        """Return all active pull requests."""
        return [self._pull(one) for one in self._pages("/pullrequests")]

    def tip(self, branch: str) -> str:
        """Return the commit that a branch is at.

        https://learn.microsoft.com/rest/api/azure/devops/git/commits/get-commits
        """
        version = {
            "searchCriteria.itemVersion.version": branch,
            "searchCriteria.itemVersion.versionType": "branch",
            "searchCriteria.$top": "1",
        }
        found = self._client.listed(self._get("/commits", **version), "value")
        return self._client.text(found[0] if found else {}, "commitId")

    def fork_point(self, branch: str, commit: str) -> str:
        """Return the last commit of a branch that a commit contains, empty if it is not known.

        https://learn.microsoft.com/rest/api/azure/devops/git/merge-bases/list
        """
        path = f"/commits/{quote(commit, safe='')}/mergebases"
        found = self._client.find(self._address(path, otherCommitId=self.tip(branch)))
        bases = entries(as_object(found).get("value"))
        return str(bases[0].get("commitId", "")) if bases else ""

    def comments(self, number: int) -> list[Comment]:
        """Return the first comment of each thread, known by the number of the thread."""
        found = []
        threads = self._get(f"/pullrequests/{number}/threads")
        for thread in self._client.listed(threads, "value"):
            said = entries(thread.get("comments"))
            if not said or True in (thread.get("isDeleted"), said[0].get("isDeleted")):
                continue
            id_ = self._client.number(thread, "id")
            self._first[id_] = self._client.number(said[0], "id")
            author = str(as_object(said[0].get("author")).get("id", "")).lower()
            found.append(Comment(id_, author, _github(str(said[0].get("content") or ""))))
        return found

    def comment(self, number: int, act: Act) -> None:
        """Begin a thread, change or delete its first comment, and set whether it waits.

        A thread waits for nothing unless that is said.
        """
        threads = f"/pullrequests/{number}/threads"
        status = {"open": "active", "closed": "closed"}.get(act.state, "")
        if not act.number:
            said: Json = {"parentCommentId": 0, "content": _azure(act.body), "commentType": "text"}
            self._send("POST", threads, {"comments": [said], "status": status or "closed"})
            return
        path = f"{threads}/{act.number}/comments/{self._first.get(act.number, 1)}"
        if act.state == "deleted":
            self._send("DELETE", path)
            return
        self._send("PATCH", path, {"content": _azure(act.body)})
        if status:
            self._send("PATCH", f"{threads}/{act.number}", {"status": status})

    def issues(self, label: str) -> list[Issue]:
        """Return the work items with a tag, open and closed."""
        return self._items.tagged(label)

    def issue(self, act: Act, label: str) -> None:
        """Create a work item, or change one."""
        if act.number:
            self._items.change(act)
        else:
            self._items.create(act, label)

    @property
    def _git(self) -> str:
        """The path of the repository.

        Raises:
            UsageError: it is at home elsewhere, with its pull requests.

        """
        if not self._repository:
            mend = "say --on github, with GITHUB_REPOSITORY and GITHUB_TOKEN, if it is there"
            raise UsageError("the repository of this pipeline is not in Azure Repos", mend)
        return self._repository

    def _address(self, path: str, **query: str) -> str:
        return f"{self._git}{path}?{urlencode({**query, 'api-version': API_VERSION})}"

    def _get(self, path: str, **query: str) -> Mapping[str, Json]:
        return as_object(self._client.send("GET", self._address(path, **query)).body)

    def _send(self, method: str, path: str, body: Json = None) -> None:
        self._client.send(method, self._address(path), body)

    def _pages(self, path: str) -> Iterator[Mapping[str, Json]]:
        """Yield the entries of a list that is read by number: all pages or none."""
        found: list[Mapping[str, Json]] = []
        while True:
            page = {"$top": str(PAGE), "$skip": str(len(found))}
            body = self._get(path, **page, **{"searchCriteria.status": "active"})
            more = self._client.listed(body, "value")
            if not more:
                break
            found += more
        yield from found

    def _pull(self, body: Mapping[str, Json]) -> Pull:
        number = self._client.number(body, "pullRequestId")
        head = as_object(body.get("lastMergeSourceCommit"))
        base = str(body.get("targetRefName", "")).removeprefix("refs/heads/")
        return Pull(number, str(head.get("commitId", "")), base)


def _azure(body: str) -> str:
    """Return a comment of ours as Azure DevOps shows it.

    The marker is the definition of a link that nothing uses, so it is not shown.
    https://spec.commonmark.org/0.31.2/#link-reference-definitions
    """
    marker, _, text = body.partition("\n")
    for alert, words in ALERTS.items():
        text = re.sub(rf"^> {re.escape(alert)}$", f"> {words}", text, flags=re.MULTILINE)
    return f"[//]: # ({hidden(marker)})\n\n{text}"


def _github(content: str) -> str:
    """Return a comment as `_azure` was given it; one that is not ours stays as it is."""
    first, _, text = content.replace("\r\n", "\n").partition("\n")
    found = re.fullmatch(r"\[//\]: # \((.+)\)", first)
    marker = shown(found[1]) if found else ""
    if not marker:
        return content
    for alert, words in ALERTS.items():
        text = re.sub(rf"^> {re.escape(words)}$", f"> {alert}", text, flags=re.MULTILINE)
    return marker + "\n" + text.removeprefix("\n")
