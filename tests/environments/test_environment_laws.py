"""Laws of merging, filling in and locating, for any document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.app.authoring.rendered import as_yaml, printable
from reconciler.core.specs.merge import Side, merge, removing_nothing, side_of
from reconciler.core.specs.render_spec import Rendered, render_spec
from reconciler.core.specs.substitution import Substitution, escape
from reconciler.core.specs.variables import Value, Variable, Variables
from reconciler.documents.yaml_lines import yaml_lines
from reconciler.documents.yaml_reader import read
from reconciler.model.environment import Environment
from reconciler.model.source import Document, Span
from reconciler.model.value import Json, Path

NAMES = st.sampled_from(["a", "b", "c", "A"])
TEXTS = st.text(max_size=6) | st.sampled_from(
    ["on", "1", "null", "-", "# a", "a: b", "1e5", "ref:a/b#c"]
)
LEAVES = st.none() | st.booleans() | st.integers(-9, 99) | TEXTS
JSON: st.SearchStrategy[Json] = st.recursive(
    LEAVES, lambda x: st.lists(x, max_size=2) | st.dictionaries(NAMES, x, max_size=3), max_leaves=8
)
OBJECTS: st.SearchStrategy[dict[str, Json]] = st.dictionaries(NAMES, JSON, max_size=3)
PIECES = st.sampled_from(
    ["${var.t}", "${var.i}", "$${", "$", "{", "}", "a", "-", "${var.b}", "é", "$$$${"]
)
TEMPLATES = st.lists(PIECES, max_size=4).map("".join)
FILLABLE: st.SearchStrategy[Json] = st.recursive(
    st.booleans() | TEMPLATES,
    lambda x: st.lists(x, max_size=2) | st.dictionaries(TEMPLATES | NAMES, x, max_size=3),
    max_leaves=8,
)
VARS: dict[str, Json] = {"t": "text", "i": 7, "b": True}
DECLARED: dict[str, Json] = {
    "t": {"type": "string", "default": "text"},
    "i": {"type": "integer"},
    "b": {"type": "boolean", "default": False},
}


def by_rfc_7396(target: Any, patch: Any) -> Any:
    """The pseudo-code of the RFC, line by line."""
    if isinstance(patch, dict):
        if not isinstance(target, dict):
            target = {}
        for name, value in patch.items():
            if value is None:
                if name in target:
                    del target[name]
            else:
                target[name] = by_rfc_7396(target.get(name), value)
        return target
    return patch


def paths(value: Json, path: Path = ()) -> Iterator[Path]:
    """Yield the path of everything in a document."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*path, index))


def found(value: Any, path: Path) -> Any:
    """Return what is at a path."""
    for step in path:
        value = value[step]
    return value


def same(one: Json, other: Json) -> bool:
    """Whether two values are the same; true is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@given(JSON, JSON)
def test_a_merge_is_the_algorithm_of_the_rfc_and_changes_nothing_in_place(
    target: Json, patch: Json
) -> None:
    before = json.dumps([target, patch])
    merged = merge(target, patch)
    assert json.dumps([target, patch]) == before
    assert same(merged, by_rfc_7396(json.loads(json.dumps(target)), patch))


@given(JSON, OBJECTS)
def test_a_patch_applied_twice_is_a_patch_applied_once(
    target: Json, patch: dict[str, Json]
) -> None:
    once = merge(target, patch)
    assert same(merge(once, patch), once)


@given(OBJECTS)
def test_an_empty_patch_changes_nothing_and_null_removes(target: dict[str, Json]) -> None:
    assert same(merge(target, {}), target)
    assert merge(target, dict.fromkeys(target)) == {}


@given(OBJECTS, OBJECTS)
def test_a_null_is_told_exactly_if_the_patch_would_do_the_same_without_it(
    target: dict[str, Json], patch: dict[str, Json]
) -> None:
    idle = {path for path, _ in removing_nothing(target, patch)}
    for path in paths(patch):
        if path and found(patch, path) is None:
            less = json.loads(json.dumps(patch))
            within = all(isinstance(found(patch, path[:n]), dict) for n in range(len(path)))
            if within:
                del found(less, path[:-1])[path[-1]]
                assert (path in idle) == same(merge(target, less), merge(target, patch))


@given(OBJECTS, OBJECTS)
def test_the_side_of_a_value_is_a_document_that_has_it(
    target: dict[str, Json], patch: dict[str, Json]
) -> None:
    merged = merge(target, patch)
    for path in paths(merged):
        match side_of(target, patch, path):
            case Side.BASE:
                assert same(found(target, path), found(merged, path))
            case Side.PATCH:
                found(patch, path)
            case Side.BOTH:
                assert isinstance(found(target, path), dict)
                assert isinstance(found(patch, path), dict)


def nowhere(_path: Path, _key: bool) -> Span:
    return Span("f.yaml", 1, 1)


@given(JSON)
def test_what_has_no_expression_is_left_untouched(value: Json) -> None:
    filling = Substitution(Variables(), nowhere)
    if "${" not in json.dumps(value):
        assert same(filling.fill(value), value)
        assert (filling.problems, filling.keys, filling.values) == ([], {}, {})


@given(st.lists(st.sampled_from(["$", "{", "${", "a"])).map("".join))
def test_an_escaped_text_stands_for_itself(text: str) -> None:
    filling = Substitution(Variables(), nowhere)
    assert filling.fill(escape(text)) == text
    assert filling.problems == []


@given(TEMPLATES)
def test_a_text_that_is_one_variable_takes_its_type_and_others_are_text(text: str) -> None:
    declared = {name: Variable(name, "string") for name in VARS}
    values = {n: Value(v, lambda: Span("f", 1, 1)) for n, v in VARS.items()}
    got = Substitution(Variables(declared, values), nowhere).fill(text)
    exact: dict[str, Json] = {"${var.t}": "text", "${var.i}": 7, "${var.b}": True}
    assert same(got, exact[text]) if text in exact else isinstance(got, str)


@given(OBJECTS)
def test_lines_of_yaml_are_read_back_as_the_same_values(value: dict[str, Json]) -> None:
    text = "".join(f"{line}\n" for _, line in yaml_lines({"top": value}))
    document, findings = read(text, "f.yaml")
    assert findings == [], text
    assert document is not None
    assert same(dict(document.value), {"top": value})


def document_of(value: Any, file: str) -> Document:
    """Write a document and read it back, so that it has places."""
    text = "".join(f"{line}\n" for _, line in yaml_lines(value))
    document, findings = read(text, file)
    assert findings == [], text
    assert document is not None
    return document


@st.composite
def rendered(draw: st.DrawFn) -> tuple[Rendered, Document, Document]:
    """Render any stack in any environment."""
    spec = {"vars": DECLARED, "things": draw(FILLABLE), "more": draw(FILLABLE)}
    value = {"kind": "Stack", "metadata": {"name": "s"}, "spec": spec}
    patch = {
        "spec": draw(st.dictionaries(st.sampled_from(["things", "new"]), FILLABLE | st.none()))
    }
    base = document_of(value, "base.yaml")
    overlay = document_of({"spec": {"vars": VARS, "patches": {"s": patch}}}, "prod.yaml")
    environment = Environment("prod", overlay, VARS, {"s": patch})
    return render_spec(base, environment), base, overlay


def is_there(span: Span, lines: dict[str, list[str]]) -> bool:
    """Whether a place lies in one of the files."""
    text = lines[span.file]
    return 1 <= span.line <= len(text) and span.column <= len(text[span.line - 1])


@given(rendered())
@settings(deadline=None)
def test_every_place_lies_in_one_of_the_two_files(
    world: tuple[Rendered, Document, Document],
) -> None:
    result, base, overlay = world
    lines = {d.file: [line for _, line in yaml_lines(d.value)] for d in (base, overlay)}
    for path in paths(result.document.value):
        assert is_there(result.document.key(*path), lines)
        assert is_there(result.document.at(*path), lines)
        assert is_there(result.document.at(*path, "nothing"), lines)
        if path:
            assert all(is_there(span, lines) for span in result.places(path))


@given(rendered())
@settings(deadline=None)
def test_rendering_a_render_changes_nothing(world: tuple[Rendered, Document, Document]) -> None:
    result = world[0]
    errors = [p for p in result.problems if p.severity == "error"]
    if errors:
        return
    text = as_yaml([result])
    assert "".join(f"{line}\n" for _, line in yaml_lines(printable(result))) in text
    document, findings = read(as_yaml([result], annotate=True), "base.yaml")
    assert findings == []
    assert document is not None
    again = render_spec(document)
    assert [p for p in again.problems if p.severity == "error"] == []
    assert as_yaml([again]) == text
    assert same(
        dict(again.document.value),
        {
            **result.document.value,
            "spec": {
                k: v for k, v in found(result.document.value, ("spec",)).items() if k != "vars"
            },
        },
    )


@given(rendered())
@settings(deadline=None)
def test_a_line_without_an_annotation_is_the_base_as_written(
    world: tuple[Rendered, Document, Document],
) -> None:
    result, base, _ = world
    plain = {line.strip() for _, line in yaml_lines(base.value)}
    for path, line in yaml_lines(printable(result)):
        steps = tuple(s.replace("$${", "${") if isinstance(s, str) else s for s in path)
        if not result.places(steps) and not result.problems:
            assert line.strip() in plain


def test_no_place_is_worked_out_unless_it_is_asked_for() -> None:
    def unasked(_path: Path, _key: bool) -> Span:
        raise AssertionError

    value: dict[str, Json] = {
        "metadata": {"name": "s"},
        "spec": {"vars": DECLARED, "x-${var.t}": ["${var.i}", "${var.b}", "$${"]},
    }
    base = Document("base.yaml", value, unasked)
    overlay = Document("prod.yaml", {}, unasked)
    environment = Environment("prod", overlay, VARS, {"s": {"spec": {"y": 1}}})
    result = render_spec(base, environment)
    assert result.problems == ()
    assert result.document.value["spec"] == {"vars": DECLARED, "x-text": [7, True, "${"], "y": 1}
