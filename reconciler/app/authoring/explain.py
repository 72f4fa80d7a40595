"""What a kind, a field or a finding's code means: the schemas and the table of kinds in words."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.core.specs.references import nearest
from reconciler.documents.examples import flow
from reconciler.documents.schemas import load_schema
from reconciler.documents.wording import choices
from reconciler.kinds import BY_COLLECTION, KINDS
from reconciler.kinds.kind import Field, Kind
from reconciler.model.codes import Code
from reconciler.model.errors import UsageError

Schema = Mapping[str, Any]

WIDTH = 96
INDENT = " " * 10

DOCUMENTS = {
    "Stack": "stack",
    "Environment": "environment",
    "Project": "project",
    "Policy": "policy",
}
"""Kinds of document, with their schemas."""

ELSEWHERE = {
    "ResourceGroup": "Stack.resourceGroup",
    "SuppressionListAddress": "SuppressionList.addresses",
}
"""Kinds that have no schema of their own, by where they are described."""


def explain(path: str, *, recursive: bool = False) -> str:
    """Return what there is to say.

    Args:
        path: ``KIND``, ``KIND.field.field``, a finding's code, or nothing for the list of kinds.
        recursive: whether to go below the fields that are listed.

    Raises:
        UsageError: there is no such kind, field or code.

    """
    if not path:
        return _kinds()
    codes = {str(code): code for code in Code}
    if path.upper() in codes:
        code = codes[path.upper()]
        return f"CODE      {code}: {code.heading}\n{_wrapped(code.explanation)}"
    elsewhere = {name.lower(): place for name, place in ELSEWHERE.items()}
    head, *names = elsewhere.get(path.lower(), path).split(".")
    node = root_of(head)
    for name in names:
        node = _below(node, name)
    return "\n".join(_lines(node, recursive=recursive)) + "\n"


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a schema."""

    path: str
    schema: Schema
    """With references followed."""
    required: bool = False
    kind: Kind | None = None
    """The kind of resource that the place is in, once it is in one."""
    field: Field | None = None
    """The row of the table, for a field of a kind."""


def root_of(head: str) -> Node:
    """Return the place that a path starts from."""
    known = {**DOCUMENTS, **{k.name: k.schema for k in KINDS.values() if k.schema}}
    collections = {c: k for c, k in BY_COLLECTION.items() if k.schema}
    by_fold = {name.lower(): name for name in (*known, *collections, *Code)}
    name = by_fold.get(head.lower(), head)
    if name in collections:
        name = collections[name].name
    if name not in known:
        close = nearest(head, by_fold.values())
        mend = f"did you mean `{close}`?" if close else f"known: {choices(known)}"
        raise UsageError(f"there is nothing called `{head}` to explain", mend)
    return Node(name, load_schema(known[name]), kind=KINDS.get(name))


def _below(node: Node, name: str) -> Node:
    """Return the place one name down; a map of named things is passed over, and so is `spec`."""
    fields = fields_of(node)
    by_fold = {child.path.rpartition(".")[2].lower(): child for child in fields}
    if name.lower() in by_fold:
        return by_fold[name.lower()]
    if node.path in DOCUMENTS and "spec" in by_fold:
        return _below(by_fold["spec"], name)
    known = [child.path.rpartition(".")[2] for child in fields]
    close = nearest(name, known)
    mend = f"did you mean `{close}`?" if close else f"known: {choices(known) or 'none'}"
    raise UsageError(f"`{node.path}` has no field `{name}`", mend)


def fields_of(node: Node) -> list[Node]:
    """Return what is directly below a place."""
    schema = node.schema
    inner = schema.get("additionalProperties")
    if "properties" not in schema and isinstance(inner, Mapping):
        schema = _resolved(inner)
        kind = next((k for k in KINDS.values() if k.name == schema.get("title")), node.kind)
        node = Node(node.path, schema, kind=kind)
    required = schema.get("required", ())
    top = node.kind is not None and schema.get("title") == node.kind.name
    rows = {f.name: f for f in node.kind.fields} if node.kind and top else {}
    return [
        Node(f"{node.path}.{name}", _resolved(child), name in required, node.kind, rows.get(name))
        for name, child in schema.get("properties", {}).items()
    ]


def _resolved(schema: Schema) -> Schema:
    """Follow a reference, join the forms that a value may have, and pass over null beside them."""
    if "$ref" in schema:
        file, _, pointer = str(schema["$ref"]).partition("#")
        target: Any = load_schema(file.removesuffix(".schema.json"))
        for part in pointer.strip("/").split("/") if pointer else ():
            target = target[part]
        return {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
    forms = [_resolved(form) for form in schema.get("anyOf", ()) if form.get("type") != "null"]
    if forms:
        own = {key: value for key, value in schema.items() if key != "anyOf"}
        return {**{k: v for form in reversed(forms) for k, v in form.items()}, **own}
    return schema


def _kinds() -> str:
    """Return the list of what can be explained."""
    rows = [(name, load_schema(file)) for name, file in DOCUMENTS.items()]
    rows += [(kind.name, load_schema(kind.schema)) for kind in KINDS.values() if kind.schema]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {schema['description']}" for name, schema in rows]
    example = "\nFor example: reconciler explain CommunicationService.identity"
    return "\n".join([*lines, example]) + "\n"


def _lines(node: Node, *, recursive: bool) -> Iterator[str]:
    """Yield the page of one place."""
    kind, field = node.kind, node.field
    facts = [type_of(node.schema)] + ["required"] * node.required
    yield f"{'FIELD' if '.' in node.path else 'KIND':<10}{node.path} <{', '.join(facts)}>"
    yield _wrapped(str(node.schema.get("description", ""))).rstrip("\n")
    if field is not None and field.immutable:
        attached = kind is not None and kind.is_extension
        means = "makes another one, and leaves this one" if attached else "replaces the resource"
        yield f"{'CHANGE':<10}never in place: another value {means}"
        if kind is not None and kind.lost_on_replace:
            yield f"{'LOSES':<10}{kind.lost_on_replace}"
    yield from _values(node.schema)
    if kind is not None and field is not None:
        place = ".".join(field.path)
        yield f"{'ARM':<10}{kind.arm_type}@{kind.api_version}  {place}"
    elif kind is not None and "." not in node.path:
        yield f"{'ARM':<10}{kind.arm_type}@{kind.api_version}"
        yield f"{'OUTPUTS':<10}{', '.join(('id', *(c.name for c in kind.computed)))}"
        yield f"{'SEE':<10}{kind.source}"
    children = fields_of(node)
    if children:
        yield "FIELDS"
        yield from _children(children, "  ", recursive=recursive)


def _values(schema: Schema) -> Iterator[str]:
    """Yield what may be written."""
    if values := [v for v in schema.get("enum", ()) if v is not None]:
        text = ", ".join(str(v) for v in values)
        wrapped = textwrap.wrap(text, WIDTH - len(INDENT))
        yield f"{'VALUES':<10}" + f"\n{INDENT}".join(wrapped)
    if words := schema.get("x-pattern-words"):
        yield f"{'FORM':<10}{words}"
    if "default" in schema:
        yield f"{'DEFAULT':<10}{json.dumps(schema['default'])}"
    for example in schema.get("examples", ())[:1]:
        yield f"{'EXAMPLE':<10}{flow(example)}"


def _children(children: list[Node], indent: str, *, recursive: bool) -> Iterator[str]:
    """Yield a line or more for each field."""
    for child in children:
        name = child.path.rpartition(".")[2]
        marks = [type_of(child.schema)] + ["required"] * child.required
        if child.field is not None and child.field.immutable:
            marks.append("immutable")
        yield f"{indent}{name} <{', '.join(marks)}>"
        first = str(child.schema.get("description", "")).split(". ")[0].rstrip(".")
        if first:
            yield f"{indent}    {first}."
        if recursive:
            yield from _children(fields_of(child), indent + "    ", recursive=True)


def type_of(schema: Schema) -> str:
    """Return the type in words."""
    kind = schema.get("type")
    if kind is None:
        constant = schema.get("const")
        return "boolean" if isinstance(constant, bool) else "string"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _wrapped(text: str) -> str:
    """Return a paragraph, indented."""
    lines = textwrap.wrap(text, WIDTH - len(INDENT))
    return "".join(f"{INDENT}{line}\n" for line in lines)
