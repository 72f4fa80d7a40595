"""What stacks hand out, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.model.plan import OutputValue
from reconciler.render.formats.style import BOLD, Style
from reconciler.render.formats.words import safe, shown


def outputs_lines(outputs: Sequence[OutputValue], style: Style) -> Iterator[str]:
    """Yield a heading, a line for each output and an empty line; nothing if there are none."""
    if not outputs:
        return
    yield style("outputs", BOLD)
    names = [safe(f"{o.output.stack}/{o.output.name}") for o in outputs]
    width = max(map(len, names))
    for name, output in zip(names, outputs, strict=True):
        yield f"      {name:<{width}}  {shown(output.value)}"
    yield ""
