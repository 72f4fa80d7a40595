"""What `plan` and `apply` do with plan files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from reconciler.app.plan import Planned
from reconciler.app.plan_file import (
    Question,
    hold,
    plan_document,
    read_plan,
    specs_of,
    write_plan,
)
from reconciler.app.specs import Specs
from reconciler.cli.output import talk
from reconciler.model.plan import Plan
from reconciler.model.source import Document
from reconciler.model.value import Json, as_object
from reconciler.render.words import plural, safe

SUFFIX = ".json"
"""What the name of a plan file ends in; specs are YAML."""

FEW = 5
"""How many addresses a note names."""


def seal(
    planned: Planned, specs: Specs, question: Question, holds_for: timedelta
) -> dict[str, Json]:
    """Return the sealed document of a plan, empty if it cannot be applied."""
    applyable = planned.plan.is_applyable
    return plan_document(planned, specs, question, holds_for) if applyable else {}


def keep(document: dict[str, Json], out: Path) -> None:
    """Write a plan file, and say what became of it."""
    if not document:
        talk([f"{out} was not written: a plan that cannot be applied is not sealed"])
        return
    write_plan(out, document)
    made = as_object(document["made"])
    talk([f"sealed in {out}, holds until {made['expires']}", f"  {document['digest']}"])


def opened(
    question: Question, project_path: Path | None, environment: str | None
) -> tuple[Specs, Question, Document | None]:
    """Return what a run is about: specs, or a plan file and the specs that it was made from.

    Raises:
        UsageError: a plan file, and something else that says what to do.

    """
    files = [path for path in question.paths if path.suffix.lower() == SUFFIX]
    if not files:
        return question.specs(project_path, environment), question, None
    if len(question.paths) > 1 or question.prune or question.destroy:
        problem = f"{files[0]} says what to do: leave out other paths, --prune and --destroy"
        raise click.UsageError(problem)
    document = read_plan(files[0])
    return *specs_of(document, question.target, project_path, environment), document


def hold_to(document: Document, planned: Planned) -> Plan:
    """Return exactly what a plan file lists, or the plan as it is where it is not complete."""
    if not planned.plan.is_complete:
        return planned.plan
    held = hold(document, planned)
    if held.strangers:
        shown = ", ".join(map(safe, held.strangers[:FEW]))
        more = f" and {len(held.strangers) - FEW} more" if len(held.strangers) > FEW else ""
        count = plural(len(held.strangers), "resource")
        talk([f"note: {count} would change besides, and not by this file: {shown}{more}"])
    return held.plan
