"""Stacks: their headers resolved, and the names of everything in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reconciler.core.specs.ownership import mark_of
from reconciler.core.specs.references import Declaration, Index, Reference, suggest
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


class Stack(NamedTuple):
    """A stack's header, resolved."""

    name: str
    document: Document
    group: ResourceId
    spec: Mapping[str, Json]
    environment: str = ""
    """The environment that it is rolled out to, empty for none."""

    @property
    def mark(self) -> str:
        """What marks a resource as this stack's own."""
        return mark_of(self.name, self.environment)

    @property
    def on_removal(self) -> OnRemoval:
        """What leaving the spec means, where a resource does not say otherwise."""
        return OnRemoval(as_text(self.spec.get("onRemoval"), OnRemoval.FORGET))


def stacks_of(
    documents: Sequence[Document],
    subscriptions: Mapping[str, str],
    environment: str,
    problems: list[Diagnostic],
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
        block = as_object(spec.get("resourceGroup"))
        group = as_text(block.get("existing")) or as_text(block.get("name"))
        place = ResourceId.of_group(subscription.lower(), group)
        yield Stack(name, document, place, spec, environment)


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
    above: Presence = Presence.MANAGED,
) -> Iterator[Declaration]:
    """Yield the resources named in ``values``, each before what is nested in it."""
    for kind in children_of(parent):
        for name, value in as_object(values.get(kind.collection)).items():
            place = (*path, kind.collection, name)
            presence = above if above is Presence.REMOVED else _presence(value)
            yield Declaration(
                id=stack.group.child(kind.arm_type, *names, name),
                kind=kind.name,
                stack=stack.name,
                path=place,
                presence=presence,
                place=stack.document.place("spec", *place, key=True),
            )
            inner = as_object(value)
            yield from _named(stack, kind.name, inner, place, (*names, name), presence)


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


def still_there(stacks: Iterable[Stack], index: Index) -> Iterator[Diagnostic]:
    """Yield a problem for each move from a place that is still described."""
    stacks = tuple(stacks)
    by_name = {stack.name: stack for stack in stacks}
    for stack in stacks:
        entries = stack.spec.get("moved")
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            text = as_text(as_object(entry).get("from"))
            source = Reference.parse(text, stack.name)
            found = index.find(source) if source.path else None
            old = by_name.get(source.stack)
            place = found.span if found is not None else None
            if old is not None and not source.path:
                place = old.document.at("metadata", "name")
            if place is not None:
                yield Diagnostic(
                    Code.MOVED_FROM_HERE,
                    f"`{text}` is still described, so it cannot have moved",
                    "remove it there, or remove this entry",
                    stack.document.at("spec", "moved", number, "from"),
                    related=((place, "described here"),),
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
