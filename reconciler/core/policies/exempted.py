"""Findings of policies without those that a resource is exempt from for a while."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.resource import DesiredResource, Exemption
from reconciler.model.source import Span


@dataclass(frozen=True, slots=True)
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
