"""What a resource is protected and exempt from, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.kinds.kind import Kind
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.resource import Exemption, Lifecycle, OnRemoval, Protection, Waiver
from reconciler.model.source import Document
from reconciler.model.value import Json, Path, as_object

PREVENT_DELETE = "preventDelete"
PREVENT_REPLACE = "preventReplace"


def lifecycle_of(
    kind: Kind, own: Mapping[str, Json], above: Sequence[Mapping[str, Json]], on_removal: OnRemoval
) -> Lifecycle:
    """Return the lifecycle of a resource.

    Args:
        kind: a kind that holds state is not deleted unless the spec says so.
        own: what the resource says of it.
        above: what the resources that it is nested in say, innermost first, and then the stack.
        on_removal: what the stack says of leaving the spec.
    """
    said = own.get("onRemoval")
    layers = (own, *above)
    return Lifecycle(
        prevent_delete=_nearest(PREVENT_DELETE, layers, Protection(on=kind.is_stateful)),
        prevent_replace=_nearest(PREVENT_REPLACE, layers, Protection(on=True)),
        on_removal=OnRemoval(said) if isinstance(said, str) else on_removal,
        waivers=tuple(_waivers(own.get("ignoreChanges"))),
    )


def contradiction(
    document: Document, place: Path, own: Mapping[str, Json], lifecycle: Lifecycle
) -> Iterator[Diagnostic]:
    """Yield a problem if a resource is never to be deleted, and to be deleted by pruning."""
    if lifecycle.on_removal is OnRemoval.DELETE and own.get(PREVENT_DELETE) is True:
        yield Diagnostic(
            Code.CONTRADICTION,
            "`preventDelete: true` and `onRemoval: delete` contradict each other",
            "remove `preventDelete`, or write `onRemoval: forget`",
            document.key(*place, "lifecycle", PREVENT_DELETE),
        )


def exemptions_of(
    document: Document, place: Path, values: Mapping[str, Json]
) -> tuple[Exemption, ...]:
    """Return the exemptions that a resource claims."""
    entries = values.get("exemptions")
    return tuple(
        Exemption(
            policy=str(as_object(entry).get("policy")),
            reason=str(as_object(entry).get("reason")).rstrip("."),
            until=str(as_object(entry).get("until")),
            place=document.place(*place, "exemptions", number, "policy"),
        )
        for number, entry in enumerate(entries if isinstance(entries, list) else ())
    )


def _nearest(word: str, layers: Iterable[Mapping[str, Json]], default: Protection) -> Protection:
    """Return what is said nearest to the resource."""
    for said in layers:
        if isinstance(said.get(word), bool):
            on = said[word] is True
            return Protection(on, "" if on else str(said.get("until", "")))
    return default


def _waivers(entries: Json) -> Iterator[Waiver]:
    """Yield the differences that are tolerated."""
    for entry in entries if isinstance(entries, list) else ():
        fields = as_object(entry)
        path = tuple(str(fields.get("field")).split(".", 1))
        yield Waiver(path, str(fields.get("reason")), str(fields.get("until")))
