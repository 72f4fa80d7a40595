"""What the schemas refuse, in sentences; and verdicts that other validators would give too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.documents import schemas
from reconciler.documents.draft7 import compile_schema, ecma_pattern
from reconciler.documents.schema_branches import relevant
from reconciler.documents.schema_errors import translate
from reconciler.documents.schema_failure import Failure
from reconciler.documents.validate import check, check_project, check_spec
from reconciler.documents.yaml_reader import read
from reconciler.model.codes import Code
from reconciler.model.source import Document, Span
from reconciler.model.value import Json
from reconciler.render.checks.diagnostics import render_concise

STACK = """\
apiVersion: reconciler/v1
kind: Stack
metadata: {name: mail}
spec:
  subscription: sub-prod
  resourceGroup: {existing: rg-mail}
  identities:
    id-sender: {location: westeurope, tags: {env: prod}}
    id-gone: null
  communicationServices:
    acs-mail:
      dataLocation: Europe
      identity: {systemAssigned: true, userAssigned: [ref:identities/id-sender]}
"""


FIELDS = st.sampled_from(
    [
        "spec",
        "kind",
        "tags",
        "identities",
        "dataLocation",
        "identity",
        "type",
        "userAssigned",
        "lifecycle",
        "location",
    ]
    + [
        "userAssignedIdentities",
        "linkedDomains",
        "resourceGroup",
        "subscription",
        "outputs",
        "existing",
    ]
)


def document_of(text: str) -> Document:
    document, findings = read(text, "f.yaml")
    assert findings == []
    assert document is not None
    return document


def told(schema: dict[str, Any], value: Json) -> list[tuple[str, str, str]]:
    document = document_of("v: " + json.dumps(value))
    validator = compile_schema({"properties": {"v": schema}})
    found = relevant(map(Failure.of, validator.iter_errors(document.value)))
    findings = [translate(failure, document) for failure in found]
    return [(finding.code, finding.problem, finding.mend) for finding in findings]


def test_a_good_stack_and_a_good_project_file_have_no_findings() -> None:
    project = "apiVersion: reconciler/v1\nkind: Project\nspec: {specs: [specs]}\n"
    assert check_spec(document_of(STACK)) == []
    assert check(document_of(STACK), "stack") == []
    assert check_project(document_of(project)) == []


def test_an_unknown_schema_is_a_mistake_in_the_program() -> None:
    with pytest.raises(KeyError):
        check(document_of(STACK), "nothing")


@pytest.mark.parametrize("name", schemas.names())
def test_every_shipped_schema_is_itself_valid_and_its_references_resolve(name: str) -> None:
    schema = schemas.load_schema(name)
    validator = compile_schema(schema)
    validator.check_schema(schema)
    for example in schema.get("examples", ()):
        assert list(validator.iter_errors(example)) == []


CASES: dict[str, tuple[dict[str, Any], Json, str, str, str]] = {
    "a number below the least": (
        {"minimum": 3}, 1, Code.RANGE,
        "`v` is `1`, but must be at least 3", "write a number that is at least 3",
    ),
    "a number that is no multiple": (
        {"multipleOf": 5}, 7, Code.RANGE,
        "`v` is `7`, but must be a multiple of 5", "write a number that is a multiple of 5",
    ),
    "a text that is too long": (
        {"maxLength": 2}, "abcd", Code.LENGTH,
        "`v` has 4 characters, the most is 2", "shorten it by 2 characters",
    ),
    "a list that is too short": (
        {"minItems": 2}, ["a"], Code.COUNT,
        "`v` has 1 entry, the least is 2", "add 1 entry, or remove `v`",
    ),
    "a number in quotes": (
        {"type": "integer"}, "5", Code.TYPE,
        "`v` is text, but takes a whole number", "remove the quotes: `5`",
    ),
    "null where something is needed": (
        {"type": "string"}, None, Code.TYPE,
        "`v` is null, but takes text", "write text, or remove the field",
    ),
    "a constant": (
        {"const": "x"}, "y", Code.NOT_A_CHOICE, "`v` is `y`, which it cannot be", "write `x`",
    ),
    "a dependency between fields": (
        {"dependencies": {"a": ["b"]}, "properties": {"b": {"examples": [1]}}}, {"a": 1},
        Code.COMBINATION, "`a` needs `b` beside it", "add the line `b: 1`, or remove `a`",
    ),
    "a dependency that is a schema": (
        {"dependencies": {"a": {"required": ["b"]}}}, {"a": 1}, Code.COMBINATION,
        "`b` is missing, which the other fields of `v` need", "add the line `b: ...` to it",
    ),
    "something that must not be": (
        {"not": {"const": "x"}, "x-mend": "use y"}, "x", Code.COMBINATION,
        "`v` is `x`, which is not allowed here", "use y",
    ),
    "a keyword without a sentence of its own": (
        {"items": [{}], "additionalItems": False}, [1, 2], Code.SCHEMA,
        "`v` is a list, which is not allowed here", "remove it",
    ),
    "the branch of the same type": (
        {"anyOf": [{"type": "array"}, {"type": "string", "pattern": "^a$"}]}, "b", Code.PATTERN,
        "`v` is `b`, which does not have the form it needs",
        "write text that matches the pattern `^a$`",
    ),
    "no branch of the same type": (
        {"oneOf": [{"type": "array"}, {"type": ["string", "null"]}]}, 5, Code.TYPE,
        "`v` is a number, but takes a list, text or null", "write a list, text or null",
    ),
    "two forms of text": (
        {"anyOf": [{"enum": ["x", "y"]}, {"pattern": "^ref:", "x-pattern-words": "ref:NAME"}]},
        "z", Code.NO_FORM, "`v` is `z`, which has no known form", "write one of x, y or ref:NAME",
    ),
    "two forms at once": (
        {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1, "b": 2}, Code.COMBINATION,
        "`v` fits more than one of the forms it can have", "keep the fields of one form only",
    ),
    "the nearest of two mappings": (
        {
            "anyOf": [
                {"properties": {"t": {"const": "a"}, "x": {"type": "string"}}},
                {"properties": {"t": {"const": "b"}, "x": {"type": "integer"}}},
            ]
        },
        {"t": "b", "x": "y"}, Code.TYPE,
        "`x` is text, but takes a whole number", "write a whole number",
    ),
    "a name with a pattern": (
        {"propertyNames": {"pattern": "^a+$"}}, {"b": 1}, Code.NAME,
        "the name `b` is not allowed in `v`", "use a name that matches the pattern `^a+$`",
    ),
    "a name that is too long": (
        {"propertyNames": {"maxLength": 1}}, {"bb": 1}, Code.NAME,
        "the name `bb` is not allowed in `v`", "use at most 1 characters",
    ),
    "a list without what it must contain": (
        {"contains": {"const": 1}, "description": "Has a 1."}, [2], Code.COMBINATION,
        "`v` is a list, which is not allowed here", "see what the field takes: Has a 1.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_keyword_has_its_sentence(case: str) -> None:
    schema, value, *expected = CASES[case]
    assert told(schema, value) == [tuple(expected)]


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("^a$", "a\n", False),
        (r"^\d$", "٣", False),
        (r"^\w$", "é", False),
        (r"^.$", "\r", False),
        (r"^\s$", "\u00a0", True),
        (r"^[\s$]$", "$", True),
        (r"^[\s$]$", "\ufeff", True),
        (r"^\S$", "\u2003", False),
        (r"^\$\.$", "$.", True),
        (r"^[^.]$", ".", False),
    ],
)
def test_patterns_mean_what_ecmascript_says(pattern: str, text: str, matches: bool) -> None:
    assert bool(ecma_pattern(pattern).search(text)) is matches


def test_patterns_of_properties_follow_the_same_rules() -> None:
    schema = {"patternProperties": {r"^\d$": {"type": "string"}}, "additionalProperties": False}
    assert told(schema, {"1": "x"}) == []
    assert [code for code, *_ in told(schema, {"٣": "x"})] == [Code.UNKNOWN_FIELD]


def test_our_rules_hold_beyond_a_reference_to_another_file() -> None:
    text = STACK.replace("location: westeurope", 'location: "westeurope\\n"')
    assert [finding.code for finding in check_spec(document_of(text))] == [Code.PATTERN]


def test_a_finding_points_at_the_key_or_at_the_value() -> None:
    text = STACK.replace("      dataLocation: Europe\n", "      datalocation: 5\n")
    findings = check_spec(document_of(text))
    assert [(finding.code, finding.span) for finding in findings] == [
        (Code.MISSING_FIELD, Span("f.yaml", 11, 5, 8)),
        (Code.UNKNOWN_FIELD, Span("f.yaml", 12, 7, 12)),
    ]
    assert findings[1].mend.startswith("write `dataLocation`")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 999) | st.text(max_size=5) | st.floats(-9, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS | st.text(), inner),
    max_leaves=12,
)


@given(st.dictionaries(FIELDS, JSON), FIELDS, JSON)
@settings(max_examples=200, deadline=None)
def test_any_json_in_a_stack_is_checked_and_shown_without_an_exception(
    spec: dict[str, Json], field: str, service: Json
) -> None:
    value: dict[str, Json] = {
        "apiVersion": "reconciler/v1",
        "kind": "Stack",
        "metadata": service,
        "spec": {**spec, "communicationServices": {"acs-mail": {field: service}, "b": service}},
    }
    document = Document("f.yaml", value, lambda _path, _key: Span("f.yaml", 1, 1))
    findings = check_spec(document)
    assert findings
    assert all(finding.problem.isprintable() and finding.mend for finding in findings)
    assert render_concise(findings).count("\n") == len(findings)


def test_values_are_shown_without_control_characters_and_never_whole_if_long() -> None:
    schema = {"enum": ["a"]}
    (_, problem, _), *_ = told(schema, "\x1b[31m" + "x" * 10_000)
    assert problem.isprintable()
    assert len(problem) < 150
