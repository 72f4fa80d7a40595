"""Changes Azure through the SDK's own operations, which are named by the table of kinds."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from azure.core.rest import HttpRequest

from reconciler.arm import plain
from reconciler.arm.answers import answer_failure, as_failures
from reconciler.arm.clients import POLL_SECONDS, Clients
from reconciler.arm.following import Following, as_answered, followed, shown
from reconciler.core.sealed.canonical import canonical
from reconciler.engine.ports import Aside, RequestFailedError
from reconciler.kinds.kind import Kind
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Verb
from reconciler.model.report import Shown
from reconciler.model.value import Body, Json

WITHHELD = "(withheld)"

SHORTEST_SECRET = 8
"""Characters from which on a part of a connection string is looked for by itself."""


def filled(body: Body, request: str) -> Body:
    """Return a body with its secrets in their places.

    Args:
        body: a value ``{"env": NAME}`` stands for an environment variable.
        request: for messages.

    Raises:
        RequestFailedError: there is no such variable.

    """
    found: dict[str, Json] = {}
    for key, value in body.items():
        name = value.get("env") if isinstance(value, dict) else None
        if isinstance(name, str) and not os.environ.get(name):
            mend = f"set {name} where apply runs"
            what = f"the environment variable {name} is not set"
            raise RequestFailedError(
                Failure(FailureClass.REFUSED, "no secret", what, mend, request)
            )
        found[key] = os.environ[name] if isinstance(name, str) else value
    return found


def _without(failure: Failure, secrets: Iterable[str]) -> Failure:
    """Return a failure in whose words no secret is left: Azure may quote what was sent."""
    code, message = failure.code, failure.message
    for secret in secrets:
        code, message = code.replace(secret, WITHHELD), message.replace(secret, WITHHELD)
        for part in re.split("[;,\\s]", secret):
            _, _, value = part.partition("=")
            if len(value) >= SHORTEST_SECRET:
                code, message = code.replace(value, WITHHELD), message.replace(value, WITHHELD)
    return replace(failure, code=code, message=message)


def _condition(body: Body) -> dict[str, str]:
    """Return the header that makes Azure refuse to overwrite what nobody has read."""
    tag = body.get("etag")
    return {"If-Match": tag} if isinstance(tag, str) else {"If-None-Match": "*"}


class ArmWriter:
    """Implements `reconciler.engine.ports.Writer`."""

    def __init__(self, clients: Clients) -> None:
        """Write through ``clients``, which must have been made for writing."""
        self._clients = clients

    def write(
        self,
        kind: Kind,
        verb: Verb,
        resource: ResourceId,
        body: Body | None,
        aside: Aside = nullcontext,
    ) -> Shown | None:
        """Send one request and wait until Azure says that its operation has ended."""
        operations = kind.operations
        assert operations is not None, f"{kind.name} is never written"
        if operations.client == "rest":
            return self._send(kind, verb, resource, body)
        assert resource.group is not None, f"{resource} is in no resource group"
        client = self._clients.for_kind(operations.client, resource.subscription)
        group = getattr(client, operations.group)
        names = (resource.group.name, *resource.names)
        arguments: dict[str, Any] = dict(zip(operations.parameters, names, strict=True))
        call = {
            Verb.PUT: operations.create,
            Verb.PATCH: operations.update,
            Verb.DELETE: operations.delete,
        }[verb]
        with as_failures(f"{verb} {resource}"):
            if body is not None:
                # As bytes, because the SDK's serialisers drop what they take for empty: with them
                # `{"tags": {}}` removes nothing, although it was planned and shown.
                # https://github.com/Azure/azure-sdk-for-net/issues/44489
                arguments["parameters"] = canonical(body)
            if call.startswith("begin_"):
                poller = getattr(group, call)(**arguments, polling=Following(POLL_SECONDS))
                with aside():
                    answer = followed(poller)
            else:
                answer = getattr(group, call)(**arguments, cls=as_answered)
        return None if verb is Verb.DELETE else shown(resource, answer)

    def act(self, kind: Kind, resource: ResourceId, action: str, body: Body) -> None:
        """Ask a resource for an action, with a POST that is sent once."""
        request = f"POST {resource} {action}"
        url = f"{resource.text}/{action}?api-version={kind.api_version}"
        sent = filled(body, request)
        try:
            plain.post(self._clients, url, resource.subscription, request, sent)
        except RequestFailedError as error:
            secrets = [sent[key] for key in sent if sent[key] != body[key]]
            raise RequestFailedError(_without(error.failure, map(str, secrets))) from None

    def _send(
        self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None
    ) -> Shown | None:
        """Send a plain ARM request, for kinds whose SDK package is not among our dependencies."""
        client = self._clients.communication(resource.subscription)
        request = f"{verb} {resource}"
        url = f"{resource.text}?api-version={kind.api_version}"
        content = None if body is None else canonical(body)
        headers = {**plain.HEADERS, **(_condition(body or {}) if kind.conditional else {})}
        with as_failures(request):
            response = client.send_request(
                HttpRequest(verb.value, url, headers=headers, content=content)
            )
            response.read()
        if response.status_code not in (200, 201, 204):
            try:
                answer = response.json()
            except ValueError:
                answer = None
            failure = answer_failure(request, response.status_code, response.headers, answer)
            if kind.conditional and response.status_code == HTTPStatus.PRECONDITION_FAILED:
                mend = "look at the change and plan again"
                failure = replace(failure, kind=FailureClass.STALE, mend=mend)
            if verb is not Verb.DELETE or failure.kind is not FailureClass.NOT_FOUND:
                raise RequestFailedError(failure)
        return None if verb is Verb.DELETE else shown(resource, response)
