"""What differs between a recorded answer and that of the emulator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.parity.recording import BLOTTED, HIDDEN, OPERATION, Recorded

HEADERS = (
    "azure-asyncoperation",
    "content-type",
    "etag",
    "location",
    "retry-after",
    "www-authenticate",
    "x-ms-failure-cause",
    "x-ms-original-request-ids",
    "x-ms-providerhub-traffic",
)
"""The headers a client may act on; recorders keep them, and drop most others."""

EXACT = ("content-type", "retry-after", "x-ms-failure-cause", "x-ms-providerhub-traffic")
"""The headers whose values are the same in every run."""

ACTORS = frozenset({"createdBy", "createdByType", "lastModifiedBy", "lastModifiedByType"})
"""Members that say who called."""

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_US_TIME = re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d [AP]M \+00:00")
_ETAG = re.compile(rf'"{_GUID.pattern}"', re.IGNORECASE)
_OPERATION_NAME = re.compile(rf"{_GUID.pattern}\*[0-9A-F]{{64}}", re.IGNORECASE)
_HOST = re.compile(r"(?:(?<=^)|(?<=//))[^./]+(?=\.[^/]+\.communication\.azure\.com)")
_KEY = re.compile(r"accesskey=.*")
_BLANK = "00000000-0000-0000-0000-0000000000"
"""How the identifiers begin that recorders put in place of others."""


@dataclass(frozen=True)
class Difference:
    """One place in which two answers differ."""

    place: str
    """``status``, ``header NAME``, or a path into the body such as ``body.properties.hostName``."""
    recorded: Any
    emulated: Any


@dataclass
class Comparison:
    """Compares the answers of one sequence; the same thing has the same identifier throughout."""

    guids: dict[str, str] = field(default_factory=dict)
    """The emulator's identifier for each recorded one."""

    def differences(
        self, call: Recorded, status: int, headers: dict[str, str], body: Any
    ) -> list[Difference]:
        """Return in what an answer of the emulator differs from the recorded one."""
        found = [] if status == call.status else [Difference("status", call.status, status)]
        return [*found, *self._headers(call, headers), *self._values("body", call.response, body)]

    def _headers(self, call: Recorded, headers: dict[str, str]) -> Iterator[Difference]:
        for name in HEADERS:
            recorded, emulated = call.headers.get(name), headers.get(name)
            if _header(name, recorded) != _header(name, emulated):
                yield Difference(f"header {name}", recorded, emulated)

    def _values(self, place: str, recorded: Any, emulated: Any) -> Iterator[Difference]:
        if recorded in (HIDDEN, BLOTTED) and emulated is not None:
            return
        if isinstance(recorded, dict) and isinstance(emulated, dict):
            for name in {**recorded, **emulated}:
                if name in ACTORS and name in recorded and name in emulated:
                    continue
                inner = f"{place}.{name}"
                missing = object()
                pair = recorded.get(name, missing), emulated.get(name, missing)
                if missing in pair:
                    shown = [None if value is missing else value for value in pair]
                    yield Difference(inner, *shown)
                else:
                    yield from self._values(inner, *pair)
        elif isinstance(recorded, list) and isinstance(emulated, list):
            if len(recorded) != len(emulated):
                yield Difference(place, recorded, emulated)
            for left, right in zip(recorded, emulated, strict=False):
                yield from self._values(f"{place}[]", left, right)
        elif not self._same(recorded, emulated):
            yield Difference(place, recorded, emulated)

    def _same(self, recorded: Any, emulated: Any) -> bool:
        if not isinstance(recorded, str) or not isinstance(emulated, str):
            return type(recorded) is type(emulated) and recorded == emulated
        if _shape(recorded) != _shape(emulated):
            return False
        if _OPERATION_NAME.search(recorded):
            return True
        pairs = zip(_GUID.findall(recorded), _GUID.findall(emulated), strict=True)
        return all(self._same_guid(left, right) for left, right in pairs)

    def _same_guid(self, recorded: str, emulated: str) -> bool:
        if recorded.startswith(_BLANK):
            return True
        return self.guids.setdefault(recorded.casefold(), emulated.casefold()) == (
            emulated.casefold()
        )


def _header(name: str, value: str | None) -> str | None:
    """Return what of a header must be the same."""
    if value is None or name in EXACT:
        return value
    if name == "etag":
        return "an entity tag" if _ETAG.fullmatch(value) else value
    if name in ("azure-asyncoperation", "location"):
        parts = urlsplit(value)
        path = OPERATION.sub("/operationStatuses/{operation}", unquote(parts.path))
        query = sorted(key for key, _ in parse_qsl(parts.query))
        return f"{'absolute' if parts.scheme else 'relative'} {_shape(path)} {query}"
    return "some value"


def _shape(text: str) -> str:
    """Return a text without what is new in every run."""
    for pattern, shape in (
        (_OPERATION_NAME, "{operation}"),
        (_GUID, "{guid}"),
        (_US_TIME, "{time}"),
        (_TIME, "{time}"),
        (_HOST, "{host}"),
        (_KEY, "accesskey={key}"),
    ):
        text = pattern.sub(shape, text)
    return text
