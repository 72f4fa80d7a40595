"""Laws of the reader: it never raises, it agrees with JSON, and it knows where things are."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.documents import yaml_reader
from reconciler.documents.source_text import lines_of
from reconciler.documents.yaml_reader import read
from reconciler.model.codes import Code
from reconciler.model.source import Document, Span
from reconciler.model.value import Json, Path

CHARACTERS = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])
"""What one escape of JSON can write: YAML does not join two of them to a character."""

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(CHARACTERS, max_size=12)
)
KEYS = st.text(CHARACTERS, max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=5)
YAMLISH = st.lists(
    st.sampled_from(
        ["a", "b", ": ", ":", "- ", "\n", "\n  ", "    ", "[", "]", "{", "}", ",", "&a ", "*a"]
        + ["!x ", "'", '"', "|\n", ">", "#", "? ", "---\n", "...\n", "<<", "\t", "%", "0x1", "~"]
        + ["\x85", "\u2028", "\r", "é", "日", "\x07", "\ufeff", "\\", "1e9", "@", "`", "\ud800"]
    ),
    max_size=30,
).map("".join)


def document_of(text: str | bytes) -> Document:
    document, findings = read(text, "f.yaml")
    assert findings == []
    assert document is not None
    return document


def paths(value: Json, path: Path = ()) -> list[tuple[Path, Json]]:
    found: list[tuple[Path, Json]] = [(path, value)]
    if isinstance(value, dict):
        for key, child in value.items():
            found += paths(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            found += paths(child, (*path, index))
    return found


def underlined(text: str, span: Span) -> str:
    line = lines_of(text)[span.line - 1]
    return line[span.column - 1 : span.column - 1 + span.length]


@given(st.binary(max_size=200) | YAMLISH)
@settings(max_examples=400, deadline=None)
def test_arbitrary_content_gives_a_document_or_a_finding_and_never_raises(
    content: bytes | str,
) -> None:
    document, findings = read(content, "f.yaml")
    assert (document is None) == bool(findings)
    for finding in findings:
        assert finding.span is not None
        assert finding.span.line >= 1
        assert finding.span.column >= 1
        assert finding.span.length >= 1


@given(YAMLISH)
@settings(max_examples=300, deadline=None)
def test_every_path_of_whatever_can_be_read_can_be_located(text: str) -> None:
    document, _ = read(text, "f.yaml")
    if document is None:
        return
    lines = lines_of(text.removeprefix("\ufeff"))
    for path, _value in paths(document.value):
        for span in (document.at(*path), document.key(*path)):
            assert 1 <= span.line <= len(lines)
            assert span.column + span.length - 1 <= max(len(lines[span.line - 1]), 1)


@given(DOCUMENTS)
@settings(max_examples=150, deadline=None)
def test_json_is_read_as_json_and_each_scalar_is_found_where_it_stands(
    value: dict[str, Json],
) -> None:
    text = json.dumps(value, indent=1)
    document = document_of(text)
    assert document.value == value
    for path, part in paths(value):
        if path and isinstance(path[-1], str):
            assert underlined(text, document.key(*path)) == json.dumps(path[-1])
        if not isinstance(part, dict | list):
            assert underlined(text, document.at(*path)) == json.dumps(part)


@given(DOCUMENTS)
@settings(max_examples=150, deadline=None)
def test_what_pyyaml_writes_is_read_with_the_same_values(value: dict[str, Json]) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_style='"')
    plain = json.loads(json.dumps(value), parse_float=str, parse_int=str)
    document, findings = read(text, "f.yaml")
    if findings:  # safe_dump tags what is no text in this style
        assert {finding.code for finding in findings} <= {Code.TAG, Code.DEPTH, Code.KEY_NOT_TEXT}
        return
    assert document is not None
    assert document.value == plain


@pytest.mark.parametrize("text", ["yes", "no", "on", "off", "017", "12:30:45", "2026-11-23", "1_0"])
def test_words_that_only_old_yaml_converts_stay_text(text: str) -> None:
    assert document_of(f"a: {text}").value == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [("", None), ("~", None), ("null", None), ("True", True), ("-0", 0), ("1.5e3", 1500.0)],
)
def test_plain_scalars_of_the_core_schema_become_json(text: str, value: Json) -> None:
    assert document_of(f"a: {text}").value == {"a": value}


def test_norway_is_text_as_a_key_and_as_a_value() -> None:
    assert document_of("NO: NO").value == {"NO": "NO"}


def test_a_byte_order_mark_does_not_move_columns() -> None:
    document = document_of("\ufeffa: b".encode())
    assert document.at("a") == Span("f.yaml", 1, 4, 1)


def test_a_path_that_is_not_there_gives_its_nearest_ancestor() -> None:
    document = document_of("a:\n  b: word\n")
    assert document.at("a", "c", "d") == Span("f.yaml", 1, 1, 1)
    assert document.key("z") == Span("f.yaml", 1, 1, 1)


def test_an_empty_value_is_shown_at_its_key() -> None:
    assert document_of("spec:\n").at("spec") == Span("f.yaml", 1, 1, 4)


def test_an_alias_is_shown_where_it_stands_and_its_parts_where_they_were_written() -> None:
    document = document_of("a: &x {b: 1}\nc: *x\n")
    assert document.value == {"a": {"b": 1}, "c": {"b": 1}}
    assert document.at("c") == Span("f.yaml", 2, 4, 2)
    assert document.at("c", "b") == Span("f.yaml", 1, 11, 1)


def test_the_parser_without_libyaml_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: 1\nb: [x, {c: 'd'}]\ne: |\n  f\n"
    with_libyaml = document_of(text)
    monkeypatch.setattr(yaml_reader, "libyaml", yaml.SafeLoader)
    without = document_of(text)
    assert without.value == with_libyaml.value
    assert [without.at(*p) for p, _ in paths(without.value)] == [
        with_libyaml.at(*p) for p, _ in paths(with_libyaml.value)
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 100_000 + "]" * 100_000, Code.DEPTH),
        ("{a: " * 100_000, Code.DEPTH),
        ("- " * 100_000, Code.DEPTH),
        (
            "a: &x0 [x]\n" + "".join(f"k{i}: &x{i + 1} [{f'*x{i},' * 9}]\n" for i in range(50)),
            Code.EXPANSION,
        ),
        ("a: " + "9" * 1_000_000, Code.UNCLEAR_SCALAR),
    ],
    ids=["brackets", "braces", "dashes", "billion laughs", "a million digits"],
)
def test_bombs_are_refused_within_two_seconds(text: str, code: Code) -> None:
    start = time.process_time()
    document, findings = read(text, "f.yaml")
    assert time.process_time() - start < 2
    assert document is None
    assert code in {finding.code for finding in findings}


def test_the_spec_package_imports_no_sdk() -> None:
    program = (
        "import sys, reconciler.documents.validate, reconciler.documents.files;"
        "print(sorted({'azure', 'deepdiff', 'requests', 'aiohttp'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
