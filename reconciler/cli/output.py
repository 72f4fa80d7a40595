"""stdout is data, stderr is talk."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from reconciler import __version__
from reconciler.cli.options import Report
from reconciler.model.errors import UnavailableError

if TYPE_CHECKING:
    from reconciler.model.diagnostic import Diagnostic


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
    from reconciler.documents.files import source_texts
    from reconciler.render.checks import diagnostics as render
    from reconciler.render.formats.words import json_text

    if form == "json":
        stream.write(json_text([*render.to_json(found)]))
        return
    if form == "sarif":
        from reconciler.render.formats.sarif import to_sarif

        log = to_sarif(found, __version__)
        stream.write(json_text(log))
        return
    if form == "text":
        wanted = stream.isatty() if colour is None else colour
        width = terminal_width(stream)
        stream.write(render.render_text(found, source_texts(found), colour=wanted, width=width))
        return
    lines = {"concise": render.render_concise, "github": render.render_github}
    stream.write(lines[form](found))


def write(text: str) -> None:
    """Write data to stdout in one piece."""
    sys.stdout.write(text)


def write_reports(reports: Iterable[Report], show: Callable[[str], str]) -> None:
    """Write every wanted report to its file; a reader sees the old one or the new one, whole.

    Args:
        reports: what is wanted, and where.
        show: returns the text of a form.

    Raises:
        UnavailableError: a file cannot be written.

    """
    for form, path in reports:
        write_file(path, show(form))


def write_file(path: Path, text: str) -> None:
    """Write a file in the place of the one that may be there.

    Raises:
        UnavailableError: it cannot be written.

    """
    from reconciler.documents.rewrite import replace_file

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode())
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise UnavailableError(f"{path} cannot be written: {reason}", "check it") from error


def terminal_width(stream: TextIO | None = None) -> int | None:
    """Return the columns of a stream, stdout by default; None if that is no terminal."""
    if not (stream or sys.stdout).isatty():
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def talk(lines: Iterable[str]) -> None:
    """Write lines to stderr."""
    for line in lines:
        click.echo(line, err=True)
