"""Resources judged by policies: what does not fit becomes a finding at its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reconciler.core.policies.policy_view import name_of, place_of, view_of
from reconciler.core.policies.policy_world import World
from reconciler.documents.policies import Policy
from reconciler.documents.wording import shortened
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.resource import DesiredResource
from reconciler.model.source import Document, Span
from reconciler.model.value import Json, Path, as_object

if TYPE_CHECKING:
    from reconciler.documents.schema_failure import Failure

Judgement = tuple[DesiredResource, str, tuple[Diagnostic, ...]]
"""A resource, the name of a policy, and the findings of the one about the other."""


def judge(policies: Sequence[Policy], world: World, environment: str | None) -> Iterator[Judgement]:
    """Yield the findings of all policies about all resources of a run."""
    active = [
        (policy, severity) for policy in policies if (severity := policy.severity_in(environment))
    ]
    kinds = frozenset[str]().union(*(policy.kinds for policy, _ in active))
    for resource in world.resources:
        if resource.kind not in kinds or resource.place is None:
            continue
        view = view_of(resource, world, environment)
        for policy, severity in active:
            if resource.kind in policy.kinds:
                kept = policy.is_surely_kept(view)
                found = () if kept else tuple(_judge(policy, severity, resource, view))
                yield resource, policy.name, found


def _judge(
    policy: Policy, severity: Severity, resource: DesiredResource, view: dict[str, Json]
) -> Iterator[Diagnostic]:
    """Yield where a resource does not fit, as `jsonschema` tells it."""
    from reconciler.documents.schema_branches import relevant
    from reconciler.documents.schema_errors import translate
    from reconciler.documents.schema_failure import Failure

    if policy.when is not None and not policy.when.is_valid(view):
        return
    here = _seen_as(resource, view)
    for failure in relevant(map(Failure.of, policy.schema.iter_errors(view))):
        told = translate(failure, here)
        detail = _detail(failure, told.problem, name_of(resource), view)
        yield Diagnostic(
            Code.POLICY,
            f"policy `{policy.name}`, `{name_of(resource)}`:"
            f" {policy.problem or detail or told.problem}",
            policy.mend,
            told.span,
            detail if policy.problem else "",
            related=((policy.document.at("metadata", "name"), "the policy"),),
            severity=severity,
            rule=policy.rule,
        )


def _detail(failure: Failure, told: str, name: str, view: dict[str, Json]) -> str:
    """Return which rule of the schema failed, in words; for a fact what it is."""
    if failure.path[:1] == ("facts",) and len(failure.path) > 1:
        fact = str(failure.path[1])
        value = as_object(view["facts"]).get(fact)
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        return f"{fact}: {shortened(shown or 'nothing')}"
    if failure.conditional:
        return ""
    return told.replace("the document", f"`{name}`")


def _seen_as(resource: DesiredResource, view: dict[str, Json]) -> Document:
    """Return the view as a document, whose places are those in the stack."""
    place = resource.place
    assert place is not None

    def locate(path: Path, key: bool, /) -> Span:  # noqa: FBT001  (a `Locator`)
        inner = place_of(resource, path)
        of_key = key or not inner or inner != path
        return place.document.locate((*place.path, *inner), of_key)

    return Document(place.document.file, view, locate)
