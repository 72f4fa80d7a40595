"""Rendered stacks as text, with the place that each changed line comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.core.specs.render_spec import Rendered
from reconciler.core.specs.substitution import escaped
from reconciler.documents.yaml_lines import yaml_lines
from reconciler.model.value import Json, Path
from reconciler.render.formats.words import json_text


def as_yaml(stacks: Iterable[Rendered], *, annotate: bool = False) -> str:
    """Return the stacks as YAML documents, each below a line with the file of its base.

    Args:
        stacks: what has been rendered.
        annotate: whether each line that is not the base as written says where it comes from.

    """
    return "---\n".join(f"# {s.base.file}\n{_document(s, annotate=annotate)}" for s in stacks)


def as_json(stacks: Iterable[Rendered]) -> str:
    """Return the stacks as a list of objects with ``file`` and ``document``."""
    values = [{"file": s.base.file, "document": printable(s)} for s in stacks]
    return json_text(values)


def printable(stack: Rendered) -> Json:
    """Return a rendered stack as a spec that renders to itself: no variables, ``${`` escaped."""
    value = dict(stack.document.value)
    spec = value.get("spec")
    if isinstance(spec, Mapping):
        value["spec"] = {k: v for k, v in spec.items() if k != "vars"}
    return escaped(value)


def _document(stack: Rendered, *, annotate: bool) -> str:
    """Return the lines of one stack."""
    lines = yaml_lines(printable(stack))
    if not annotate:
        return "".join(f"{line}\n" for _, line in lines)
    return "".join(f"{line}{_places(stack, path)}\n" for path, line in lines)


def _places(stack: Rendered, path: Path) -> str:
    """Return the comment behind a line."""
    plain = tuple(_unescaped(path))
    places = dict.fromkeys(f"{span.file}:{span.line}" for span in stack.places(plain))
    return f" # {', '.join(places)}" if places else ""


def _unescaped(path: Path) -> Iterator[str | int]:
    """Yield the steps of a path as they are in the rendered document."""
    for step in path:
        yield step.replace("$${", "${") if isinstance(step, str) else step
