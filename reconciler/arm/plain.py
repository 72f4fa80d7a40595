"""Plain requests through the SDK client's own pipeline: raw JSON and headers, or a failure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.rest import HttpRequest

from reconciler.arm.answers import answer_failure, as_failures
from reconciler.arm.clients import Clients
from reconciler.engine.ports import RequestFailedError
from reconciler.model.failure import Failure, FailureClass

HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What Azure has answered."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]


def read(clients: Clients, url: str, subscription: str, request: str) -> Answer:
    """Send one GET and return the JSON object that it is answered with.

    Args:
        clients: what to send it through.
        url: below the endpoint, or whole.
        subscription: whose client to use.
        request: method and resource, for messages.

    Raises:
        RequestFailedError: there was no such answer.

    """
    client = clients.communication(subscription)
    with as_failures(request):
        response = client.send_request(HttpRequest("GET", url))
        response.read()
    try:
        body = response.json()
    except ValueError:
        body = None
    if response.status_code != 200:
        raise RequestFailedError(
            answer_failure(request, response.status_code, response.headers, body)
        )
    if not isinstance(body, Mapping):
        raise malformed(request, "it is no JSON object")
    return Answer(body, response.headers)


def post(
    clients: Clients, url: str, subscription: str, request: str, body: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Send a POST once, and return the JSON object that it is answered with, empty for none.

    Args:
        clients: what to send it through, made for writing.
        url: below the endpoint.
        subscription: whose client to use.
        request: method and resource, for messages.
        body: what to send.

    Raises:
        RequestFailedError: it was refused, or nobody knows.

    """
    client = clients.communication(subscription)
    content = json.dumps(body).encode()
    with as_failures(request):
        response = client.send_request(HttpRequest("POST", url, headers=HEADERS, content=content))
        response.read()
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if response.status_code not in (200, 202):
        raise RequestFailedError(
            answer_failure(request, response.status_code, response.headers, answer)
        )
    return answer if isinstance(answer, Mapping) else {}


def malformed(request: str, what: str) -> RequestFailedError:
    """Say that an answer cannot be trusted: nothing is known."""
    return RequestFailedError(
        Failure(FailureClass.TRANSIENT, "malformed answer", what, "plan again", request)
    )
