"""Read the addresses of suppression lists: of each list that is there, all or nothing.

What Azure says when a read fails may quote an address, so that only its code is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from itertools import islice

from reconciler.core.changes.entries import absent_ids
from reconciler.core.changes.privacy import scrubbed
from reconciler.engine.ports import Listener, Reader, RequestFailedError
from reconciler.engine.telling import during
from reconciler.kinds.suppression_list_address import SUPPRESSION_LIST_ADDRESS
from reconciler.model.entries import DesiredEntries, ObservedEntries
from reconciler.model.event import Reading
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.resource import ObservedState
from reconciler.model.value import Body

KIND = SUPPRESSION_LIST_ADDRESS
SEGMENT = KIND.arm_type.rpartition("/")[2]
NAME = re.compile(r"[A-Za-z0-9-]{1,253}", re.ASCII)
"""https://learn.microsoft.com/rest/api/communication/resourcemanager/suppression-list-addresses"""

CONFIRMED = 100
"""How many absences of one list are confirmed one by one, since a list may lag behind a PUT."""


def with_entries(
    wanted: Iterable[DesiredEntries],
    state: ObservedState,
    reader: Reader,
    listener: Listener,
    pool: Executor,
) -> ObservedState:
    """Return ``state`` with the addresses of those lists that are there.

    Args:
        wanted: the lists whose addresses are described.
        state: what has been read of everything else.
        reader: reads Azure.
        listener: hears of every answer.
        pool: runs the reads.
    """
    there = [one for one in wanted if one.list in state.resources]
    if not there:
        return state
    found = list(pool.map(partial(_of_list, reader, listener), there))
    for number, one in enumerate(there):
        found[number] = _confirmed(one, found[number], reader, pool)
    failures = tuple(f.failure for f in found if f.failure is not None)
    entries = {one.list: f for one, f in zip(there, found, strict=True)}
    return replace(state, entries=entries, gaps=(*state.gaps, *failures))


def _of_list(reader: Reader, listener: Listener, wanted: DesiredEntries) -> ObservedEntries:
    """Return the entries that a list shows, or why nothing is known of them."""
    with during(listener, Reading(KIND.name, wanted.list.text)) as ending:
        try:
            bodies = _listed(wanted.list, reader)
        except RequestFailedError as error:
            unread = _unread(wanted, error)
            ending.failure = unread.failure.code if unread.failure is not None else ""
            return unread
        ending.found = len(bodies)
        return ObservedEntries(bodies)


def _confirmed(
    wanted: DesiredEntries, found: ObservedEntries, reader: Reader, pool: Executor
) -> ObservedEntries:
    """Return the entries with those that the list does not show, although they are there."""
    if found.failure is not None:
        return found
    missing = list(islice(absent_ids(wanted, found.bodies), CONFIRMED + 1))
    if len(missing) > CONFIRMED:
        return found
    try:
        bodies = list(pool.map(partial(reader.get, KIND), missing))
    except RequestFailedError as error:
        return _unread(wanted, error)
    late = {id_: body for id_, body in zip(missing, bodies, strict=True) if body is not None}
    return ObservedEntries({**found.bodies, **late})


def _unread(wanted: DesiredEntries, error: RequestFailedError) -> ObservedEntries:
    """Return that nothing is known of a list, and why."""
    request = f"GET {KIND.collection} of {wanted.list}"
    return ObservedEntries(failure=scrubbed(error.failure, request))


def _listed(list_id: ResourceId, reader: Reader) -> dict[ResourceId, Body]:
    """Return the entries that a list shows, by ids of our own making."""
    bodies = reader.list_in(KIND, list_id.text)
    if not all(NAME.fullmatch(id_.name) for id_ in bodies):
        problem = "an entry has a name that it cannot have"
        failure = Failure(FailureClass.TRANSIENT, "malformed answer", problem, "plan again")
        raise RequestFailedError(failure)
    return {ResourceId(f"{list_id}/{SEGMENT}/{id_.name}"): body for id_, body in bodies.items()}
