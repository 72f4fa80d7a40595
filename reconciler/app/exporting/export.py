"""What exists in Azure becomes specs, which prove themselves: they are valid, and plan is empty."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.app.exporting.exported_roles import ExportedRoles, Owned, exported_roles
from reconciler.app.exporting.words import canonical, worded
from reconciler.app.targets.connection import Connection
from reconciler.core.planner import make_plan
from reconciler.core.policy import Policy
from reconciler.core.specs.desired import desired_state
from reconciler.core.specs.ownership import unmarked
from reconciler.core.specs.references import PREFIX
from reconciler.core.specs.render_spec import render_spec
from reconciler.core.specs.substitution import escaped
from reconciler.documents.modeline import written
from reconciler.documents.schemas import load_schema
from reconciler.documents.validate import check_spec
from reconciler.documents.yaml_lines import yaml_lines
from reconciler.documents.yaml_reader import read
from reconciler.engine.observe import observe
from reconciler.engine.ports import RequestFailedError
from reconciler.engine.recall import Recalled
from reconciler.kinds import children_of, place_of
from reconciler.kinds.kind import Kind, lookup
from reconciler.kinds.resource_group import RESOURCE_GROUP
from reconciler.kinds.role_assignment import ROLE_ASSIGNMENT
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.errors import UnavailableError
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Plan
from reconciler.model.resource import ObservedResource
from reconciler.model.source import Document
from reconciler.model.value import ABSENT, Body, Json


@dataclass(frozen=True, slots=True)
class ExportedStack:
    """A stack for one resource group."""

    name: str
    file: str
    text: str
    resources: int


@dataclass(frozen=True, slots=True)
class Export:
    """Specs, and what the proof of them found."""

    stacks: tuple[ExportedStack, ...]
    problems: tuple[Diagnostic, ...]
    """Why the specs are not valid, if they are not: Azure has what the schemas do not allow."""
    plan: Plan | None
    """The plan of the exported specs; None if they are not valid."""
    notes: tuple[str, ...] = ()
    """What the specs do not say, each with the reason."""

    @property
    def is_proved(self) -> bool:
        """Whether the specs are valid and change nothing."""
        return self.plan is not None and all(c.action is Action.NONE for c in self.plan.changes)


def export(
    connection: Connection, subscription: str, group: str, *, alias: str = "", schema: str
) -> Export:
    """Read a subscription or one resource group, and write a stack for each group.

    Args:
        connection: where to read.
        subscription: its id.
        group: a resource group's name, or nothing for all of them.
        alias: what stacks call the subscription; its id if empty.
        schema: where the stack schema lies, as editors are to find it.

    Raises:
        UnavailableError: something could not be read, so the specs would not be whole.

    """
    found = _read(connection, subscription, group)
    stacks = _stacks(found)
    owned = Owned(stacks, {name: _references(name, stacks) for name in stacks})
    assignments, denied = _assignments(connection, subscription, group) if stacks else ({}, ())
    roles = exported_roles(assignments, owned)
    texts = [
        _exported(name, owned, roles, alias or subscription, schema) for name in sorted(stacks)
    ]
    subscriptions = {alias: subscription} if alias else {}
    problems, plan = _proved(texts, (*found, *roles.kept), subscriptions)
    return Export(tuple(texts), problems, plan, (*denied, *roles.left_out))


def _read(connection: Connection, subscription: str, group: str) -> tuple[ObservedResource, ...]:
    """Return everything of our kinds."""
    scope = f"/subscriptions/{subscription}" + (f"/resourceGroups/{group}" if group else "")
    found: list[ObservedResource] = []
    for kind in children_of(""):
        if not kind.is_extension:
            found += _listed(connection, kind, scope)
    return tuple(sorted(found, key=lambda r: (r.kind, r.id)))


def _listed(connection: Connection, kind: Kind, scope: str) -> Iterator[ObservedResource]:
    """Yield the resources of a kind in a scope, each with what is nested in it."""
    try:
        bodies = connection.reader.list_in(kind, scope)
    except RequestFailedError as error:
        raise _unreadable(kind, scope, error.failure) from error
    for id_, body in bodies.items():
        ours = canonical(id_)
        yield ObservedResource(ours, kind.name, body)
        for child in children_of(kind.name):
            yield from _listed(connection, child, ours.text)


def _assignments(
    connection: Connection, subscription: str, group: str
) -> tuple[Mapping[ResourceId, Body], tuple[str, ...]]:
    """Return all role assignments of the subscription, and what could not be seen of them.

    An identity of a group may have roles anywhere. Who may read no more than the group gets those
    that hold in it.
    """
    scope = f"/subscriptions/{subscription}"
    try:
        return connection.reader.list_in(ROLE_ASSIGNMENT, scope, below=True), ()
    except RequestFailedError as error:
        if not group or error.failure.kind is not FailureClass.DENIED:
            raise _unreadable(ROLE_ASSIGNMENT, scope, error.failure) from error
    scope += f"/resourceGroups/{group}"
    try:
        found = connection.reader.list_in(ROLE_ASSIGNMENT, scope, below=True)
    except RequestFailedError as error:
        raise _unreadable(ROLE_ASSIGNMENT, scope, error.failure) from error
    what = "roles that its identities have in other groups"
    return found, (f"{what}: the role assignments of the subscription may not be read",)


def _unreadable(kind: Kind, scope: str, failure: Failure) -> UnavailableError:
    """Say that the specs would not be whole."""
    return UnavailableError(f"could not read {kind.collection} of {scope}: {failure}", failure.mend)


def _stacks(found: Iterable[ObservedResource]) -> dict[str, Sequence[ObservedResource]]:
    """Return the members of each stack by its name: a stack for each resource group."""
    groups: dict[ResourceId, list[ObservedResource]] = defaultdict(list)
    for resource in found:
        if resource.id.group is not None:
            groups[resource.id.group].append(resource)
    stacks: dict[str, Sequence[ObservedResource]] = {}
    for group, members in sorted(groups.items()):
        base = re.sub(r"[^a-z0-9]+", "-", group.name.lower()).strip("-")[:60] or "group"
        name, number = base, 2
        while name in stacks:
            name, number = f"{base}-{number}", number + 1
        stacks[name] = members
    return stacks


def _references(
    name: str, stacks: Mapping[str, Sequence[ObservedResource]]
) -> dict[ResourceId, str]:
    """Return how the stack called ``name`` refers to each resource of any stack."""
    return {
        r.id: f"{PREFIX}{'' if stack == name else f'stack/{stack}//'}{place_of(r.id)}"
        for stack, members in stacks.items()
        for r in members
    }


def _exported(
    name: str, owned: Owned, roles: ExportedRoles, subscription: str, schema: str
) -> ExportedStack:
    """Return one stack as text."""
    members, assignments = owned.stacks[name], roles.entries.get(name, {})
    group = members[0].id.group
    spec: dict[str, Json] = {
        "subscription": subscription,
        "resourceGroup": {"existing": group.name if group else ""},
    }
    spec |= _entries("", None, members, owned.references[name])
    if assignments:
        spec[ROLE_ASSIGNMENT.collection] = dict(assignments)
    document: dict[str, Json] = {
        "apiVersion": "reconciler/v1",
        "kind": "Stack",
        "metadata": {"name": name},
        "spec": escaped(spec),
    }
    lines = [written(schema), *(line for _, line in yaml_lines(document))]
    text = "".join(f"{line}\n" for line in lines)
    return ExportedStack(name, f"{name}.yaml", text, len(members) + len(assignments))


def _entries(
    above: str,
    parent: ResourceId | None,
    members: Sequence[ObservedResource],
    references: Mapping[ResourceId, str],
) -> dict[str, Json]:
    """Return the collections below a parent, or the topmost ones, with all that is in them."""
    collections: dict[str, Json] = {}
    for kind in children_of(above):
        entries: dict[str, Json] = {
            r.id.name: _fields(kind, r, references) | _entries(kind.name, r.id, members, references)
            for r in members
            if r.kind == kind.name and r.id.parent == parent
        }
        if entries:
            collections[kind.collection] = entries
    return collections


def _fields(
    kind: Kind, live: ObservedResource, references: Mapping[ResourceId, str]
) -> dict[str, Json]:
    """Return everything of a resource that a spec can say."""
    properties = load_schema(kind.schema)["properties"]
    fields: dict[str, Json] = {}
    for field in kind.writable:
        value = field.shape.to_spec(lookup(live.body, field.path))
        if field.name == "tags" and isinstance(value, Mapping):
            value = unmarked(value) or ABSENT
        if value is not ABSENT:
            choices = properties[field.name].get("enum", ())
            fields[field.name] = worded(value, choices, references)
    return fields


def _proved(
    stacks: Sequence[ExportedStack],
    found: Iterable[ObservedResource],
    subscriptions: Mapping[str, str],
) -> tuple[tuple[Diagnostic, ...], Plan | None]:
    """Read the specs back, and plan them against what they were made from."""
    documents: list[Document] = []
    problems: list[Diagnostic] = []
    for stack in stacks:
        document, findings = read(stack.text, stack.file)
        problems.extend(findings)
        if document is not None:
            rendered = render_spec(document)
            problems.extend([*rendered.problems, *check_spec(rendered.document)])
            documents.append(rendered.document)
    if problems:
        return tuple(problems), None
    desired, left = desired_state(documents, subscriptions)
    errors = tuple(finding for finding in left if finding.severity is Severity.ERROR)
    if errors:
        return errors, None
    groups = {
        resource.id: ObservedResource(resource.id, resource.kind, {"id": resource.id.text})
        for resource in desired.resources
        if resource.kind == RESOURCE_GROUP.name
    }
    recalled = Recalled.of([*groups.values(), *found])
    return (), make_plan(desired, observe(desired, recalled, lambda _event: None), Policy())
