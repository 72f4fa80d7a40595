"""What spans and their attributes are called, and what may be in them.

Requests are described as the semantic conventions want it; what they have no word for begins with
``reconciler.``. https://opentelemetry.io/docs/specs/semconv/http/http-spans/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias
from urllib.parse import urlsplit

from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.semconv.attributes.http_attributes import (
    HTTP_REQUEST_HEADER_TEMPLATE,
    HTTP_REQUEST_METHOD,
    HTTP_REQUEST_RESEND_COUNT,
    HTTP_RESPONSE_HEADER_TEMPLATE,
    HTTP_RESPONSE_STATUS_CODE,
)
from opentelemetry.semconv.attributes.server_attributes import SERVER_ADDRESS, SERVER_PORT
from opentelemetry.semconv.attributes.url_attributes import URL_FULL

from reconciler.core.changes.privacy import shown_path
from reconciler.model.event import Invocation, Phase, Reading, RequestEnded, Work
from reconciler.model.plan import Step

Value: TypeAlias = str | int | float | list[str]
Attributes: TypeAlias = dict[str, Value]

COMMAND = "reconciler.command"
ENVIRONMENT = "reconciler.environment"
RESULT = "reconciler.result"
KIND = "reconciler.kind"
VERB = "reconciler.verb"
CORRELATION = "reconciler.correlation_id"
FAILURE = "reconciler.failure"
LONGEST_CODE = 100
"""Characters of a code of Azure's that are kept."""


def span_name(work: Work) -> str:
    """Return what the span of some work is called: one of few names."""
    match work:
        case Invocation(command):
            return f"reconciler {command}"
        case Phase():
            return work.value
        case Reading(kind):
            return f"read {kind}"
        case Step():
            return f"step {work.verb} {work.kind}"


def work_attributes(work: Work) -> Attributes:
    """Return what is known of some work when it begins."""
    match work:
        case Invocation(command):
            return {COMMAND: command}
        case Phase():
            return {}
        case Reading(kind, scope):
            return {KIND: kind, "reconciler.scope": shown_path(scope)}
        case Step():
            found: Attributes = {
                KIND: work.kind,
                VERB: work.verb.value,
                "reconciler.address": work.address,
                "reconciler.resource_id": shown_path(work.resource.text),
            }
            return found | ({"reconciler.action": work.action} if work.action else {})


def request_name(event: RequestEnded) -> str:
    """Return the method, and the type of what a request is about, without any name."""
    path = urlsplit(event.url).path
    _, found, after = path.rpartition("/providers/")
    parts = after.strip("/").split("/")
    types = [parts[0], *parts[1::2]] if found else parts[::2]
    return f"{event.method} {'/'.join(types)}"


def request_attributes(event: RequestEnded) -> Attributes:
    """Return what is told of one request."""
    found = {**measured(event), URL_FULL: event.url}
    if event.attempt > 1:
        found[HTTP_REQUEST_RESEND_COUNT] = event.attempt - 1
    for template, header, value in (
        (HTTP_REQUEST_HEADER_TEMPLATE, "x-ms-client-request-id", event.client_id),
        (HTTP_RESPONSE_HEADER_TEMPLATE, "x-ms-correlation-request-id", event.correlation_id),
    ):
        if value:
            found[f"{template}.{header}"] = [value]
    return found


def measured(event: RequestEnded) -> Attributes:
    """Return the part of it that takes few values, as metrics need it."""
    return dict(_measured(event))


def is_failure(event: RequestEnded) -> bool:
    """Whether a request failed; that something is not there is an answer."""
    absent = event.status == 404 and event.method in ("GET", "HEAD")
    return not absent and (event.status is None or event.status >= 400)


def _measured(event: RequestEnded) -> Iterator[tuple[str, Value]]:
    parts = urlsplit(event.url)
    yield HTTP_REQUEST_METHOD, event.method
    yield SERVER_ADDRESS, parts.hostname or ""
    yield SERVER_PORT, parts.port or (443 if parts.scheme == "https" else 80)
    if event.status is not None:
        yield HTTP_RESPONSE_STATUS_CODE, event.status
    if is_failure(event):
        yield ERROR_TYPE, event.problem or str(event.status)
