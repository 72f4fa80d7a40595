"""The SDK's exceptions and ARM's error answers become failures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
)

from reconciler.arm.sending import CORRELATION, lower
from reconciler.arm.transport import RequestForbiddenError
from reconciler.core.sending.failures import classify
from reconciler.core.sending.throttle import retry_after
from reconciler.engine.ports import RequestFailedError
from reconciler.model.failure import Failure, FailureClass


@contextmanager
def as_failures(request: str) -> Iterator[None]:
    """Turn whatever the SDK raises into `RequestFailedError`.

    Args:
        request: method and resource, for the message.

    """
    try:
        yield
    except HttpResponseError as error:
        raise RequestFailedError(_of_response_error(error, request)) from error
    except AzureError as error:
        sent = not isinstance(error, ServiceRequestError)
        text = _first_line(str(error))
        failure = classify(None, "no answer", text, request=request, sent=sent)
        raise RequestFailedError(failure) from error
    except RequestForbiddenError as error:
        failure = Failure(FailureClass.REFUSED, "forbidden", error.problem, request=request)
        raise RequestFailedError(failure) from error


def answer_failure(request: str, status: int, headers: Mapping[str, str], body: Any) -> Failure:
    """Return the failure that an HTTP answer stands for.

    Args:
        request: method and resource, for the message.
        status: HTTP status.
        headers: of the answer.
        body: its decoded JSON, or None.

    """
    error = body.get("error") if isinstance(body, Mapping) else None
    error = error if isinstance(error, Mapping) else {}
    code = str(error.get("code") or f"HTTP {status}")
    message = _first_line(str(error.get("message") or "the answer had no message"))
    return classify(
        status,
        code,
        message,
        request=request,
        correlation_id=headers.get(CORRELATION, ""),
        retry_after=retry_after(lower(headers)),
    )


def _of_response_error(error: HttpResponseError, request: str) -> Failure:
    """Return the failure behind an SDK exception; one without an answer came from sign-in."""
    response = error.response
    if response is None:
        code = "sign-in failed" if isinstance(error, ClientAuthenticationError) else "no answer"
        status = 401 if isinstance(error, ClientAuthenticationError) else None
        return classify(status, code, _first_line(error.message), request=request)
    headers: Mapping[str, str] = getattr(response, "headers", {})
    code = error.error.code if error.error and error.error.code else f"HTTP {error.status_code}"
    message = error.error.message if error.error and error.error.message else error.message
    return classify(
        error.status_code,
        str(code),
        _first_line(str(message)),
        request=request,
        correlation_id=headers.get(CORRELATION, ""),
        retry_after=retry_after(lower(headers)),
    )


def _first_line(text: str) -> str:
    """Return the first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "no message")
