"""JSON over https to one service. What goes wrong is told without the address, which may be secret.

Redirects are not followed: a token, or an address that is a secret itself, goes where it was meant
to go and nowhere else. Plain http is for this machine only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import requests

from reconciler.engine.clock import clock_for
from reconciler.model.errors import UnavailableError, UsageError
from reconciler.model.value import Json

TIMEOUT = (10, 30)
"""Seconds to connect, and to wait for an answer."""
LARGEST = 20_000_000
"""Bytes of an answer that are read."""
ATTEMPTS = 4
LONGEST_WAIT = 60.0
"""Seconds that a service may ask to wait."""
REPEATABLE = frozenset({"GET", "PATCH", "PUT", "DELETE"})
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service has answered, with a status below 400."""

    body: Json
    next: str
    """The address of the next page, empty if there is none."""


class WebClient:
    """Sends requests to one service."""

    def __init__(self, name: str, base: str, headers: Mapping[str, str] | None = None) -> None:
        """Open no connection yet.

        Args:
            name: how people know the service; the address is never shown.
            base: the address that paths are added to.
            headers: sent along with each request.

        Raises:
            UsageError: the address is none that may be sent to.

        """
        parts = urlsplit(base)
        local = parts.hostname in LOCAL
        if not parts.hostname or parts.scheme not in (("https", "http") if local else ("https",)):
            raise UsageError(f"the address of {name} is not https", "check the variable it is in")
        self.name = name
        self._base = base
        self._origin = (parts.scheme, parts.netloc)
        self._clock = clock_for(local=local)
        self._session = requests.Session()
        self._session.trust_env = not local
        self._session.headers.update(headers or {})
        self._session.auth = _as_it_is  # else a netrc file would put another token in

    def send(self, method: str, path: str = "", body: Json = None) -> Answer:
        """Send one request, and repeat it where that is safe and may help.

        Args:
            method: GET, POST, PATCH or DELETE.
            path: added to the base; or a whole address from the ``next`` of an answer.
            body: sent as JSON, if it is not None.

        Raises:
            UnavailableError: the service could not be reached, or refused.

        """
        url = path if path.startswith("http") else f"{self._base}{path}"
        parts = urlsplit(url)
        if (parts.scheme, parts.netloc) != self._origin:
            raise UnavailableError(f"{self.name} answered with a page of another host")
        attempt = 1
        while True:
            answer, wait = self._try(method, url, body, attempt)
            if answer is not None:
                return answer
            self._clock.sleep(wait)
            attempt += 1

    def _try(self, method: str, url: str, body: Json, attempt: int) -> tuple[Answer | None, float]:
        """Return the answer, or None and the seconds to wait before another try."""
        again = method in REPEATABLE and attempt < ATTEMPTS
        try:
            found = self._session.request(
                method,
                url,
                json=body,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            )
            content = found.raw.read(LARGEST + 1, decode_content=True)
        except (requests.RequestException, OSError) as error:
            if again:
                return None, 2.0**attempt
            reason = type(error).__name__  # its text holds the address
            raise UnavailableError(f"{self.name} could not be reached: {reason}") from None
        if found.status_code < HTTPStatus.MULTIPLE_CHOICES:
            return Answer(_json(content), str(found.links.get("next", {}).get("url", ""))), 0
        busy = found.status_code == HTTPStatus.TOO_MANY_REQUESTS or found.status_code >= 500
        if busy and again:
            return None, min(_seconds(found.headers.get("Retry-After"), 2.0**attempt), LONGEST_WAIT)
        raise UnavailableError(f"{self.name} answered {found.status_code}{_message(content)}")


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return a request with the headers that it has."""
    return request


def _json(content: bytes) -> Json:
    """Return the body of an answer; webhooks answer with plain words, which are nothing to us."""
    try:
        value: Json = json.loads(content) if len(content) <= LARGEST else None
    except ValueError:
        return None
    return value


def _message(content: bytes) -> str:
    """Return what GitHub and others say went wrong, in one line."""
    body = _json(content)
    message = body.get("message") if isinstance(body, Mapping) else None
    return f": {' '.join(message.split())[:200]}" if isinstance(message, str) else ""


def _seconds(text: str | None, default: float) -> float:
    return float(text) if text and text.isdecimal() else default
