"""Changes Azure through the SDK's own operations, which are named by the table of kinds."""

from __future__ import annotations

import json
from typing import Any

from reconciler.arm.answers import as_failures
from reconciler.arm.clients import RETRIED, Clients
from reconciler.kinds.kind import Kind
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Verb
from reconciler.model.value import Body


class ArmWriter:
    """Implements `reconciler.engine.ports.Writer`."""

    def __init__(self, clients: Clients) -> None:
        """Write through ``clients``, which must have been made for writing."""
        self._clients = clients

    def write(self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None) -> None:
        """Send one request and wait until Azure says that its operation has ended."""
        operations = kind.operations
        assert operations is not None, f"{kind.name} is never written"
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
                arguments["parameters"] = json.dumps(body).encode()
            answer = getattr(group, call)(**arguments, retry_on_methods=RETRIED)
            if call.startswith("begin_"):
                answer.result()
