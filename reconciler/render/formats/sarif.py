"""Findings as SARIF 2.1.0, which code scanning of GitHub and Azure DevOps reads.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Span
from reconciler.model.value import Json

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
CODES: Mapping[str, Code] = {str(code): code for code in Code.__members__.values()}
ROOT = "%SRCROOT%"
"""The name of the folder that addresses are relative to."""


def to_sarif(diagnostics: Iterable[Diagnostic], version: str) -> Mapping[str, Json]:
    """Return a log with one run; a rule for each code, and one for each policy.

    Args:
        diagnostics: the findings, in any order.
        version: the version of this tool.

    """
    ordered = sorted(diagnostics, key=lambda d: (d.sort_key, d.mend))
    rules = {rule_id(finding): _rule(finding) for finding in ordered}
    indexes = {name: index for index, name in enumerate(sorted(rules))}
    results: list[Json] = [_result(finding, indexes) for finding in ordered]
    return log(version, [rules[name] for name in indexes], results)


def log(version: str, rules: Sequence[Json], results: Sequence[Json]) -> Mapping[str, Json]:
    """Return a log with one run of this tool."""
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "reconciler", "version": version, "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }


def rule_id(finding: Diagnostic) -> str:
    """Return the rule of a finding: its code, and the policy's name behind it if there is one."""
    return f"{finding.code}/{finding.rule.name}" if finding.rule else str(finding.code)


def _rule(finding: Diagnostic) -> Json:
    """Return the description of a finding's rule."""
    code = CODES[finding.code]
    rule = finding.rule
    if rule is None:
        name, short, full, url = code.name, code.heading, code.explanation, ""
    else:
        name, short, full, url = (
            rule.name,
            f"{code.heading}: {rule.name}",
            rule.description,
            rule.url,
        )
    about: dict[str, Json] = {
        "id": rule_id(finding),
        "name": "".join(part.capitalize() for part in name.replace("_", "-").split("-")),
        "shortDescription": {"text": short},
        "fullDescription": {"text": full},
        "help": {"text": f"{full}\nHow to mend it: {finding.mend}" if rule else full},
        "defaultConfiguration": {"level": finding.severity.value},
    }
    return {**about, "helpUri": url} if url else about


def _result(finding: Diagnostic, indexes: Mapping[str, int]) -> Json:
    label = f" ({finding.label})" if finding.label else ""
    result: dict[str, Json] = {
        "ruleId": rule_id(finding),
        "ruleIndex": indexes[rule_id(finding)],
        "level": finding.severity.value,
        "message": {"text": f"{finding.problem}{label}\nmend: {finding.mend}"},
    }
    if finding.span is not None:
        result["locations"] = [{"physicalLocation": place(finding.span)}]
    related: list[Json] = [
        {"id": number, "physicalLocation": place(span), "message": {"text": label}}
        for number, (span, label) in enumerate(finding.related)
        if not span.file.startswith("<")
    ]
    return {**result, "relatedLocations": related} if related else result


def place(span: Span) -> Json:
    """Return a place: SARIF's end column is the first one that is not meant any more."""
    absolute = span.file.startswith("/")
    address = {"uri": ("file://" if absolute else "") + quote(span.file)}
    return {
        "artifactLocation": address if absolute else {**address, "uriBaseId": ROOT},
        "region": {
            "startLine": span.line,
            "startColumn": span.column,
            "endColumn": span.column + span.length,
        },
    }
