"""Workflow commands of GitHub Actions, which it shows beside the lines they name.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from reconciler.model.source import Span
from reconciler.render.formats.one_line import one_line


def annotation(level: str, title: str, text: str, span: Span | None = None) -> str:
    """Return one annotation as a line.

    Args:
        level: ``error``, ``warning`` or ``notice``.
        title: what is shown above the text.
        text: may have several lines.
        span: the place in a file, if there is one.

    """
    properties = {"title": title}
    if span:
        properties = {
            "file": span.file,
            "line": str(span.line),
            "col": str(span.column),
            "endColumn": str(span.column + span.length),
        } | properties
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {listed}::{_data(text)}\n"


def _data(text: str) -> str:
    shown = "\n".join(map(one_line, text.split("\n")))
    return shown.replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
