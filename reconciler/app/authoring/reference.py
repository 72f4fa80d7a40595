"""The reference page of a kind, written from its schema and its row in the table of kinds."""

from __future__ import annotations

import json
from collections.abc import Iterator

from reconciler.app.authoring.explain import Node, fields_of, root_of, type_of
from reconciler.documents.examples import flow
from reconciler.kinds import KINDS
from reconciler.kinds.kind import Kind

GENERATED = "<!-- Written by `reconciler explain -o markdown`; do not edit. -->"


def reference(name: str) -> str:
    """Return the page of a kind as Markdown.

    Raises:
        UsageError: there is no such kind.

    """
    node = root_of(name)
    lines = [GENERATED, "", f"# {node.path}", "", str(node.schema.get("description", "")), ""]
    if node.kind is not None:
        lines += [*_facts(node.kind), ""]
    lines += ["## Fields", "", "| field | type | change | meaning |", "| --- | --- | --- | --- |"]
    lines += [_row(child, node.path) for child in _all(node)]
    if node.kind is not None and node.kind.computed:
        lines += ["", "## Outputs", "", "| name | in ARM | appears |", "| --- | --- | --- |"]
        lines += _outputs(node.kind)
    for example in node.schema.get("examples", ())[:1]:
        lines += ["", "## Example", "", "```yaml", flow(example), "```"]
    return "\n".join(lines) + "\n"


def _facts(kind: Kind) -> Iterator[str]:
    """Yield what the table says of a kind as a whole."""
    yield "| | |"
    yield "| --- | --- |"
    yield f"| ARM type | `{kind.arm_type}`, api-version {kind.api_version} |"
    above = f"{KINDS[kind.parent].collection}.NAME." if kind.parent else ""
    yield f"| In a spec | `{above}{kind.collection}.NAME` |"
    operations = kind.operations
    if operations is not None:
        update = "PATCH with the changed fields" if operations.update else "PUT over what is live"
        yield f"| Update | {update} |"
        yield f"| Delete | {'yes' if operations.delete else 'never'} |"
    protected = kind.lost_on_replace or "nothing: a new one is as good"
    yield f"| Lost with it | {protected} |"
    yield f"| Azure's page | <{kind.source}> |"


def _all(node: Node) -> Iterator[Node]:
    """Yield every field below a place, outermost first; what is nested as a kind has a page."""
    for child in fields_of(node):
        yield child
        if child.kind is node.kind and not _is_collection(child):
            yield from _all(child)


def _is_collection(node: Node) -> bool:
    """Whether a field holds resources of another kind."""
    name = node.path.rpartition(".")[2]
    return any(kind.collection == name and kind.schema for kind in KINDS.values())


def _row(node: Node, above: str) -> str:
    """Return a field's row."""
    name = node.path.removeprefix(f"{above}.")
    required = ", required" if node.required else ""
    change = ""
    if node.field is not None:
        change = "replaces" if node.field.immutable else node.field.action or "in place"
    text = _cell(str(node.schema.get("description", "")))
    if words := node.schema.get("x-pattern-words"):
        text += f" Form: {_cell(str(words))}."
    if values := [v for v in node.schema.get("enum", ()) if v is not None]:
        text += f" One of: {', '.join(f'`{v}`' for v in values)}."
    if "default" in node.schema:
        text += f" Default: `{json.dumps(node.schema['default'])}`."
    return f"| `{name}` | {type_of(node.schema)}{required} | {change} | {text} |"


def _outputs(kind: Kind) -> Iterator[str]:
    """Yield a row for each value that Azure gives out."""
    for computed in kind.computed:
        appears = f"with `{'.'.join(computed.follows)}`" if computed.follows else "at creation"
        appears = "sometimes" if computed.optional else appears
        yield f"| `{computed.name}` | `{'.'.join(computed.path)}` | {appears} |"


def _cell(text: str) -> str:
    """Return text that stays in its cell."""
    return text.replace("|", "\\|").replace("<", "&lt;")
