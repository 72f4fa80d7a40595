"""What a suppression list says of its addresses, as an entry of the desired state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reconciler.kinds.suppression_list_address import SUPPRESSION_LIST_ADDRESS
from reconciler.model.ids import ResourceId
from reconciler.model.source import Document
from reconciler.model.value import Json, Path, as_object

if TYPE_CHECKING:
    from reconciler.model.entries import DesiredEntries

FIELD = SUPPRESSION_LIST_ADDRESS.collection


def desired_entries(
    document: Document, path: Path, values: Mapping[str, Json], list_id: ResourceId, stack: str
) -> DesiredEntries | None:
    """Return what a suppression list says of its addresses, None if it says nothing.

    Args:
        document: the stack.
        path: where the list stands in it.
        values: what the spec says of the list.
        list_id: its id.
        stack: the stack's name.
    """
    if FIELD not in values:
        return None
    from reconciler.model.entries import DesiredEntries

    said = as_object(values[FIELD])
    hashes = said.get("hashed")
    address = "/".join([stack, *(str(part) for part in path[1:]), FIELD])
    return DesiredEntries(
        list=list_id,
        address=address,
        stack=stack,
        place=document.place(*path, FIELD, key=True),
        file=str(said.get("file", "")),
        hashes=frozenset(str(h) for h in hashes) if isinstance(hashes, list) else frozenset(),
        exact=said.get("exact") is True,
    )
