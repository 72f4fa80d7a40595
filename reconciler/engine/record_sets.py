"""Looks at the record sets of Azure DNS that mail domains want, once their records are known."""

from __future__ import annotations

from dataclasses import replace

from reconciler.core.mail.record_sets import places, wanted_records, with_sets
from reconciler.engine.observe import observe
from reconciler.engine.ports import Listener, Reader
from reconciler.model.resource import DesiredState, ObservedState


def with_record_sets(
    desired: DesiredState, observed: ObservedState, reader: Reader, listener: Listener
) -> tuple[DesiredState, ObservedState]:
    """Return both states with the record sets in them.

    Args:
        desired: what the specs say.
        observed: what there is; record sets follow from the domains in it.
        reader: reads Azure.
        listener: hears of every answer.

    """
    wanted = wanted_records(desired, observed)
    if not wanted:
        return desired, observed
    seen = observe(DesiredState(places(wanted)), reader, listener)
    both = replace(
        observed,
        resources={**observed.resources, **seen.resources},
        unreadable={**observed.unreadable, **seen.unreadable},
        gaps=(*observed.gaps, *seen.gaps),
    )
    return with_sets(desired, wanted, both), both
