"""Stacks: their headers resolved, and the names of everything in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.core.references import Declaration, suggest
from reconciler.kinds import children_of
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.ids import ResourceId
from reconciler.model.resource import DesiredResource, OnRemoval, Presence
from reconciler.model.source import Document
from reconciler.model.value import Json, as_object

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
NOBODY = "00000000-0000-0000-0000-000000000000"
"""Stands in for an unknown subscription, so that the rest of its stack is still checked."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack's header, resolved."""

    name: str
    document: Document
    group: ResourceId
    spec: Mapping[str, Json]

    @property
    def on_removal(self) -> OnRemoval:
        """What leaving the spec means, where a resource does not say otherwise."""
        return OnRemoval(as_text(self.spec.get("onRemoval"), OnRemoval.FORGET))


def stacks_of(
    documents: Sequence[Document], subscriptions: Mapping[str, str], problems: list[Diagnostic]
) -> Iterator[Stack]:
    """Yield a resolved header for each stack; the second of two with one name is left out."""
    seen: dict[str, Document] = {}
    for document in documents:
        name = as_text(as_object(document.value.get("metadata")).get("name"))
        if name in seen:
            first = (seen[name].at("metadata", "name"), "the first one is here")
            problems.append(
                Diagnostic(
                    Code.SAME_STACK,
                    f"there are two stacks called `{name}`",
                    "give one of them another name",
                    document.at("metadata", "name"),
                    related=(first,),
                )
            )
            continue
        seen[name] = document
        spec = as_object(document.value.get("spec"))
        alias = as_text(spec.get("subscription"))
        subscription = subscriptions.get(alias, alias if GUID.fullmatch(alias) else "")
        if not subscription:
            problems.append(
                Diagnostic(
                    Code.SUBSCRIPTION,
                    f"`{alias}` is neither a subscription id nor an alias",
                    suggest(alias, sorted(subscriptions))
                    if subscriptions
                    else f"write the subscription's GUID, or add `subscriptions: {{{alias}: GUID}}`"
                    " to reconciler.yaml",
                    document.at("spec", "subscription"),
                )
            )
            subscription = NOBODY
        place = as_object(spec.get("resourceGroup"))
        group = as_text(place.get("existing")) or as_text(place.get("name"))
        yield Stack(name, document, ResourceId.of_group(subscription.lower(), group), spec)


def declarations_of(stacks: Iterable[Stack], problems: list[Diagnostic]) -> Iterator[Declaration]:
    """Yield every named resource once; the second of two with one id is a problem."""
    seen: dict[ResourceId, Declaration] = {}
    for stack in stacks:
        for found in _named(stack, "", stack.spec, (), ()):
            if found.id in seen:
                problems.append(_twice(found, seen[found.id]))
                continue
            seen[found.id] = found
            yield found


def _named(
    stack: Stack,
    parent: str,
    values: Mapping[str, Json],
    path: tuple[str, ...],
    names: tuple[str, ...],
) -> Iterator[Declaration]:
    """Yield the resources named in ``values``, each before what is nested in it."""
    for kind in children_of(parent):
        for name, value in as_object(values.get(kind.collection)).items():
            place = (*path, kind.collection, name)
            yield Declaration(
                id=stack.group.child(kind.arm_type, *names, name),
                kind=kind.name,
                stack=stack.name,
                path=place,
                presence=_presence(value),
                place=stack.document.place("spec", *place, key=True),
            )
            yield from _named(stack, kind.name, as_object(value), place, (*names, name))


def _presence(value: Json) -> Presence:
    """Return how an entry speaks of its resource."""
    if value is None or as_object(value).get("remove") is True:
        return Presence.REMOVED
    return Presence.MANAGED


def _twice(second: Declaration, first: Declaration) -> Diagnostic:
    """Say that two declarations mean one resource: Azure's names ignore case."""
    return Diagnostic(
        Code.SAME_RESOURCE,
        f"`{second.name}` in stack `{second.stack}` is the same Azure resource as `{first.name}`"
        f" in stack `{first.stack}`",
        "keep one of the two; a resource belongs to one stack",
        second.span,
        related=((first.span, "declared here first"),),
    )


def group_of(stack: Stack) -> DesiredResource:
    """Return the resource group that a stack expects to find, or creates."""
    place = as_object(stack.spec.get("resourceGroup"))
    managed = "name" in place
    return DesiredResource(
        id=stack.group,
        kind="ResourceGroup",
        address=f"{stack.name}/resourceGroup/{stack.group.name}",
        stack=stack.name,
        presence=Presence.MANAGED if managed else Presence.EXISTING,
        place=stack.document.place("spec", "resourceGroup", "name" if managed else "existing"),
        fields={key: place[key] for key in ("location", "tags") if key in place},
    )


def each_group_once(
    resources: Iterable[DesiredResource], problems: list[Diagnostic]
) -> Iterator[DesiredResource]:
    """Yield each resource group once, as the stack that creates it wants it, and all the rest."""
    groups: dict[ResourceId, DesiredResource] = {}
    for resource in resources:
        if resource.kind != "ResourceGroup":
            yield resource
            continue
        other = groups.get(resource.id, resource)
        both = other is not resource and Presence.EXISTING not in (
            other.presence,
            resource.presence,
        )
        if both and other.span is not None:
            what = f"the resource group `{resource.id.name}` is created by two stacks"
            mend = f"write `existing: {resource.id.name}` in one of them"
            related = ((other.span, "created here, too"),)
            problems.append(
                Diagnostic(Code.SAME_RESOURCE, what, mend, resource.span, related=related)
            )
        groups[resource.id] = other if other.presence is Presence.MANAGED else resource
    yield from groups.values()


def as_text(value: Json, default: str = "") -> str:
    """Return a string as it is."""
    return value if isinstance(value, str) else default
