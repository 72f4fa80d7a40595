"""Waiting for operations that Azure is carrying out, whoever began them."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.engine.ports import Clock, Reader
from reconciler.kinds import KINDS
from reconciler.kinds.kind import lookup
from reconciler.model.resource import ObservedResource
from reconciler.model.value import Body

SETTLED = frozenset({"succeeded", "failed", "canceled"})
"""Provisioning states that last; Azure has more names for the others than it documents."""

SETTLES_WITHIN = 3600.0
"""Seconds that an operation may take until the resource has settled, or is gone.

The longest on record is an update of 2,806 seconds:
https://github.com/hashicorp/terraform-provider-azurerm/pull/19186
"""

LOOK_EVERY = 2.0
"""Seconds between two looks."""


def provisioning_state(live: Body | None) -> str | None:
    """Return the provisioning state in lower case, None where there is none."""
    state = lookup(live or {}, ("properties", "provisioningState"))
    return state.lower() if isinstance(state, str) else None


def is_under_way(live: Body | None) -> bool:
    """Whether an operation is still changing a resource."""
    state = provisioning_state(live)
    return state is not None and state not in SETTLED


def wait_until_settled(resources: Iterable[ObservedResource], reader: Reader, clock: Clock) -> None:
    """Come back when nothing is under way on any of the resources, or it takes too long.

    Raises:
        RequestFailedError: one cannot be read any more, or the run has to end.

    """
    end = clock.now() + SETTLES_WITHIN
    for resource in resources:
        kind, live = KINDS[resource.kind], resource.body
        while is_under_way(live) and clock.now() < end:
            clock.sleep(LOOK_EVERY)
            found = reader.get(kind, resource.id)
            if found is None:
                break
            live = found
