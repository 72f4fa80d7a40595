"""Resources that wait for each other: Azure could make none of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.ids import ResourceId
from reconciler.model.resource import DesiredResource


def cycles(resources: Iterable[DesiredResource]) -> Iterator[Diagnostic]:
    """Yield a problem for each circle of references, naming every resource on the way round."""
    by_id = {resource.id: resource for resource in resources}
    while circle := _circle(by_id):
        around = [by_id[id_].address for id_ in circle]
        first = by_id[circle[0]]
        places = [
            (span, f"needs `{by_id[needed].address}`")
            for id_, needed in pairwise(circle)
            if (span := by_id[id_].span) is not None
        ]
        yield Diagnostic(
            Code.CYCLE,
            f"these resources wait for each other: {' -> '.join(around)}",
            "take one of the references out, or write its value",
            first.span,
            label=places[0][1] if places else "",
            related=tuple(places[1:]),
        )
        del by_id[circle[0]]


def _circle(by_id: dict[ResourceId, DesiredResource]) -> list[ResourceId]:
    """Return a circle, from its least address round to it again; empty if there is none."""
    waits = {id_: resource.relies_on for id_, resource in by_id.items()}
    among = 0
    while among != len(waits):  # what waits for nothing that waits itself is on no circle
        among = len(waits)
        left = ((id_, needed & waits.keys()) for id_, needed in waits.items())
        waits = {id_: frozenset(needed) for id_, needed in left if needed}
    try:
        TopologicalSorter({id_: sorted(needed) for id_, needed in waits.items()}).prepare()
    except CycleError as error:
        # Each one in the list is needed by the next one.
        found: list[ResourceId] = error.args[1][:0:-1]
        start = min(range(len(found)), key=lambda i: by_id[found[i]].address)
        turned = [*found[start:], *found[:start]]
        return [*turned, turned[0]]
    return []
