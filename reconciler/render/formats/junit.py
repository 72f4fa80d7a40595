"""JUnit XML, which CI systems draw as tests: a suite for each stack, a case for each resource.

https://github.com/testmoapp/junitxml describes what most of them read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree

from reconciler.render.formats.words import safe


@dataclass(frozen=True, slots=True)
class Case:
    """One resource, with what is wrong with it if anything is."""

    suite: str
    name: str
    kind: str
    verdict: str = ""
    """``failure``, ``error`` or ``skipped``; empty for what is as it should be."""
    type: str = ""
    message: str = ""
    text: str = ""


def render(name: str, cases: Iterable[Case]) -> str:
    """Return a document with all cases, those of a suite together."""
    suites: dict[str, list[Case]] = {}
    for case in cases:
        suites.setdefault(case.suite, []).append(case)
    root = ElementTree.Element("testsuites", name=name)
    _count(root, [case for members in suites.values() for case in members])
    for suite, members in sorted(suites.items()):
        element = ElementTree.SubElement(root, "testsuite", name=safe(suite))
        _count(element, members)
        for case in members:
            _case(element, case)
    ElementTree.indent(root)
    return ElementTree.tostring(root, "unicode", xml_declaration=True) + "\n"


def _count(element: ElementTree.Element, cases: Iterable[Case]) -> None:
    """Write the counts that a suite and the document have."""
    verdicts = [case.verdict for case in cases]
    element.set("tests", str(len(verdicts)))
    element.set("failures", str(verdicts.count("failure")))
    element.set("errors", str(verdicts.count("error")))
    element.set("skipped", str(verdicts.count("skipped")))


def _case(suite: ElementTree.Element, case: Case) -> None:
    """Write one case."""
    element = ElementTree.SubElement(
        suite, "testcase", name=safe(case.name), classname=safe(case.kind)
    )
    if not case.verdict:
        return
    found = ElementTree.SubElement(element, case.verdict, message=safe(case.message))
    if case.type:
        found.set("type", case.type)
    found.text = "\n".join(map(safe, case.text.splitlines())) or None
