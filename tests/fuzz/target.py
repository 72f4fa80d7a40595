"""What is done with one input: all that a run does with a file, up to a plan and its pages."""

from __future__ import annotations

from reconciler.core.planner import make_plan
from reconciler.core.policy import Policy
from reconciler.core.specs.desired import desired_state
from reconciler.core.specs.render_spec import render_spec
from reconciler.documents.addresses import addresses_in
from reconciler.documents.environments import environments_of
from reconciler.documents.formatting import format_text
from reconciler.documents.source_text import lines_of
from reconciler.documents.validate import check_policy, check_project, check_spec
from reconciler.documents.yaml_reader import read
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.resource import ObservedState
from reconciler.model.source import Document
from reconciler.render.checks.diagnostics import render_concise, render_github, render_text

FILE = "specs/f.yaml"


def attempt(content: bytes) -> list[Diagnostic]:
    """Do everything with one input, and return what was found wrong with it.

    Raises:
        AssertionError: a finding is not what a finding has to be.
        Exception: whatever should have been a finding.

    """
    document, findings = read(content, FILE)
    if document is not None:
        findings += _checked(document)
        format_text(content, FILE)
    addresses_in(content, FILE)
    _told(findings, content)
    return findings


def signature(findings: list[Diagnostic]) -> str:
    """Return what makes an input different from others: the first of its codes, in order."""
    words = [f"{f.code}:{f.problem.translate(_LETTERS)[:24]}" for f in findings[:3]]
    return " ".join(words) or "valid"


_LETTERS = dict.fromkeys(map(ord, "0123456789"), "0")


def _checked(document: Document) -> list[Diagnostic]:
    """Check a document as what it says it is, and plan it if it is a stack without errors."""
    match document.value.get("kind"):
        case "Project":
            return check_project(document)
        case "Policy":
            return check_policy(document)
        case "Environment":
            return environments_of([document])[1]
        case _:
            return _planned(document)


def _planned(document: Document) -> list[Diagnostic]:
    rendered = render_spec(document)
    findings = [*rendered.problems, *check_spec(rendered.document)]
    if any(finding.severity is Severity.ERROR for finding in findings):
        return findings
    desired, left = desired_state([rendered.document], {"sub-comms-prod": "1" * 36})
    findings += left
    if not any(finding.severity is Severity.ERROR for finding in findings):
        make_plan(desired, ObservedState({}), Policy())
    return findings


def _told(findings: list[Diagnostic], content: bytes) -> None:
    """Fail unless every finding has a place, one line of words, and a mend, in every form."""
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = len(lines_of(text))
    for finding in findings:
        span = finding.span
        assert span is not None, finding
        assert span.file == FILE, finding
        assert 1 <= span.line <= lines, (finding, lines)
        assert span.column >= 1, finding
        assert finding.problem, finding
        assert finding.mend, finding
        assert len(finding.problem) < 2000, finding
    concise = render_concise(findings)
    assert concise.count("\n") == len(findings), concise
    assert all(c.isprintable() or c == "\n" for c in concise.replace("\xa0", "")), concise
    assert all(line.startswith("::") for line in render_github(findings).splitlines())
    told = render_text(findings, {FILE: text}, colour=False)
    assert not any(ord(c) < 32 and c != "\n" for c in told), told
