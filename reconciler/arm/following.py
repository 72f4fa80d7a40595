"""How a write is followed to its end, and what Azure has shown of the resource by then.

Long-running operations are followed by the SDK's own poller, with two differences. It first waits
and then asks, since nothing is done at once; and it ends with the answer as it came, which is JSON
and not a model.
https://learn.microsoft.com/python/api/azure-mgmt-core/azure.mgmt.core.polling.arm_polling.armpolling
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline import PipelineResponse
from azure.core.polling import LROPoller
from azure.mgmt.core.polling.arm_polling import ARMPolling

from reconciler.model.ids import ResourceId
from reconciler.model.report import Shown

DENIED = (401, 403)


class Following(ARMPolling):
    """Follows one operation.

    Asks again after what ``Retry-After`` says, or after ``timeout`` seconds.
    """

    def run(self) -> None:
        """Come back when the operation has ended."""
        self._delay()
        super().run()

    def resource(self) -> Any:
        """Return the last answer: of a PUT or PATCH that took its time, a read of the resource."""
        return self._pipeline_response.http_response


def followed(poller: LROPoller[Any]) -> Any:
    """Wait until an operation has ended, or cannot be followed any further.

    Azure has taken the request by then. If the operation is not found, or not answered for, or the
    resource does not show yet, that says nothing about the write, which is read back anyway.
    https://github.com/hashicorp/go-azure-sdk/issues/740

    Returns:
        the last answer, None if it could not be followed.

    Raises:
        HttpResponseError: the operation has failed, or may not be read.

    """
    try:
        return poller.result()
    except HttpResponseError as error:
        if error.status_code is not None and (
            error.status_code < 400 or error.status_code in DENIED
        ):
            raise
    except (ServiceRequestError, ServiceResponseError):
        pass
    return None


def as_answered(response: PipelineResponse[Any, Any], _model: object, _headers: object) -> Any:
    """Return an answer as it came, for the SDK to give back in place of its model."""
    return response.http_response


def shown(resource: ResourceId, response: Any) -> Shown | None:
    """Return a resource as an answer shows it, None if the answer is about something else.

    Args:
        resource: what was written.
        response: the last answer to the write, or to what followed it; None if there is none.

    """
    try:
        body = None if response is None else response.json()
    except ValueError:
        return None
    named = body.get("id") if isinstance(body, Mapping) else None
    if body is None or not isinstance(named, str) or named.lower() != resource.folded:
        return None
    return Shown(body, read=response.request.method == "GET")
