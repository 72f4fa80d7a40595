"""Every form that a plan and drift can be shown in."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.render.drift_view import DriftView
    from reconciler.render.view import PlanView

MODULES = {
    "text": "plan_text",
    "json": "plan_json",
    "markdown": "plan_markdown",
    "html": "plan_html",
    "sarif": "plan_sarif",
    "junit": "plan_junit",
    "gitlab": "plan_gitlab",
    "github": "plan_github",
}
"""The module of each form; only that of the wanted one is imported."""

PLAN_FORMS = tuple(MODULES)

DRIFT_MODULES = {
    "text": "drift_text",
    "json": "drift_json",
    "markdown": "drift_markdown",
    "html": "drift_html",
    "sarif": "drift_sarif",
    "junit": "drift_junit",
    "prometheus": "drift_prometheus",
}
"""The module of each form of drift."""

DRIFT_FORMS = tuple(DRIFT_MODULES)


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
    render = import_module(f"reconciler.render.{MODULES[form]}").render_plan
    match form:
        case "text":
            text = render(view, colour=wish.colour, requests=wish.requests, width=wish.width)
        case "markdown":
            text = render(view, requests=wish.requests)
        case _:
            text = render(view)
    return str(text)


def show_drift(view: DriftView, form: str, *, colour: bool = False) -> str:
    """Return drift in one of `DRIFT_FORMS`."""
    render = import_module(f"reconciler.render.{DRIFT_MODULES[form]}").render_drift
    return str(render(view, colour=colour) if form == "text" else render(view))
