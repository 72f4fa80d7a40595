"""The request and the response as values, free of sockets, and their JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from reconciler.emulator.wire import errors

JsonObject = dict[str, Any]
"""A JSON object as :func:`json.loads` gives it."""

JSON_TYPE = "application/json; charset=utf-8"
"""The content type of nearly every answer of ARM (recorded, all projects)."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, already read from the socket."""

    method: str
    """Upper case: ``GET``, ``PUT`` ..."""
    path: str
    """The path as sent, still percent-encoded, without the query."""
    query: str
    """The query as sent, without the question mark."""
    headers: Mapping[str, str]
    """Header values by lower-case name."""
    body: bytes = b""
    """The bytes of the body; empty when there is none."""
    scheme: str = "http"
    """The scheme the client used."""
    correlation: str = ""
    """The id that the headers of the answer and the activity log have in common."""

    def parameter(self, name: str) -> str | None:
        """Return a query parameter by name, ignoring case, or None when it is absent."""
        for key, value in parse_qsl(self.query, keep_blank_values=True):
            if key.casefold() == name.casefold():
                return value
        return None

    def link(self, path: str, query: str) -> str:
        """Return an absolute URL on the host and scheme which the client itself used."""
        return f"{self.scheme}://{self.headers.get('host', 'localhost')}{path}?{query}"


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response; the server adds ``Content-Length`` and ``Date``."""

    status: int
    """The HTTP status code."""
    body: bytes = b""
    """The bytes of the body."""
    headers: tuple[tuple[str, str], ...] = field(default=())
    """Headers in the order they are sent."""


def split_target(target: str) -> tuple[str, str]:
    """Split the target of a request line into path and query."""
    if target.startswith("/"):
        path, _, query = target.partition("?")
        return path.partition("#")[0], query.partition("#")[0]
    parts = urlsplit(target)
    return parts.path, parts.query


def segments(path: str) -> tuple[str, ...]:
    """Return the decoded segments of a path; empty ones (``//``) are folded away.

    ``az resource create`` sends a double slash before the type (seen from azure-cli 2.91.0).
    """
    return tuple(unquote(part) for part in path.split("/") if part)


def encode_segment(text: str) -> str:
    """Percent-encode one path segment, leaving ``*`` alone as ARM does in operation ids."""
    return quote(text, safe="*-._~()")


def write_json(value: Any) -> str:
    """Write compact ASCII JSON."""
    return json.dumps(value, separators=(",", ":"))


def read_json(body: bytes) -> Any:
    """Read a request body.

    Returns:
        The value, or None for an empty body.

    Raises:
        errors.ArmError: 400 ``InvalidRequestContent``: not UTF-8, not JSON, or text in it that
            is not Unicode.

    """
    if not body.strip():
        return None
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as reason:
        raise errors.invalid_request_content(str(reason)) from reason
    return value


def _refuse_constant(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)
