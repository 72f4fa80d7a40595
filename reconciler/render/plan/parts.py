"""Which parts a report of a plan has beside the changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from reconciler.model.plan import Plan
from reconciler.render.formats.sections import Section
from reconciler.render.plan.mail import impact_section, links_section, verification_section

Maker: TypeAlias = "Callable[[Plan], Section | None]"

SECTIONS: tuple[Maker, ...] = (impact_section, verification_section, links_section)
"""Makers of parts, in the order of the report; None leaves a part out."""


def sections_of(plan: Plan) -> tuple[Section, ...]:
    """Return the parts that a plan has."""
    made = (maker(plan) for maker in SECTIONS)
    return tuple(section for section in made if section is not None)
