"""Policies that a resource need not keep for a while."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reconciler.core.specs.references import suggest
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.resource import DesiredResource, Exemption
from reconciler.model.source import Document, Span
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


@dataclass(slots=True, frozen=True)
class Exempted:
    """What exemptions make of the findings about resources."""

    findings: tuple[Diagnostic, ...] = ()
    """Those that are left."""
    used: frozenset[Span] = frozenset()
    """Where exemptions are written that hold something back, or did before they ran out."""
    idle: tuple[Diagnostic, ...] = field(default=())
    """A warning for each exemption from nothing; another environment may need it all the same."""


def exempt(
    judged: Iterable[tuple[DesiredResource, str, tuple[Diagnostic, ...]]],
    resources: Iterable[DesiredResource],
    today: str,
) -> Exempted:
    """Return what is left of findings once exemptions are honoured.

    Args:
        judged: a resource, the name of a policy and its findings about the resource.
        resources: all resources, also those without findings.
        today: the day of the run.

    """
    left: list[Diagnostic] = []
    used: set[Span] = set()
    for resource, policy, findings in judged:
        claimed = [e for e in resource.exemptions if e.policy == policy]
        if findings:
            used |= {e.place.span for e in claimed}
        if not any(today <= e.until for e in claimed):
            left += [_after_the_end(finding, claimed) for finding in findings]
    spans = frozenset(used)
    idle = (e for r in resources for e in r.exemptions if e.place.span not in spans)
    return Exempted(tuple(left), spans, tuple(map(_idle, idle)))


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


def _after_the_end(finding: Diagnostic, claimed: Iterable[Exemption]) -> Diagnostic:
    """Return a finding with the exemptions from it that have run out."""
    ended = tuple(
        (e.place.span, f"this exemption ran out on {e.until}: {e.reason}") for e in claimed
    )
    return replace(finding, related=(*finding.related, *ended))


def _idle(exemption: Exemption) -> Diagnostic:
    """Say that an exemption is from nothing."""
    return Diagnostic(
        Code.IDLE_EXEMPTION,
        f"nothing here is exempt from policy `{exemption.policy}`: it is kept, or asks nothing",
        "remove the exemption",
        exemption.place.span,
        severity=Severity.WARNING,
    )
