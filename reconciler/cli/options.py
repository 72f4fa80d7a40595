"""Options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

Report: TypeAlias = "tuple[str, Path]"
"""A report that is wanted: its form and its file."""

SECONDS = {"s": 1, "m": 60, "h": 3600}


class Duration(click.ParamType[float]):
    """A number with its unit, such as ``90s``, ``30m`` or ``2h``; becomes seconds."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds that a text stands for."""
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"(\d{1,6})([smh])", str(value), re.ASCII)
        if match is None:
            self.fail(f"{value!r} is no time: write 90s, 30m or 2h", param, ctx)
        return float(int(match[1]) * SECONDS[match[2]])


paths = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
"""Spec files, folders or globs."""

project = click.option(
    "--project",
    "project_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The project file; by default reconciler.yaml in this folder or the nearest one above.",
)

environment = click.option(
    "-e",
    "--env",
    "environment",
    metavar="NAME",
    envvar="RECONCILER_ENV",
    show_envvar=True,
    help="The environment; without PATHS its own stacks are used.",
)

target = click.option(
    "--target",
    metavar="azure|emulator|URL",
    default="azure",
    show_default=True,
    envvar="RECONCILER_TARGET",
    show_envvar=True,
    help="The control plane: Azure, the embedded emulator (state in .reconciler/), or an address.",
)

prune = click.option(
    "--prune",
    is_flag=True,
    help="Delete resources marked by `onRemoval: delete` that have left the specs.",
)

destroy = click.option(
    "--destroy",
    is_flag=True,
    help="Delete all that the stacks manage; resource groups and what is protected stay.",
)

quiet = click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")


def output(*forms: str) -> Callable[[F], F]:
    """Return ``-o`` with these forms, the first being the default."""
    return click.option(
        "-o",
        "--output",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help="The form of the result on stdout.",
    )


def reports(*forms: str) -> Callable[[F], F]:
    """Return ``--report``, which may be given several times."""

    def parsed(
        _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
    ) -> tuple[Report, ...]:
        pairs = [value.partition("=") for value in values]
        for form, _, path in pairs:
            if form not in forms or not path:
                known = ", ".join(forms)
                problem = f"`{form}` is not FORM=PATH with a form of {known}"
                raise click.BadParameter(problem)
        return tuple((form, Path(path)) for form, _, path in pairs)

    return click.option(
        "--report",
        "reports",
        metavar="FORM=PATH",
        multiple=True,
        callback=parsed,
        help="Also write a report to a file, in any of the forms of -o; may be repeated.",
    )
