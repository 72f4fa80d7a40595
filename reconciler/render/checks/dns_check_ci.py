"""What `dns check` found, for CI systems: annotations of GitHub, JUnit, and Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from reconciler.model.dns import UNKNOWN
from reconciler.model.mail import DomainReport
from reconciler.render.checks.dns_check import arm_state, may_pass, mend_of, state_of, summary
from reconciler.render.formats import junit
from reconciler.render.formats.github import annotation
from reconciler.render.formats.markdown import code, inert, prose, table
from reconciler.render.formats.words import safe

TimeIn = Callable[[float], str]
"""Returns the time after so many seconds."""


def check_github(reports: Sequence[DomainReport], time_in: TimeIn) -> str:
    """Return an annotation for each record that is not ready, at the domain in its spec.

    What may come right by itself, or is not known, is a warning; the rest is an error.
    """
    return "".join(
        annotation(
            level,
            f"{report.domain.name} {title}",
            text,
            report.domain.place.span if report.domain.place else None,
        )
        for report in reports
        for level, title, text in _remarks(report, time_in)
    )


def check_junit(reports: Sequence[DomainReport], time_in: TimeIn) -> str:
    """Return JUnit XML: a suite for each domain, a case for each record."""
    cases = [case for report in reports for case in _cases(report, time_in)]
    return junit.render("reconciler dns check", cases)


def check_markdown(reports: Sequence[DomainReport], time_in: TimeIn) -> str:
    """Return a table for each domain, for a comment or the summary of a job."""
    lines = ["### Mail domains in DNS", "", prose(summary(reports)), ""]
    for report in reports:
        ready = "ready" if report.is_ready else "unknown" if report.is_unknown else "not ready"
        lines += [f"**{inert(report.domain.name)}** ({inert(report.domain.address)}): {ready}", ""]
        state = state_of(report)
        if state:
            lines += [inert(state), ""]
            continue
        rows = (
            [
                inert(record.verdict.check),
                inert(arm_state(record)),
                code(record.verdict.state.value),
                prose(record.verdict.sentence),
                prose(mend_of(record.verdict, time_in)),
            ]
            for record in report.records
        )
        lines += [*table(("check", "in Azure", "DNS", "what was found", "mend"), rows), ""]
    return "\n".join(lines)


def _remarks(report: DomainReport, time_in: TimeIn) -> Iterator[tuple[str, str, str]]:
    """Yield level, title and text of what is not as it should be."""
    if report.unreadable or report.missing:
        title = "unknown" if report.unreadable else "not in Azure yet"
        yield "warning", title, safe(state_of(report))
    for record in report.records:
        if not record.verdict.ready:
            verdict = record.verdict
            level = "warning" if may_pass(verdict) else "error"
            text = f"{safe(verdict.sentence)}\nmend: {safe(mend_of(verdict, time_in))}"
            yield level, f"{verdict.check}: {verdict.state.value}", text


def _cases(report: DomainReport, time_in: TimeIn) -> Iterator[junit.Case]:
    """Yield a domain's cases."""
    name = report.domain.name
    state = state_of(report)
    if state:
        wrong = "error" if report.unreadable else "failure" if report.missing else ""
        yield junit.Case(name, report.domain.address, "EmailDomain", wrong, message=state)
    for record in report.records:
        verdict = record.verdict
        unknown = verdict.state in UNKNOWN
        mend = mend_of(verdict, time_in)
        yield junit.Case(
            name,
            verdict.check,
            "DNS record",
            "" if verdict.ready else "error" if unknown else "failure",
            verdict.state.value,
            verdict.sentence,
            f"mend: {mend}" if mend else "",
        )
