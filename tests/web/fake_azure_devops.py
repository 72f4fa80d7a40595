"""As much of Azure DevOps' REST API as the keepers use: threads, work items, and a page to sign in.

What it keeps of HTML is what a filter would leave: no comments. Its work items have the states of
one of the four processes, and count their revisions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from reconciler.engine.clock import moment
from tests.web.fake_home import PAGE, Entry, FakeHome, Proposed, Said
from tests.web.services import Reply

DESCRIPTION = "System.Description"
REPRO_STEPS = "Microsoft.VSTS.TCM.ReproSteps"
SIGN_IN = Reply(203, "<html>Azure DevOps Services | Sign In</html>")
PROCESSES: dict[str, Mapping[str, Mapping[str, str]]] = {
    "Basic": {
        "Epic": {"To Do": "Proposed", "Doing": "InProgress", "Done": "Completed"},
        "Issue": {"To Do": "Proposed", "Doing": "InProgress", "Done": "Completed"},
        "Task": {"To Do": "Proposed", "Doing": "InProgress", "Done": "Completed"},
    },
    "Scrum": {
        "Bug": {
            "New": "Proposed",
            "Approved": "Proposed",
            "Committed": "InProgress",
            "Done": "Completed",
            "Removed": "Removed",
        },
        "Task": {"To Do": "Proposed", "In Progress": "InProgress", "Done": "Completed"},
    },
    "Agile": {
        "Bug": {
            "New": "Proposed",
            "Active": "InProgress",
            "Resolved": "Resolved",
            "Closed": "Completed",
        },
        "Issue": {"Active": "InProgress", "Closed": "Completed"},
        "Task": {"New": "Proposed", "Active": "InProgress", "Closed": "Completed"},
    },
}
"""Work item types with their states and the categories of these.
https://learn.microsoft.com/azure/devops/boards/work-items/workflow-and-state-categories
"""


@dataclass
class FakeAzureDevOps(FakeHome):
    """One project, ``Mail Team``, with one repository, ``repo-1``."""

    process: str = "Basic"

    name = "azure-devops"
    me = "0f0e0d0c-0000-4000-8000-00000000beef"
    longest = 150_000

    def variables(self, url: str) -> Mapping[str, str]:
        """Return what a pipeline sets."""
        return {
            "TF_BUILD": "True",
            "SYSTEM_COLLECTIONURI": f"{url}/",
            "SYSTEM_TEAMPROJECT": "Mail Team",
            "SYSTEM_ACCESSTOKEN": self.token,
            "BUILD_REPOSITORY_ID": "repo-1",
            "BUILD_REPOSITORY_PROVIDER": "TfsGit",
        }

    def run_for(self, number: int, commit: str) -> Mapping[str, str]:
        """Return what is set for a pull request."""
        return {"SYSTEM_PULLREQUEST_PULLREQUESTID": str(number), "BUILD_SOURCEVERSION": commit}

    def is_allowed(self, headers: Mapping[str, str]) -> bool:
        """Whether the token is there."""
        return headers.get("Authorization") == f"Bearer {self.token}"

    def refusal(self, status: int) -> Reply:
        """Return the page to sign in, or what a right is missing for."""
        if status == 401:
            return SIGN_IN
        words = "TF401027: You need the Git 'PullRequestContribute' permission"
        return Reply(403, {"$id": "1", "message": words, "typeKey": "GitNeedsPermissionException"})

    def is_new(self, method: str, path: str) -> bool:
        """Whether a thread or a work item is written."""
        return method == "POST" and not path.endswith("/wiql")

    def close(self, number: int, at: str | None = None) -> None:
        """Close a work item as a person does."""
        super().close(number, at)
        self.put(number, state=self._states(number, "Completed")[0])

    def quoted(self, body: str) -> str:
        """Return a quotation in HTML."""
        return f"<blockquote>{body}</blockquote><div>Me too.</div>"

    def put(self, number: int, *, state: str) -> None:
        """Put a work item into a state, as a person does."""
        entry = self.issues[number]
        entry.more |= {"state": state, "rev": entry.more.get("rev", 1) + 1}
        category = PROCESSES[self.process][self._type(entry)][state]
        entry.is_open = category in ("Proposed", "InProgress")
        if not entry.is_open:
            entry.closed_at = entry.closed_at or moment()

    def respond(self, method: str, path: str, query: dict[str, str], body: Any) -> Reply:
        """Answer a request; each has to say which version of the API it means."""
        if not query.get("api-version", "").startswith("7.1"):
            return Reply(400, {"message": "No api-version was supplied"})
        if path == "/_apis/connectionData":
            return Reply(200, {"authenticatedUser": {"id": self.me.upper()}})
        project, _, place = unquote(path).removeprefix("/").partition("/_apis/")
        if project != "Mail Team":
            return Reply(404, {"message": "TF200016: The following project does not exist"})
        if place.startswith("git/repositories/repo-1/"):
            parts = place.removeprefix("git/repositories/repo-1/").split("/")
            return self._git(method, parts, query, body)
        if place.startswith("wit/"):
            return self._wit(method, place.removeprefix("wit/").split("/"), query, body)
        return _missing("resource")

    def _git(self, method: str, parts: list[str], query: dict[str, str], body: Any) -> Reply:
        match method, parts:
            case "GET", ["pullrequests"]:
                begin = int(query["$skip"])
                found = [_pull(p) for p in self.active]
                return _values(found[begin : begin + min(PAGE, int(query["$top"]))])
            case "GET", ["pullrequests", number] if int(number) in self.pulls:
                return Reply(200, _pull(self.pulls[int(number)]))
            case _, ["pullrequests", number, "threads", *rest] if int(number) in self.pulls:
                return self._threads(method, int(number), rest, body)
            case "GET", ["commits"]:
                return _values(
                    [{"commitId": self.tips[query["searchCriteria.itemVersion.version"]]}]
                )
            case "GET", ["commits", commit, "mergebases"]:
                assert query["otherCommitId"] == self.tips["main"]
                return _values([{"commitId": self.knows.get(commit, "base-1")}])
        return _missing("pull request")

    def _threads(self, method: str, on: int, rest: list[str], body: Any) -> Reply:
        """Answer for the threads of a pull request; its own votes are among them."""
        text = ((body or {}).get("comments") or [body or {}])[0].get("content", "")
        if len(text) > self.longest:
            words = "A discussion comment cannot be longer than 150000 characters."
            return Reply(400, {"message": words})
        match method, rest:
            case "GET", []:
                found = [_thread(c) for c in self.comments.values() if c.on == on]
                return _values([*found, DELETED, {"id": 10_000, "comments": []}])
            case "POST", []:
                id_ = self.say(on, text, status=body.get("status", "active"))
                return Reply(200, _thread(self.comments[id_]))
            case _, [id_, *_] if int(id_) not in self.comments:
                return _missing("comment thread")
            case "PATCH", [id_, "comments", "1"]:
                self.comments[int(id_)].body = text
            case "PATCH", [id_]:
                self.comments[int(id_)].status = body["status"]
            case "DELETE", [id_, "comments", "1"]:
                del self.comments[int(id_)]
                return Reply(200)
        return Reply(200, {})

    def _wit(self, method: str, parts: list[str], query: dict[str, str], body: Any) -> Reply:
        types = PROCESSES[self.process]
        match method, parts:
            case "GET", ["workitemtypes"]:
                return _values([{"name": name} for name in types])
            case "GET", ["workitemtypes", name, "states"]:
                return _values([{"name": s, "category": c} for s, c in types[name].items()])
            case "GET", ["workitemtypes", name, "fields"]:
                fields = ["System.Title", DESCRIPTION] + ([REPRO_STEPS] if name == "Bug" else [])
                return _values([{"referenceName": field} for field in fields])
            case "POST", ["wiql"]:
                (tag,) = re.findall(r"\[System.Tags\] CONTAINS '([^']*)'", body["query"])
                found = [i.number for i in self.issues.values() if tag in "; ".join(i.labels)]
                return Reply(200, {"workItems": [{"id": number} for number in found]})
            case "GET", ["workitems"]:
                numbers = [int(number) for number in query["ids"].split(",")]
                assert len(numbers) <= 200
                return _values([self._item(self.issues[n]) for n in numbers if n in self.issues])
            case "POST" | "PATCH", ["workitems", which]:
                kind = self.headers.get("Content-Type")
                if kind != "application/json-patch+json":
                    return Reply(415, {"message": f"{kind} is not supported"})
                return (
                    self._create(which[1:], body) if method == "POST" else self._edit(which, body)
                )
        return _missing("work item")

    def _create(self, kind: str, patch: Any) -> Reply:
        if kind not in PROCESSES[self.process]:
            return _missing("work item type")
        number = self.open("", "")
        entry = self.issues[number]
        entry.more |= {"type": kind, "rev": 1, "state": next(iter(PROCESSES[self.process][kind]))}
        self._apply(entry, patch)
        return Reply(200, self._item(entry))

    def _edit(self, which: str, patch: Any) -> Reply:
        entry = self.issues.get(int(which))
        if entry is None:
            return _missing("work item")
        for test in (one for one in patch if one["op"] == "test"):
            if (test["path"], test["value"]) != ("/rev", entry.more.get("rev", 1)):
                words = "VS403208: The work item has been changed by another process"
                return Reply(412, {"message": words})
        entry.more["rev"] = entry.more.get("rev", 1) + 1
        self._apply(entry, patch)
        return Reply(200, self._item(entry))

    def _apply(self, entry: Entry, patch: Any) -> None:
        for one in (one for one in patch if one["op"] == "add"):
            name, value = one["path"].removeprefix("/fields/"), one["value"]
            match name:
                case "System.Title":
                    entry.title = value
                case "System.Tags":
                    entry.labels = {tag.strip() for tag in value.split(";")}
                case "System.Description" | "Microsoft.VSTS.TCM.ReproSteps":
                    entry.body = re.sub(r"<!--.*?-->", "", value, flags=re.DOTALL)
                    entry.more["field"] = name
                case "System.State":
                    entry.closed_at = None
                    self.put(entry.number, state=value)
                case "System.History":
                    self.add(entry.number, value)

    def _item(self, entry: Entry) -> dict[str, Any]:
        states = PROCESSES[self.process][self._type(entry)]
        return {
            "id": entry.number,
            "rev": entry.more.get("rev", 1),
            "fields": {
                "System.WorkItemType": self._type(entry),
                "System.State": entry.more.get("state") or next(iter(states)),
                "System.Title": entry.title,
                "System.Tags": "; ".join(sorted(entry.labels)),
                "System.CreatedBy": {"displayName": "Build Service", "id": entry.author},
                entry.more.get("field", DESCRIPTION): entry.body,
                "Microsoft.VSTS.Common.StateChangeDate": entry.closed_at or moment(),
            },
        }

    def _type(self, entry: Entry) -> str:
        return str(entry.more.get("type", "Task"))

    def _states(self, number: int, category: str) -> list[str]:
        states = PROCESSES[self.process][self._type(self.issues[number])]
        return [state for state, its in states.items() if its == category]


DELETED = {
    "id": 9_999,
    "isDeleted": True,
    "comments": [{"id": 1, "isDeleted": True, "author": {"id": FakeAzureDevOps.me}}],
}


def _values(found: list[Any]) -> Reply:
    return Reply(200, {"count": len(found), "value": found})


def _missing(what: str) -> Reply:
    return Reply(404, {"message": f"TF401180: The requested {what} was not found."})


def _thread(said: Said) -> dict[str, Any]:
    author = {"id": said.author, "displayName": "somebody"}
    first = {"id": 1, "content": said.body, "author": author, "commentType": "text"}
    reply = {"id": 2, "parentCommentId": 1, "content": "thanks", "author": {"id": "ann"}}
    return {"id": said.id, "status": said.status, "comments": [first, reply]}


def _pull(pull: Proposed) -> dict[str, Any]:
    return {
        "pullRequestId": pull.number,
        "targetRefName": f"refs/heads/{pull.base}",
        "lastMergeSourceCommit": {"commitId": pull.head},
        "status": "active",
    }
