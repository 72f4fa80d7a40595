"""As much of GitHub's REST API as the keepers use, with its pages, its clock and its habits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reconciler.engine.clock import moment
from tests.web.fake_home import Entry, FakeHome, Proposed, Said
from tests.web.services import Reply

MISSING = Reply(404, {"message": "Not Found"})


class FakeGitHub(FakeHome):
    """One repository, ``o/r``."""

    name = "github"
    me = "github-actions[bot]"
    longest = 65_536

    def variables(self, url: str) -> Mapping[str, str]:
        """Return what a workflow sets."""
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": url,
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_TOKEN": self.token,
        }

    def run_for(self, number: int, commit: str) -> Mapping[str, str]:
        """Write the event."""
        event = {"pull_request": {"number": number, "head": {"sha": self.pulls[number].head}}}
        Path("event.json").write_text(json.dumps(event), encoding="utf-8")
        return {"GITHUB_EVENT_PATH": str(Path("event.json").resolve()), "GITHUB_SHA": commit}

    def is_allowed(self, headers: Mapping[str, str]) -> bool:
        """Whether the token is there."""
        return headers.get("Authorization") == f"Bearer {self.token}"

    def refusal(self, status: int) -> Reply:
        """Return an error of GitHub's."""
        words = {401: "Bad credentials", 403: "Resource not accessible by integration"}
        return Reply(status, {"message": words[status]})

    def is_new(self, method: str, path: str) -> bool:
        """Whether an issue or a comment is written."""
        return method == "POST"

    def respond(self, method: str, path: str, query: dict[str, str], body: Any) -> Reply:
        """Answer a request."""
        text = (body or {}).get("body")
        if isinstance(text, str) and len(text) > self.longest:
            return Reply(422, {"message": "body is too long (maximum is 65536 characters)"})
        place = path.removeprefix("/repos/o/r")
        match method, place.strip("/").split("/"):
            case "GET", ["issues"]:
                return self.linked(self._issues(query), path, query)
            case "POST", ["issues"]:
                number = self.open(body["title"], body["body"], labels=tuple(body["labels"]))
                return Reply(201, _issue(self.issues[number]))
            case "PATCH", ["issues", number] if int(number) in self.issues:
                return self._edit(self.issues[int(number)], body)
            case "GET", ["issues", number, "comments"]:
                found = [c for c in self.comments.values() if c.on == int(number)]
                return self.linked([_comment(c) for c in found], path, query)
            case "POST", ["issues", number, "comments"]:
                if int(number) in self.issues:
                    return Reply(201, _comment(self.add(int(number), body["body"])))
                return Reply(201, _comment(self.comments[self.say(int(number), body["body"])]))
            case "PATCH", ["issues", "comments", id_] if int(id_) in self.comments:
                self.comments[int(id_)].body = body["body"]
                return Reply(200, _comment(self.comments[int(id_)]))
            case "DELETE", ["issues", "comments", id_] if int(id_) in self.comments:
                del self.comments[int(id_)]
                return Reply(204)
            case "GET", ["pulls"]:
                return self.linked([_pull(p) for p in self.active], path, query)
            case "GET", ["pulls", number] if int(number) in self.pulls:
                return Reply(200, _pull(self.pulls[int(number)]))
            case "GET", ["branches", name] if name in self.tips:
                return Reply(200, {"name": name, "commit": {"sha": self.tips[name]}})
            case "GET", ["compare", span]:
                base = self.knows.get(span.partition("...")[2], "base-1")
                return Reply(200, {"merge_base_commit": {"sha": base}, "files": []})
        return MISSING

    def _issues(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """Return the issues that are asked for, pull requests among them, the newest first."""
        found = [
            _issue(entry)
            for entry in self.issues.values()
            if query.get("labels", "") in {"", *entry.labels}
            and query.get("state", "open") in ("all", "open" if entry.is_open else "closed")
        ]
        found += [{**_pull(pull), "pull_request": {}} for pull in self.active]
        return sorted(found, key=lambda issue: -issue["number"])

    def _edit(self, entry: Entry, body: Any) -> Reply:
        if not set(body) <= {"body", "state", "state_reason"}:
            return Reply(422, {"message": "Validation Failed"})
        entry.body = body.get("body", entry.body)
        if "state" in body:
            entry.is_open = body["state"] == "open"
            entry.closed_at = None if entry.is_open else moment()
            entry.reason = body.get("state_reason", "")
        return Reply(200, _issue(entry))


def _issue(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "title": entry.title,
        "body": entry.body,
        "state": "open" if entry.is_open else "closed",
        "closed_at": entry.closed_at,
        "user": {"login": entry.author},
        "labels": [{"name": label} for label in sorted(entry.labels)],
    }


def _comment(said: Said) -> dict[str, Any]:
    return {"id": said.id, "body": said.body, "user": {"login": said.author}}


def _pull(pull: Proposed) -> dict[str, Any]:
    return {
        "number": pull.number,
        "body": "please",
        "user": {"login": "ann"},
        "head": {"sha": pull.head},
        "base": {"ref": pull.base, "sha": "old"},
    }
