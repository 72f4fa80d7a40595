"""Validated documents become the desired state: names to ids, references to ids, forms to one form.

Everything that a JSON Schema cannot say is checked here, and reported with its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from reconciler.core.specs.addresses import desired_entries
from reconciler.core.specs.assignments import assignment, repeated
from reconciler.core.specs.cycles import cycles
from reconciler.core.specs.lint import bare_names, mail_problems, refused, unknown_waivers
from reconciler.core.specs.ownership import former_marks, mark_problem, marked, tag_problems
from reconciler.core.specs.protection import contradiction, exemptions_of, lifecycle_of
from reconciler.core.specs.references import PREFIX, Declaration, Index, Reference, suggest
from reconciler.core.specs.resolver import Resolver, readable_fields
from reconciler.core.specs.stacks import (
    Stack,
    as_text,
    declarations_of,
    each_group_once,
    group_of,
    stacks_of,
    still_there,
)
from reconciler.kinds import KINDS
from reconciler.kinds.email import SUPPRESSION_LIST
from reconciler.kinds.kind import Kind
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.ids import ResourceId
from reconciler.model.resource import (
    DesiredResource,
    DesiredState,
    OnRemoval,
    Output,
    Presence,
)
from reconciler.model.source import Document
from reconciler.model.value import Json, Path, Pending, as_object

if TYPE_CHECKING:
    from reconciler.model.entries import DesiredEntries

NOT_IN_AZURE = frozenset({"annotations", "dns", "exemptions", "lifecycle", "remove", "verify"})
"""Fields of a resource that speak to this tool or to people, and are never sent."""


def desired_state(
    documents: Sequence[Document], subscriptions: Mapping[str, str], environment: str = ""
) -> tuple[DesiredState, tuple[Diagnostic, ...]]:
    """Return what the stacks want, and every problem that is left in them.

    Args:
        documents: stacks that their schema has found valid.
        subscriptions: subscription ids by alias, from the project file.
        environment: the name of the environment, empty for none.

    Returns:
        The desired state, to be used only if there are no errors among the diagnostics.

    """
    problems: list[Diagnostic] = []
    stacks = tuple(stacks_of(documents, subscriptions, environment, problems))
    declarations = tuple(declarations_of(stacks, problems))
    index = Index.of(declarations)
    by_stack: defaultdict[str, list[Declaration]] = defaultdict(list)
    for declared in declarations:
        by_stack[declared.stack].append(declared)
    resources: list[DesiredResource] = []
    outputs: list[Output] = []
    entries: list[DesiredEntries] = []
    for stack in stacks:
        problems.extend(tag_problems(stack.document, ("spec", "tags")))
        resources.append(group_of(stack))
        mine = by_stack[stack.name]
        resources.extend(_resource(stack, d, index, problems) for d in mine)
        entries.extend(_entries(stack, mine))
        outputs.extend(_outputs(stack, index, problems))
    problems.extend(repeated(resources))
    problems.extend(refused(resources))
    problems.extend(still_there(stacks, index))
    problems.extend(cycles(resources))
    state = DesiredState(
        resources=tuple(sorted(each_group_once(resources, problems), key=lambda r: r.address)),
        outputs=tuple(sorted(outputs, key=lambda o: (o.stack, o.name))),
        stacks=tuple(sorted(stack.name for stack in stacks)),
        environment=environment,
        marks=_whose(stacks),
        entries=tuple(sorted(entries, key=lambda e: e.address)),
    )
    return state, tuple(problems)


def _resource(
    stack: Stack, declared: Declaration, index: Index, problems: list[Diagnostic]
) -> DesiredResource:
    """Return one declared resource with its references resolved and its forms made one."""
    path: Path = ("spec", *declared.path)
    kind = KINDS[declared.kind]
    values = _at(stack.spec, declared.path)
    lifecycle = lifecycle_of(kind, *_said_of_lifecycle(stack, declared.path), stack.on_removal)
    needs: set[ResourceId] = {stack.group}
    fields: dict[str, Json] = {}
    pending: dict[str, Pending] = {}
    leaves = declared.presence is Presence.REMOVED
    resolver = Resolver(stack, index, problems, needs, leaves)
    identifier = declared.id
    if kind.is_extension:
        identifier, fields, pending = assignment(stack.group, declared, values, resolver)
    elif kind.parent:
        needs.add(stack.group.child(KINDS[kind.parent].arm_type, *declared.path[1:-2:2]))
    if declared.presence is Presence.MANAGED and not kind.is_extension:
        fields, pending = _expanded(kind, declared, values, resolver)
        problems.extend(bare_names(stack.document, path, values))
        problems.extend(mail_problems(stack.document, path, kind, values))
        problems.extend(unknown_waivers(stack.document, path, kind, values))
        said = as_object(values.get("lifecycle"))
        problems.extend(contradiction(stack.document, path, said, lifecycle))
        if any(field.name == "tags" for field in kind.fields):
            problems.extend(tag_problems(stack.document, (*path, "tags")))
            tags = _tags(stack, values, lifecycle.on_removal)
            if tags is None and lifecycle.on_removal is OnRemoval.DELETE:
                problems.append(mark_problem(stack.document, (*path, "tags")))
            if tags is None or tags:
                fields["tags"] = tags
    return DesiredResource(
        id=identifier,
        kind=declared.kind,
        address=declared.address,
        stack=stack.name,
        presence=declared.presence,
        place=declared.place,
        fields=fields,
        pending=pending,
        lifecycle=lifecycle,
        exemptions=exemptions_of(stack.document, path, values),
        mark=stack.mark,
        former_marks=_marks(stack, declared.path) - {stack.mark},
        needs=frozenset(needs - {declared.id}),
        verify=_texts(values.get("verify")),
        dns_zone=_zone(values),
    )


def _zone(values: Mapping[str, Json]) -> ResourceId | None:
    """Return the zone that a mail domain's records are kept in, None for none."""
    text = as_object(values.get("dns")).get("azureZone")
    return ResourceId(text) if isinstance(text, str) else None


def _texts(value: Json) -> tuple[str, ...]:
    """Return the texts of a list, and nothing for anything else."""
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _entries(stack: Stack, declarations: Iterable[Declaration]) -> Iterator[DesiredEntries]:
    """Yield what suppression lists that stay say of their addresses."""
    for declared in declarations:
        if declared.kind == SUPPRESSION_LIST.name and declared.presence is Presence.MANAGED:
            values = _at(stack.spec, declared.path)
            path: Path = ("spec", *declared.path)
            found = desired_entries(stack.document, path, values, declared.id, stack.name)
            if found is not None:
                yield found


def _whose(stacks: Iterable[Stack]) -> Mapping[str, frozenset[str]]:
    """Return the marks of what belongs to stacks, with the names of the stacks."""
    whose: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for stack in stacks:
        for mark in _marks(stack, None):
            whose[mark] |= {stack.name}
    return dict(whose)


def _marks(stack: Stack, path: tuple[str, ...] | None) -> frozenset[str]:
    """Return the marks of what is, or was, at a place of a stack; None for any place."""
    moved = stack.spec.get("moved")
    return former_marks(stack.name, stack.environment, moved, path) | {stack.mark}


def _expanded(
    kind: Kind, declared: Declaration, values: Mapping[str, Json], resolver: Resolver
) -> tuple[dict[str, Json], dict[str, Pending]]:
    """Return the managed fields, all but the tags, and those that other resources have."""
    passed_over = {child.collection for child in KINDS.values() if child.parent == kind.name}
    passed_over |= NOT_IN_AZURE | {"tags"}
    known: dict[str, Json] = {}
    pending: dict[str, Pending] = {}
    for name, value in values.items():
        if name in passed_over:
            continue
        place: Path = ("spec", *declared.path, name)
        if isinstance(value, str) and value.startswith(PREFIX) and "#" in value:
            pending[name] = resolver.field_of(value, place)
        else:
            known[name] = resolver.resolve(value, place)
    for field in kind.fields:
        if field.names and field.name in known:
            sibling = (*declared.path[:-2], field.names, str(known[field.name]))
            resolver.need_if_declared(sibling)
    return dict(kind.expand(declared.name, known)), pending


def _said_of_lifecycle(
    stack: Stack, path: tuple[str, ...]
) -> tuple[Mapping[str, Json], list[Mapping[str, Json]]]:
    """Return what a resource says of its lifecycle, and what those above it say, innermost first.

    A name set to null says nothing, so that what holds for the stack holds for it.
    """
    ends = range(len(path), 0, -2)
    own, *above = (as_object(_at(stack.spec, path[:end]).get("lifecycle")) for end in ends)
    return own, [*above, as_object(stack.spec.get("lifecycle"))]


def _tags(stack: Stack, values: Mapping[str, Json], on_removal: OnRemoval) -> Json:
    """Return the stack's tags with the resource's own on top, and the owner's mark if wanted."""
    if "tags" in values and values["tags"] is None:
        return None
    merged = {**as_object(stack.spec.get("tags"))}
    for key, value in as_object(values.get("tags")).items():
        for other in [k for k in merged if k.lower() == key.lower()]:
            del merged[other]
        merged[key] = value
    return marked(merged, stack.mark) if on_removal is OnRemoval.DELETE else merged


def _outputs(stack: Stack, index: Index, problems: list[Diagnostic]) -> Iterator[Output]:
    """Yield a stack's outputs; one that points nowhere or at no field is a problem."""
    for name, text in as_object(stack.spec.get("outputs")).items():
        span = stack.document.at("spec", "outputs", name)
        reference = Reference.parse(as_text(text), stack.name)
        found = index.find(reference)
        if found is None or found.presence is Presence.REMOVED:
            problems.append(index.unknown(as_text(text), reference, span))
            continue
        known = readable_fields(KINDS[found.kind])
        if reference.field and reference.field not in known:
            what = f"a {found.kind} has no field `{reference.field}` to read"
            problems.append(
                Diagnostic(Code.UNKNOWN_OUTPUT, what, suggest(reference.field, known), span)
            )
            continue
        yield Output(stack.name, name, Pending(found.id, reference.field or "id"))


def _at(spec: Mapping[str, Json], path: tuple[str, ...]) -> Mapping[str, Json]:
    """Return the values at ``path`` below a stack's spec."""
    values = spec
    for part in path:
        values = as_object(values.get(part))
    return values
