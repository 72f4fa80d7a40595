"""Policies that a resource need not keep for a while."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.core.specs.references import suggest
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.resource import DesiredResource, Exemption
from reconciler.model.source import Document
from reconciler.model.value import Json, Path, as_object


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


def unknown_policies(
    resources: Iterable[DesiredResource], known: Iterable[str]
) -> Iterator[Diagnostic]:
    """Yield an error for each exemption from a policy that does not exist."""
    names = sorted(known)
    for resource in resources:
        for exemption in resource.exemptions:
            if exemption.policy in names:
                continue
            what = f"there is no policy `{exemption.policy}` to be exempt from"
            mend = "remove the exemption: the project has no policies"
            if names:
                mend = suggest(exemption.policy, names)
            yield Diagnostic(Code.UNKNOWN_POLICY, what, mend, exemption.place.span)
