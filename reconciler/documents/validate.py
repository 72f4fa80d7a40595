"""Documents compared with their schemas."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from reconciler.core.specs.references import nearest
from reconciler.documents.first_pass import surely_valid
from reconciler.documents.wording import choices, shown
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Document

API_VERSION: Final = "reconciler/v1"
"""The version of the format that this tool reads."""

ENVIRONMENT: Final = "Environment"
POLICY: Final = "Policy"
NO_STACKS: Final = (ENVIRONMENT, POLICY)
"""What may lie in one folder with stacks."""

SPEC_KINDS: Final[Mapping[str, str]] = MappingProxyType({"Stack": "stack"})
"""The kinds of document that a spec may be, with their schemas."""

PROJECT_KINDS: Final[Mapping[str, str]] = MappingProxyType({"Project": "project"})
"""The kind of the project file, with its schema."""

ENVIRONMENT_KINDS: Final[Mapping[str, str]] = MappingProxyType({ENVIRONMENT: "environment"})
"""The kind of an environment file, with its schema."""

POLICY_KINDS: Final[Mapping[str, str]] = MappingProxyType({POLICY: "policy"})
"""The kind of a policy file, with its schema."""


def is_a(kind: str, document: Document) -> bool:
    """Whether a document wants to be of a kind."""
    return document.value.get("kind") == kind


def is_no_stack(document: Document) -> bool:
    """Whether a document is passed over where stacks are looked for."""
    return document.value.get("kind") in NO_STACKS


def check(document: Document, schema_name: str) -> list[Diagnostic]:
    """Return what the schema called ``schema_name`` finds wrong, by place.

    Raises:
        KeyError: if there is no such schema.

    """
    if surely_valid(document.value, schema_name):
        return []
    from reconciler.documents.schema_errors import findings_of

    return findings_of(document, schema_name)


def check_spec(document: Document) -> list[Diagnostic]:
    """Return what is wrong with a spec, by the schema of its kind."""
    return _check_kind(document, SPEC_KINDS)


def check_project(document: Document) -> list[Diagnostic]:
    """Return what is wrong with the project file."""
    return _check_kind(document, PROJECT_KINDS)


def check_environment(document: Document) -> list[Diagnostic]:
    """Return what is wrong with an environment file, apart from what depends on its stacks."""
    return _check_kind(document, ENVIRONMENT_KINDS)


def check_policy(document: Document) -> list[Diagnostic]:
    """Return what is wrong with a policy file, apart from the schemas in it."""
    return _check_kind(document, POLICY_KINDS)


def schema_of(document: Document) -> tuple[str, list[Diagnostic]]:
    """Return the schema of a document of any of our kinds, or nothing and what is wrong."""
    kinds = {**SPEC_KINDS, **ENVIRONMENT_KINDS, **POLICY_KINDS, **PROJECT_KINDS}
    findings = _envelope(document, "apiVersion", (API_VERSION,), Code.API_VERSION)
    findings += _envelope(document, "kind", tuple(kinds), Code.KIND)
    return ("" if findings else kinds[str(document.value["kind"])]), findings


def _check_kind(document: Document, kinds: Mapping[str, str]) -> list[Diagnostic]:
    """Check the envelope in plain code: a ``oneOf`` over kinds could not tell which was meant."""
    version = _envelope(document, "apiVersion", (API_VERSION,), Code.API_VERSION)
    kind = _envelope(document, "kind", tuple(kinds), Code.KIND)
    findings = version + kind
    if not kind:
        told = {finding.span for finding in version}
        schema_name = kinds[str(document.value["kind"])]
        findings += [f for f in check(document, schema_name) if f.span not in told]
    return sorted(findings, key=lambda finding: finding.sort_key)


def _envelope(
    document: Document, field: str, known: tuple[str, ...], code: Code
) -> list[Diagnostic]:
    """Return the finding for a field of the envelope, if it is not one of the known values."""
    if field not in document.value:
        problem = f"the document has no `{field}`"
        mend = f"add the line `{field}: {known[0]}`"
        return [Diagnostic(Code.NO_KIND, problem, mend, document.at())]
    value = document.value[field]
    if value in known:
        return []
    guess = nearest(value, known) if isinstance(value, str) else None
    mend = f"write `{guess or known[0]}`"
    if len(known) > 1:
        mend += f" (known: {choices(known)})"
    problem = f"`{field}` is {shown(value)}, which is not known here"
    return [Diagnostic(code, problem, mend, document.at(field))]
