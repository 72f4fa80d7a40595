"""How requests are sent: from one budget, repeated by one table, every wait told.

This policy stands where the SDK's own retry policy would, above authentication and below the
pollers. The SDK's would repeat writes whose fate is unknown, count nothing across clients, and say
nothing while it waits.
https://learn.microsoft.com/python/api/azure-core/azure.core.pipeline.policies.httppolicy
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from azure.core.exceptions import (
    AzureError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import HTTPPolicy

from reconciler.core.changes.privacy import shown_path
from reconciler.core.sending.retry import repeats, request_wait
from reconciler.core.sending.throttle import remaining, retry_after
from reconciler.engine.budget import TENANT, Account, Budget, account_of
from reconciler.engine.ports import Clock, Listener, Recorder, Sent
from reconciler.model.event import RequestDelayed, RequestEnded

NO_ANSWER = (ServiceRequestError, ServiceResponseError, IncompleteReadError)
"""What the transport raises when there is no answer; the first of them, when nothing was sent."""

SPARED = "so that Azure does not refuse it"
"""Why a request waits that was not sent yet."""

QUESTION = "/checknameavailability"
"""The POST that changes nothing."""

CORRELATION = "x-ms-correlation-request-id"
CLIENT = "x-ms-client-request-id"


class Sending(HTTPPolicy[Any, Any]):
    """Sends a request, and again for as long as that can do nothing twice."""

    def __init__(
        self,
        clock: Clock,
        listener: Listener,
        recorders: Sequence[Recorder] = (),
    ) -> None:
        """Begin with a full budget.

        Args:
            clock: every wait goes through it.
            listener: hears of every wait.
            recorders: hear of every write.

        """
        self.clock = clock
        self.budget = Budget(clock)
        self._listener = listener
        self._recorders = recorders

    def bound(self) -> Sending:
        """Return a policy for one more client, with the same budget.

        A policy knows the one that comes after it, so that two pipelines cannot share one.
        """
        other = Sending(self.clock, self._listener, self._recorders)
        other.budget = self.budget
        return other

    def rest(self, seconds: float) -> None:
        """Wait between two polls of an operation."""
        self.budget.rest(seconds)

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Send a request until it is answered by something that a repetition cannot mend.

        Raises:
            AzureError: there was no answer.
            RequestFailedError: a recorder keeps it from leaving, or the run has to end.

        """
        method = request.http_request.method
        path = unquote(urlsplit(request.http_request.url).path)
        account = account_of(method, path)
        shown = f"{method} {shown_path(path)}"
        attempt = 1
        while True:
            self.budget.take(account, lambda wait: self._tell(shown, SPARED, wait))
            begun = self.clock.now()
            try:
                response = self._send_once(request, method, path, attempt)
            except NO_ANSWER as error:
                self._ended(request, attempt, begun, Sent(None, problem=type(error).__name__))
                self.budget.lost(account)
                sent = not isinstance(error, ServiceRequestError)
                if not repeats(method, None, attempt, sent=sent):
                    raise
                reason, asked = "since there was no answer", None
            else:
                status = response.http_response.status_code
                headers = lower(response.http_response.headers)
                asked = retry_after(headers)
                self._note(account, status, headers, asked)
                got = Sent(status, headers.get(CORRELATION, ""))
                self._ended(request, attempt, begun, got)
                if not repeats(method, status, attempt, sent=True):
                    return response
                response.http_response.close()
                reason = f"since it was answered with {status}"
            wait = request_wait(attempt, asked, random.random())  # noqa: S311  (spreads workers)
            self._tell(shown, reason, wait)
            self.budget.wait(wait)
            attempt += 1

    def _send_once(
        self, request: PipelineRequest[Any], method: str, path: str, attempt: int
    ) -> PipelineResponse[Any, Any]:
        """Send a request; a write is recorded before and after."""
        if method in ("GET", "HEAD") or path.lower().endswith(QUESTION):
            return self.next.send(request)
        body = request.http_request.content
        for recorder in self._recorders:
            recorder.leaving(method, path, attempt, body if isinstance(body, bytes) else b"")
        try:
            response = self.next.send(request)
        except AzureError as error:
            self._record(method, path, Sent(None, problem=type(error).__name__))
            raise
        answer = response.http_response
        headers = lower(answer.headers)
        self._record(method, path, Sent(answer.status_code, headers.get(CORRELATION, "")))
        return response

    def _record(self, method: str, path: str, sent: Sent) -> None:
        """Tell the recorders how a write was answered."""
        for recorder in self._recorders:
            recorder.answered(method, path, sent)

    def _note(
        self, account: Account, status: int, headers: Mapping[str, str], asked: float | None
    ) -> None:
        """Let the budget know what an answer says."""
        if status == 429:
            self.budget.refused(account, asked)
        else:
            left = remaining(headers, account.call, tenant=account.scope == TENANT)
            self.budget.answered(account, left)

    def _ended(self, request: PipelineRequest[Any], attempt: int, begun: float, got: Sent) -> None:
        """Tell of a request, without anything that could be secret."""
        sent = request.http_request
        parts = urlsplit(sent.url)
        self._listener(
            RequestEnded(
                sent.method,
                f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{shown_path(parts.path)}",
                self.clock.now() - begun,
                attempt,
                got.status,
                got.correlation_id,
                sent.headers.get(CLIENT, ""),
                got.problem,
            )
        )

    def _tell(self, request: str, reason: str, wait: float) -> None:
        """Tell of a wait."""
        self._listener(RequestDelayed(request, reason, wait))


def lower(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return headers by name in lower case."""
    return {name.lower(): value for name, value in headers.items()}
