"""Findings on their way to people: complete, each of them once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from reconciler.core.specs.render_spec import Rendered
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.errors import InvalidInputError


def raise_errors(problems: Sequence[Diagnostic]) -> None:
    """Raise all problems if there is an error among them.

    Raises:
        InvalidInputError: there is one.

    """
    if any(p.severity is Severity.ERROR for p in problems):
        raise InvalidInputError(tuple(problems))


def without_repeats(problems: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return each problem once, with the related places of all its appearances.

    What is an error somewhere, such as in one environment, is an error.
    """
    once: dict[object, Diagnostic] = {}
    for problem in problems:
        key = (problem.code, problem.problem, problem.mend, problem.span)
        known = once.setdefault(key, problem)
        if problem.severity is Severity.ERROR and known.severity is not Severity.ERROR:
            known = once[key] = replace(known, severity=Severity.ERROR)
        more = tuple(related for related in problem.related if related not in known.related)
        if more:
            once[key] = replace(known, related=(*known.related, *more))
    return list(once.values())


def explained(findings: Iterable[Diagnostic], rendered: Sequence[Rendered]) -> Iterator[Diagnostic]:
    """Yield findings with all places that matter, and without those that repeat others."""
    for finding in findings:
        told: Diagnostic | None = finding
        for stack in rendered:
            told = told and stack.explain(told)
        if told is not None:
            yield told
