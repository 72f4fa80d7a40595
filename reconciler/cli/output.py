"""stdout is data, stderr is talk."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

import click

from reconciler import __version__
from reconciler.model.diagnostic import Diagnostic
from reconciler.render import diagnostics as render
from reconciler.spec.files import source_texts


def print_diagnostics(
    found: Sequence[Diagnostic], stream: TextIO, *, form: str = "text", colour: bool | None = None
) -> None:
    """Print findings.

    Args:
        found: what to print.
        stream: where to.
        form: ``text``, ``concise``, ``github``, ``json`` or ``sarif``.
        colour: whether to paint them; as the stream likes it if None.

    """
    if form == "json":
        stream.write(json.dumps(render.to_json(found), indent=2, ensure_ascii=False) + "\n")
        return
    if form == "sarif":
        from reconciler.render.sarif import to_sarif

        log = to_sarif(found, __version__)
        stream.write(json.dumps(log, indent=2, ensure_ascii=False) + "\n")
        return
    if form == "text":
        wanted = stream.isatty() if colour is None else colour
        stream.write(render.render_text(found, source_texts(found), colour=wanted))
        return
    lines = {"concise": render.render_concise, "github": render.render_github}
    stream.write(lines[form](found))


def write(text: str) -> None:
    """Write data to stdout in one piece."""
    sys.stdout.write(text)


def talk(lines: Iterable[str]) -> None:
    """Write lines to stderr."""
    for line in lines:
        click.echo(line, err=True)
