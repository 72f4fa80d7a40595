"""JSON over https to one service. What goes wrong is told without the address, which may be secret.

Redirects are not followed: a token, or an address that is a secret itself, goes where it was meant
to go and nowhere else. Plain http is for this machine only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import requests

from reconciler.engine.clock import clock_for, wall_time
from reconciler.model.errors import UnavailableError, UsageError
from reconciler.model.value import Json, as_object, entries

TIMEOUT = (10, 30)
"""Seconds to connect, and to wait for an answer."""
LARGEST = 20_000_000
"""Bytes of an answer that are read."""
ATTEMPTS = 4
LONGEST_WAIT = 60.0
"""Seconds that a service may ask to wait; asked for more, nobody waits."""
REPEATABLE = frozenset({"GET", "PATCH", "PUT", "DELETE"})
REFUSALS = frozenset({203, 401, 403, 404})
"""What a service says of a token that may not; 203 comes with Azure DevOps' page to sign in.
https://github.com/microsoft/azure-devops-auth-samples/issues/52
"""
GONE = frozenset({404, 410})
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service has answered, with a status below 400."""

    body: Json
    next: str
    """The address of the next page, empty if there is none."""


@dataclass(frozen=True, slots=True)
class _Request:
    """What is sent, and whether that may be done twice."""

    method: str
    url: str
    body: Json
    kind: str
    repeatable: bool
    may_miss: bool = False
    """Whether it is an answer that there is no such thing."""


class WebClient:
    """Sends requests to one service."""

    def __init__(
        self,
        name: str,
        base: str,
        headers: Mapping[str, str] | None = None,
        *,
        secret: str = "",
        refused: str = "",
    ) -> None:
        """Open no connection yet.

        Args:
            name: how people know the service; the address is never shown.
            base: the address that paths are added to.
            headers: sent along with each request.
            secret: what no message may show, though the service says it.
            refused: how to mend that the service does not let this token.

        Raises:
            UsageError: the address is none that may be sent to.

        """
        parts = urlsplit(base)
        local = parts.hostname in LOCAL
        if not parts.hostname or parts.scheme not in (("https", "http") if local else ("https",)):
            raise UsageError(f"the address of {name} is not https", "check the variable it is in")
        self.name = name
        self._base = base
        self._secret = secret
        self._refused = refused
        self._origin = (parts.scheme, parts.netloc)
        self._clock = clock_for(local=local)
        self._session = requests.Session()
        self._session.trust_env = not local
        self._session.headers.update(headers or {})
        self._session.auth = _as_it_is  # else a netrc file would put another token in

    def send(
        self,
        method: str,
        path: str = "",
        body: Json = None,
        *,
        kind: str = "application/json",
        asks: bool = False,
    ) -> Answer:
        """Send one request, and repeat it where that is safe and may help.

        Args:
            method: GET, POST, PATCH, PUT or DELETE; of what is gone already, DELETE is content.
            path: added to the base; or a whole address from the ``next`` of an answer.
            body: sent as JSON, if it is not None.
            kind: the media type of the body.
            asks: whether it changes nothing, though it is a POST.

        Raises:
            UnavailableError: the service could not be reached, or refused.

        """
        url = path if path.startswith("http") else f"{self._base}{path}"
        repeatable = asks or method in REPEATABLE
        return self._answer(_Request(method, url, body, kind, repeatable, method == "DELETE"))

    def find(self, path: str) -> Json:
        """Return what is at a path, None if the service knows of no such thing.

        Raises:
            UnavailableError: the service could not be reached, or refused.

        """
        request = _Request("GET", f"{self._base}{path}", None, "", repeatable=True, may_miss=True)
        return self._answer(request).body

    def _answer(self, request: _Request) -> Answer:
        """Return the answer to a request, which may be sent several times."""
        parts = urlsplit(request.url)
        if (parts.scheme, parts.netloc) != self._origin:
            raise UnavailableError(f"{self.name} answered with a page of another host")
        attempt = 1
        while True:
            answer, wait = self._try(request, attempt)
            if answer is not None:
                return answer
            self._clock.sleep(wait)
            attempt += 1

    def pages(self, path: str) -> list[Mapping[str, Json]]:
        """Return the entries of a list that links to its further pages, all pages or none.

        Raises:
            UnavailableError: a page could not be read, or is no list.

        """
        url, seen = f"{self._base}{path}", set[str]()
        found: list[Mapping[str, Json]] = []
        while url and url not in seen:
            seen.add(url)
            answer = self.send("GET", url)
            if not isinstance(answer.body, list):
                raise UnavailableError(f"{self.name} answered with something that is no list")
            found += [as_object(one) for one in answer.body]
            url = answer.next
        return found

    def number(self, body: Mapping[str, Json], name: str) -> int:
        """Return a number that an answer has to have.

        Raises:
            UnavailableError: it has none.

        """
        value = body.get(name)
        if not isinstance(value, int):
            raise UnavailableError(f"{self.name} answered with an entry without `{name}`")
        return value

    def text(self, body: Mapping[str, Json], name: str) -> str:
        """Return a text that an answer has to have: who we are, or what a branch is at.

        Raises:
            UnavailableError: it has none.

        """
        value = body.get(name)
        if not isinstance(value, str) or not value:
            raise UnavailableError(f"{self.name} answered without `{name}`")
        return value

    def listed(self, body: Json, name: str) -> list[Mapping[str, Json]]:
        """Return the entries of a list that an answer has to have; no list is not an empty one.

        Raises:
            UnavailableError: it has none.

        """
        value = as_object(body).get(name)
        if not isinstance(value, list):
            raise UnavailableError(f"{self.name} answered without `{name}`")
        return entries(value)

    def _try(self, request: _Request, attempt: int) -> tuple[Answer | None, float]:
        """Return the answer, or None and the seconds to wait before another try."""
        more, pause = attempt < ATTEMPTS, 2.0**attempt
        try:
            found = self._session.request(
                request.method,
                request.url,
                json=request.body,
                headers={} if request.body is None else {"Content-Type": request.kind},
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            )
            content = found.raw.read(LARGEST + 1, decode_content=True)
        except (requests.RequestException, OSError) as error:
            if more and request.repeatable:
                return None, pause
            reason = type(error).__name__  # its text holds the address
            raise UnavailableError(f"{self.name} could not be reached: {reason}") from None
        status = found.status_code
        if status < HTTPStatus.MULTIPLE_CHOICES and status not in REFUSALS:
            return Answer(_json(content), str(found.links.get("next", {}).get("url", ""))), 0
        if request.may_miss and status in GONE:
            return Answer(None, ""), 0
        wait = _wanted_wait(status, found.headers, pause)
        nothing_was_done = status < HTTPStatus.INTERNAL_SERVER_ERROR
        if wait is not None and more and (request.repeatable or nothing_was_done):
            if wait <= LONGEST_WAIT:
                return None, wait
            raise UnavailableError(
                f"{self.name} answered {status} and asks to wait {wait:.0f} seconds",
                "run it again then",
            )
        mend = self._refused if status in REFUSALS else ""
        raise UnavailableError(f"{self.name} answered {status}{self._message(content)}", mend)

    def _message(self, content: bytes) -> str:
        """Return what GitHub and others say went wrong, in one line."""
        body = as_object(_json(content))
        words = (body.get(name) for name in ("message", "error_description", "error"))
        message = next((word for word in words if isinstance(word, str)), "")
        if not message:
            return ""
        told = message.replace(self._secret, "(secret)") if self._secret else message
        return f": {' '.join(told.split())[:200]}"


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


def _wanted_wait(status: int, headers: Mapping[str, str], default: float) -> float | None:
    """Return the seconds to wait before the request may be sent again, None if it may never be.

    GitHub limits with 403 as well, and says with it that nothing remains or when to come back;
    GitLab may name only the moment of the reset.
    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
    https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/
    https://learn.microsoft.com/azure/devops/integrate/concepts/rate-limits
    """
    after = headers.get("Retry-After", "")
    spent = "0" in (headers.get("X-RateLimit-Remaining"), headers.get("RateLimit-Remaining"))
    limited = status == HTTPStatus.TOO_MANY_REQUESTS
    limited = limited or (status == HTTPStatus.FORBIDDEN and (bool(after) or spent))
    if not limited and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    if after.isdecimal():
        return float(after)
    reset = headers.get("X-RateLimit-Reset") or headers.get("RateLimit-Reset") or ""
    if limited and reset.isdecimal():
        return max(math.ceil(float(reset) - wall_time()), default)
    return default
