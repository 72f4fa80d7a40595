"""As much of GitLab's REST API as the keepers use, with its system notes and its ways to refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.engine.clock import moment
from tests.web.fake_home import Entry, FakeHome, Proposed, Said
from tests.web.services import Reply

PROJECT = "/projects/42"
MISSING = Reply(404, {"message": "404 Not found"})
SYSTEM = Said(10_000, 0, "ann", "requested review from @bob")


class FakeGitLab(FakeHome):
    """One project, ``42``; every merge request has a note of GitLab's own."""

    name = "gitlab"
    me = "project_42_bot_f00d"
    longest = 1_000_000

    def variables(self, url: str) -> Mapping[str, str]:
        """Return what a pipeline sets."""
        return {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": url,
            "CI_PROJECT_ID": "42",
            "GITLAB_TOKEN": self.token,
            "CI_JOB_TOKEN": "a-job-token-of-the-tests",
        }

    def run_for(self, number: int, commit: str) -> Mapping[str, str]:
        """Return what is set for a merge request."""
        return {
            "CI_MERGE_REQUEST_IID": str(number),
            "CI_MERGE_REQUEST_PROJECT_ID": "42",
            "CI_COMMIT_SHA": commit,
        }

    def is_allowed(self, headers: Mapping[str, str]) -> bool:
        """Whether the token is there."""
        return headers.get("PRIVATE-TOKEN") == self.token

    def refusal(self, status: int) -> Reply:
        """Return an error of GitLab's."""
        if status == 403:
            words = "The request requires higher privileges than provided by the access token."
            return Reply(403, {"error": "insufficient_scope", "error_description": words})
        return Reply(401, {"message": "401 Unauthorized"})

    def is_new(self, method: str, path: str) -> bool:
        """Whether an issue or a note is written."""
        return method == "POST"

    def respond(self, method: str, path: str, query: dict[str, str], body: Any) -> Reply:
        """Answer a request."""
        text = (body or {}).get("body") or (body or {}).get("description") or ""
        if len(text) > self.longest:
            return Reply(
                400, {"message": {"note": ["is too long (maximum is 1000000 characters)"]}}
            )
        if (method, path) == ("GET", "/user"):
            return Reply(200, {"id": 7, "username": self.me})
        place = path.removeprefix(PROJECT).strip("/").split("/")
        match method, place:
            case "GET", ["issues"]:
                return self.linked(self._issues(query), path, query)
            case "POST", ["issues"]:
                labels = tuple(body["labels"].split(","))
                return Reply(201, self._issue_at(self.open(body["title"], text, labels=labels)))
            case "PUT", ["issues", number] if int(number) in self.issues:
                return self._edit(self.issues[int(number)], body)
            case "POST", ["issues", number, "notes"] if int(number) in self.issues:
                return Reply(201, _note(self.add(int(number), text)))
            case "GET", ["merge_requests"]:
                return self.linked([_pull(p) for p in self.active], path, query)
            case "GET", ["merge_requests", number] if int(number) in self.pulls:
                return Reply(200, _pull(self.pulls[int(number)]))
            case _, ["merge_requests", number, "notes", *rest] if int(number) in self.pulls:
                return self._notes(method, path, query, int(number), rest, text)
            case "GET", ["repository", "branches", name] if name in self.tips:
                return Reply(200, {"name": name, "commit": {"id": self.tips[name]}})
            case "GET", ["repository", "merge_base"]:
                return Reply(200, {"id": self.knows.get(query["refs[]"], "base-1")})
        return MISSING

    def _notes(
        self, method: str, path: str, query: dict[str, str], on: int, rest: list[str], text: str
    ) -> Reply:
        if method == "GET":
            notes = [_note(c) for c in self.comments.values() if c.on == on]
            notes.insert(1, {**_note(SYSTEM), "system": True})
            return self.linked(notes, path, query)
        if method == "POST":
            return Reply(201, _note(self.comments[self.say(on, text)]))
        id_ = int(rest[0])
        if id_ not in self.comments:
            return MISSING
        if method == "DELETE":
            del self.comments[id_]
            return Reply(204)
        self.comments[id_].body = text
        return Reply(200, _note(self.comments[id_]))

    def _issues(self, query: dict[str, str]) -> list[dict[str, Any]]:
        state = {True: "opened", False: "closed"}
        found = [
            _issue(entry)
            for entry in self.issues.values()
            if query["labels"] in entry.labels and query["state"] in ("all", state[entry.is_open])
        ]
        return found[::-1]

    def _issue_at(self, number: int) -> dict[str, Any]:
        return _issue(self.issues[number])

    def _edit(self, entry: Entry, body: Any) -> Reply:
        if not set(body) <= {"description", "state_event"} or not body:
            return Reply(400, {"error": "description, state_event are missing"})
        entry.body = body.get("description", entry.body)
        if event := body.get("state_event"):
            entry.is_open = event == "reopen"
            entry.closed_at = None if entry.is_open else moment()
        return Reply(200, _issue(entry))


def _issue(entry: Entry) -> dict[str, Any]:
    closed = entry.closed_at.replace("Z", ".123Z") if entry.closed_at else None
    return {
        "id": 9_000 + entry.number,
        "iid": entry.number,
        "title": entry.title,
        "description": entry.body,
        "state": "opened" if entry.is_open else "closed",
        "closed_at": closed,
        "author": {"username": entry.author},
        "labels": sorted(entry.labels),
    }


def _note(said: Said) -> dict[str, Any]:
    return {
        "id": said.id,
        "body": said.body,
        "author": {"username": said.author},
        "system": False,
    }


def _pull(pull: Proposed) -> dict[str, Any]:
    return {
        "id": 9_000 + pull.number,
        "iid": pull.number,
        "sha": pull.head,
        "target_branch": pull.base,
        "state": "opened",
    }
