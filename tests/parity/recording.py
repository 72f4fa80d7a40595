"""Recorded calls, read from a file and made ready for a replay."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HIDDEN = "sanitized"
"""What recorders write for what they hide, in URLs and in bodies."""

BLOTTED = "REDACTED"
"""What stands in place of a key."""

STOOD_IN = {"dataLocation": "unitedstates", "identity": {"type": "None"}}
"""What is sent in place of a hidden member of a request."""

OPERATION = re.compile(r"/operationStatuses/([^/?]+)", re.IGNORECASE)
"""Finds the name of an operation in a URL."""

_RUNNING = {"Accepted", "Deleting"}


@dataclass(frozen=True)
class Recorded:
    """One recorded call."""

    source: str
    seq: int
    method: str
    path: str
    """The path as it was sent, hidden segments restored where an answer shows them."""
    query: str
    request: Any
    status: int
    headers: dict[str, str]
    response: Any
    """The JSON of the body, None for an empty one, ``"null"`` for the JSON null."""

    @property
    def operation(self) -> str | None:
        """The name of the operation whose status was asked for, or None."""
        match = OPERATION.search(self.path)
        return match[1] if match else None

    @property
    def code(self) -> str | None:
        """The code of the error that was answered, or None."""
        body = self.response if isinstance(self.response, dict) else {}
        error = body.get("error")
        return str(error.get("code")) if isinstance(error, dict) else None

    @property
    def runs(self) -> bool:
        """Whether the answer shows an operation in progress."""
        body = self.response if isinstance(self.response, dict) else {}
        properties = body.get("properties") or {}
        shown = (body.get("status"), properties.get("provisioningState"))
        return self.method == "GET" and any(state in _RUNNING for state in shown)


def read(path: Path) -> Iterator[list[Recorded]]:
    """Yield the sequences of a file of recordings, in the order of their first calls."""
    sequences: dict[str, list[Recorded]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        call = _call(json.loads(line))
        sequences.setdefault(call.source, []).append(call)
    for calls in sequences.values():
        yield _restored(calls)


def _call(row: dict[str, Any]) -> Recorded:
    parts = urlsplit(row["url"])
    request = row["request"]
    if isinstance(request, dict):
        request = _stood_in(request)
    return Recorded(
        row["source"],
        row["seq"],
        row["method"],
        parts.path,
        parts.query,
        request,
        row["status"],
        row["headers"],
        row["response"],
    )


def _stood_in(value: Any, name: str = "") -> Any:
    """Return a request with something in place of what was hidden in it."""
    if isinstance(value, dict):
        return {key: _stood_in(member, key) for key, member in value.items()}
    return STOOD_IN.get(name, value) if value == HIDDEN else value


def _restored(calls: list[Recorded]) -> list[Recorded]:
    """Put the names that answers show in place of hidden segments of the paths."""
    names: dict[tuple[str, ...], str] = {}
    for call in calls:
        for shown in _shown_ids(call.response):
            parts = shown.split("/")
            for index in range(2, len(parts), 2):
                kinds = tuple(part.casefold() for part in parts[1:index:2])
                names.setdefault(kinds, parts[index])
    return [replace(call, path=_named(call.path, names)) for call in calls]


def _named(path: str, names: dict[tuple[str, ...], str]) -> str:
    parts = path.split("/")
    for index, part in enumerate(parts):
        if part == HIDDEN:
            kinds = tuple(word.casefold() for word in parts[1:index:2])
            parts[index] = names.get(kinds, part)
    return "/".join(parts)


def _shown_ids(response: Any) -> Iterator[str]:
    """Yield the ids an answer shows, those of PUTs and tracked resources first spelled best."""
    if not isinstance(response, dict):
        return
    for entry in (response, *(response.get("value") or ())):
        if isinstance(entry, dict) and isinstance(entry.get("id"), str):
            yield entry["id"]
        if isinstance(entry, dict) and isinstance(entry.get("resourceId"), str):
            yield entry["resourceId"]
