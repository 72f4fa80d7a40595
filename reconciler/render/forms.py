"""Every form that a plan and drift can be shown in."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.model.report import ApplyReport
    from reconciler.render.drift.view import DriftView
    from reconciler.render.plan.view import PlanView

PLAN_FORMS = ("text", "json", "markdown", "html", "sarif", "junit", "gitlab", "github")
"""Each is a module of `reconciler.render.plan`; only that of the wanted one is imported."""

DRIFT_FORMS = ("text", "json", "markdown", "html", "sarif", "junit", "prometheus")
"""Each is a module of `reconciler.render.drift`."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a plan is to be shown, beyond its form."""

    colour: bool = False
    requests: bool = False
    """Whether text and Markdown show each request with its body."""
    width: int | None = None
    """The columns of the terminal, None to break no line."""


def show_plan(view: PlanView, form: str, wish: Wish | None = None) -> str:
    """Return a plan in one of `PLAN_FORMS`."""
    wish = wish or Wish()
    render = import_module(f"reconciler.render.plan.{form}").render_plan
    match form:
        case "text":
            text = render(view, colour=wish.colour, requests=wish.requests, width=wish.width)
        case "markdown":
            text = render(view, requests=wish.requests)
        case _:
            text = render(view)
    return str(text)


def show_drift(
    view: DriftView, form: str, *, colour: bool = False, width: int | None = None
) -> str:
    """Return drift in one of `DRIFT_FORMS`; see `Wish` for colour and width."""
    render = import_module(f"reconciler.render.drift.{form}").render_drift
    text = render(view, colour=colour, width=width) if form == "text" else render(view)
    return str(text)


def show_report(report: ApplyReport, form: str, *, colour: bool = False) -> str:
    """Return what an apply did, as ``text`` or ``json``."""
    render = import_module(f"reconciler.render.runs.report_{form}").render_report
    return str(render(report, colour=colour) if form == "text" else render(report))
