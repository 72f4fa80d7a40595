"""Validated documents become the desired state: names to ids, references to ids, forms to one form.

Everything that a JSON Schema cannot say is checked here, and reported with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.core.ownership import mark, mark_problem, tag_problems
from reconciler.core.references import PREFIX, Declaration, Index, Reference, suggest
from reconciler.kinds import KINDS, children_of
from reconciler.kinds.kind import Kind
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.ids import ResourceId
from reconciler.model.resource import (
    DesiredResource,
    DesiredState,
    Lifecycle,
    OnRemoval,
    Output,
    Presence,
)
from reconciler.model.source import Document
from reconciler.model.value import Json, Path, Pending

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
        return OnRemoval(_text(self.spec.get("onRemoval"), OnRemoval.FORGET))


def desired_state(
    documents: Sequence[Document], subscriptions: Mapping[str, str]
) -> tuple[DesiredState, tuple[Diagnostic, ...]]:
    """Return what the stacks want, and every problem that is left in them.

    Args:
        documents: stacks that their schema has found valid.
        subscriptions: subscription ids by alias, from the project file.

    Returns:
        The desired state, to be used only if there are no errors among the diagnostics.

    """
    problems: list[Diagnostic] = []
    stacks = tuple(_stacks(documents, subscriptions, problems))
    declarations = tuple(_declarations(stacks, problems))
    index = Index.of(declarations)
    resources: list[DesiredResource] = []
    outputs: list[Output] = []
    for stack in stacks:
        problems.extend(tag_problems(stack.document, ("spec", "tags")))
        resources.append(_group(stack))
        mine = (d for d in declarations if d.stack == stack.name)
        resources.extend(_resource(stack, d, index, problems) for d in mine)
        outputs.extend(_outputs(stack, index, problems))
    groups = {r.id: r for r in resources if r.presence is Presence.EXISTING}
    rest = [r for r in resources if r.presence is not Presence.EXISTING]
    state = DesiredState(
        resources=tuple(sorted([*groups.values(), *rest], key=lambda r: r.address)),
        outputs=tuple(sorted(outputs, key=lambda o: (o.stack, o.name))),
        stacks=tuple(sorted(stack.name for stack in stacks)),
    )
    return state, tuple(problems)


def _stacks(
    documents: Sequence[Document], subscriptions: Mapping[str, str], problems: list[Diagnostic]
) -> Iterator[Stack]:
    """Yield a resolved header for each stack; the second of two with one name is left out."""
    seen: dict[str, Document] = {}
    for document in documents:
        name = _text(_object(document.value.get("metadata")).get("name"))
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
        spec = _object(document.value.get("spec"))
        alias = _text(spec.get("subscription"))
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
        group = _text(_object(spec.get("resourceGroup")).get("existing"))
        yield Stack(name, document, ResourceId.of_group(subscription.lower(), group), spec)


def _declarations(stacks: Iterable[Stack], problems: list[Diagnostic]) -> Iterator[Declaration]:
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
        for name, value in _object(values.get(kind.collection)).items():
            place = (*path, kind.collection, name)
            yield Declaration(
                id=stack.group.child(kind.arm_type, *names, name),
                kind=kind.name,
                stack=stack.name,
                path=place,
                presence=Presence.REMOVED if value is None else Presence.MANAGED,
                span=stack.document.key("spec", *place),
            )
            yield from _named(stack, kind.name, _object(value), place, (*names, name))


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


def _group(stack: Stack) -> DesiredResource:
    """Return the resource group that a stack expects to find."""
    return DesiredResource(
        id=stack.group,
        kind="ResourceGroup",
        address=f"{stack.name}/resourceGroup/{stack.group.name}",
        stack=stack.name,
        presence=Presence.EXISTING,
        span=stack.document.at("spec", "resourceGroup", "existing"),
    )


def _resource(
    stack: Stack, declared: Declaration, index: Index, problems: list[Diagnostic]
) -> DesiredResource:
    """Return one declared resource with its references resolved and its forms made one."""
    path: Path = ("spec", *declared.path)
    kind = KINDS[declared.kind]
    values = _at(stack.spec, declared.path)
    lifecycle = _lifecycle(stack, values)
    needs: set[ResourceId] = {stack.group}
    fields: dict[str, Json] = {}
    if declared.presence is Presence.MANAGED:
        if len(declared.path) > 2:
            needs.add(stack.group.child(KINDS[kind.parent].arm_type, *declared.path[1:-2:2]))
        resolver = _Resolver(stack, index, problems, needs)
        fields = _expanded(kind, declared, values, resolver)
        if any(field.name == "tags" for field in kind.fields):
            problems.extend(tag_problems(stack.document, (*path, "tags")))
            tags = _tags(stack, values, lifecycle.on_removal)
            if tags is None and lifecycle.on_removal is OnRemoval.DELETE:
                problems.append(mark_problem(stack.document, (*path, "tags")))
            if tags is None or tags:
                fields["tags"] = tags
    return DesiredResource(
        id=declared.id,
        kind=declared.kind,
        address=declared.address,
        stack=stack.name,
        presence=declared.presence,
        span=declared.span,
        fields=fields,
        lifecycle=lifecycle,
        needs=frozenset(needs - {declared.id}),
    )


def _expanded(
    kind: Kind, declared: Declaration, values: Mapping[str, Json], resolver: _Resolver
) -> dict[str, Json]:
    """Return the managed fields, all but the tags, in the form that the table describes."""
    nested = {child.collection for child in children_of(kind.name)}
    own = {
        name: resolver.resolve(value, ("spec", *declared.path, name))
        for name, value in values.items()
        if name not in nested and name not in ("tags", "lifecycle")
    }
    return dict(kind.expand(declared.name, own))


def _lifecycle(stack: Stack, values: Mapping[str, Json]) -> Lifecycle:
    """Return a resource's own lifecycle over the stack's."""
    own = _object(values.get("lifecycle"))
    return Lifecycle(
        prevent_replace=own.get("preventReplace") is not False,
        on_removal=OnRemoval(_text(own.get("onRemoval"), stack.on_removal)),
    )


def _tags(stack: Stack, values: Mapping[str, Json], on_removal: OnRemoval) -> Json:
    """Return the stack's tags with the resource's own on top, and the owner's mark if wanted."""
    if "tags" in values and values["tags"] is None:
        return None
    merged = {**_object(stack.spec.get("tags"))}
    for key, value in _object(values.get("tags")).items():
        for other in [k for k in merged if k.lower() == key.lower()]:
            del merged[other]
        merged[key] = value
    return mark(merged, stack.name) if on_removal is OnRemoval.DELETE else merged


def _outputs(stack: Stack, index: Index, problems: list[Diagnostic]) -> Iterator[Output]:
    """Yield a stack's outputs; one that points nowhere or at no field is a problem."""
    for name, text in _object(stack.spec.get("outputs")).items():
        span = stack.document.at("spec", "outputs", name)
        reference = Reference.parse(_text(text), stack.name)
        found = index.find(reference)
        if found is None or found.presence is Presence.REMOVED:
            problems.append(index.unknown(_text(text), reference, span))
            continue
        known = readable_fields(KINDS[found.kind])
        if reference.field and reference.field not in known:
            what = f"a {found.kind} has no field `{reference.field}` to read"
            problems.append(
                Diagnostic(Code.UNKNOWN_OUTPUT, what, suggest(reference.field, known), span)
            )
            continue
        yield Output(stack.name, name, Pending(found.id, reference.field or "id"))


def readable_fields(kind: Kind) -> tuple[str, ...]:
    """Return the names of the fields that an output of ``kind`` may name, sorted."""
    names = {f.name for f in kind.fields} | {c.name for c in kind.computed} | {"id"}
    return tuple(sorted(names))


@dataclass(frozen=True, slots=True)
class _Resolver:
    """Replaces references by ids, and notes what is needed."""

    stack: Stack
    index: Index
    problems: list[Diagnostic]
    needs: set[ResourceId]

    def resolve(self, value: Json, path: Path) -> Json:
        """Return ``value`` with every reference in it, key or value, replaced by an ARM id."""
        if isinstance(value, str):
            return self._target(value, path, of_key=False)
        if isinstance(value, Mapping):
            return {
                self._target(key, (*path, key), of_key=True): self.resolve(inner, (*path, key))
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self.resolve(inner, (*path, i)) for i, inner in enumerate(value)]
        return value

    def _target(self, text: str, path: Path, *, of_key: bool) -> str:
        """Return the id that ``text`` stands for; anything but a reference stands for itself."""
        if not text.startswith(PREFIX):
            if text.startswith("/subscriptions/") and ResourceId(text) in self.index.by_id:
                self._need(self.index.by_id[ResourceId(text)], text, path, of_key=of_key)
            return text
        reference = Reference.parse(text, self.stack.name)
        found = self.index.find(reference)
        if found is None:
            span = self.stack.document.locate(path, of_key)
            self.problems.append(self.index.unknown(text, reference, span))
            return text
        self._need(found, text, path, of_key=of_key)
        return found.id.text

    def _need(self, found: Declaration, text: str, path: Path, *, of_key: bool) -> None:
        """Note that ``found`` must come first; what is to be deleted cannot be needed."""
        if found.presence is Presence.REMOVED:
            self.problems.append(
                Diagnostic(
                    Code.REMOVED_TARGET,
                    f"`{text}` points at a resource that is set to null, which deletes it",
                    "remove this reference, or describe the resource",
                    self.stack.document.locate(path, of_key),
                    related=((found.span, "set to null here"),),
                )
            )
        self.needs.add(found.id)


def _at(spec: Mapping[str, Json], path: tuple[str, ...]) -> Mapping[str, Json]:
    """Return the values at ``path`` below a stack's spec."""
    values = spec
    for part in path:
        values = _object(values.get(part))
    return values


def _object(value: Json) -> Mapping[str, Json]:
    """Return an object as it is; null and absence are empty."""
    return value if isinstance(value, Mapping) else {}


def _text(value: Json, default: str = "") -> str:
    """Return a string as it is."""
    return value if isinstance(value, str) else default
