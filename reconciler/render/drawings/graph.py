"""What depends on what, as a drawing."""

from __future__ import annotations

import json
from collections.abc import Iterator

from reconciler.model.resource import DesiredResource, DesiredState, Presence
from reconciler.render.drawings.picture import mermaid_label
from reconciler.render.formats.words import safe


def mermaid(desired: DesiredState) -> str:
    """Return a Mermaid flowchart: an arrow points at what is needed."""
    names = _names(desired)
    lines = ["flowchart LR"]
    for stack, members in _stacks(desired):
        lines.append(f"  subgraph {names_of_stack(stack)}[{mermaid_label(stack)}]")
        lines += [f"    {names[m.address]}[{mermaid_label(_label(m))}]" for m in members]
        lines.append("  end")
    lines += [f"  {source} --> {target}" for source, target in _arrows(desired, names)]
    return "\n".join(lines) + "\n"


def dot(desired: DesiredState) -> str:
    """Return a Graphviz digraph: an arrow points at what is needed."""
    names = _names(desired)
    lines = ["digraph specs {", "  rankdir=LR;", "  node [shape=box];"]
    for stack, members in _stacks(desired):
        lines.append(f"  subgraph cluster_{names_of_stack(stack)} {{")
        lines.append(f"    label={json.dumps(safe(stack))};")
        for member in members:
            label = json.dumps(_label(member))
            style = " style=dashed" if member.presence is not Presence.MANAGED else ""
            lines.append(f"    {names[member.address]} [label={label}{style}];")
        lines.append("  }")
    lines += [f"  {source} -> {target};" for source, target in _arrows(desired, names)]
    return "\n".join([*lines, "}"]) + "\n"


def names_of_stack(stack: str) -> str:
    """Return an identifier for a stack."""
    return "s_" + "".join(c if c.isalnum() else "_" for c in stack)


def _names(desired: DesiredState) -> dict[str, str]:
    """Return an identifier for each resource, by address."""
    return {r.address: f"r{i}" for i, r in enumerate(desired.resources)}


def _stacks(desired: DesiredState) -> Iterator[tuple[str, list[DesiredResource]]]:
    """Yield each stack with its resources."""
    for stack in desired.stacks:
        yield stack, [r for r in desired.resources if r.stack == stack]


def _arrows(desired: DesiredState, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield who needs whom; what needs nothing else hangs on its resource group."""
    by_id = {r.id: r for r in desired.resources}
    for resource in desired.resources:
        needed = [by_id[i] for i in sorted(resource.needs) if i in by_id]
        others = [r for r in needed if r.presence is not Presence.EXISTING]
        for target in others or needed:
            yield names[resource.address], names[target.address]


def _label(resource: DesiredResource) -> str:
    """Return a resource's kind and name."""
    suffix = {Presence.EXISTING: " (existing)", Presence.REMOVED: " (removed)"}
    return f"{resource.kind}: {safe(resource.id.name)}{suffix.get(resource.presence, '')}"
