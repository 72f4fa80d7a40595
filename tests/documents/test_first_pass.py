"""The validator that looks first says of every document what `jsonschema` says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.app.loading.specs import load
from reconciler.core.policies.policy_view import view_of
from reconciler.core.policies.policy_world import World
from reconciler.documents import schemas
from reconciler.documents.draft7 import ecma_pattern, validator_of
from reconciler.documents.files import read_document
from reconciler.documents.first_pass import surely_valid
from reconciler.documents.json_values import find_value, with_value, without_value
from reconciler.documents.policies import Policy, load_policies
from reconciler.documents.project import Project
from reconciler.documents.validate import schema_of
from reconciler.model.value import Json
from reconciler.model.value import Path as Place

ROOT = Path(__file__).parents[2]
FILES = [
    ROOT / "reconciler.yaml",
    *sorted(ROOT.glob("specs/**/*.yaml")),
    *sorted(ROOT.glob("examples/**/*.yaml")),
    *sorted((Path(__file__).parent / "malformed").glob("*.yaml")),
]
ODD = (
    "",
    "\n",
    "a\n",
    "a\r",
    "٣",
    "ﬁ",
    "K",
    "\u2028",
    "\u00a0",
    "\x85",
    "😀",
    "é",
    "_",
    " a",
    "a.",
)
"""Characters on which regular expressions of different languages are of different minds."""


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every document of the repository that can be read, with its schema."""
    for file in FILES:
        document, _ = read_document(file)
        if document is not None:
            name, unknown = schema_of(document)
            yield ("stack" if unknown else name), dict(document.value)


DOCUMENTS = list(documents())

SHIPPED = {
    policy.name: policy
    for policy in load_policies(Project(ROOT, (), policy_packs=("recommended",)), [])[0]
}


def views() -> Iterator[tuple[str, Json]]:
    """Yield what each shipped policy sees of the resources of the repository."""
    specs = load([ROOT / "specs"], ROOT / "reconciler.yaml")
    world = World.of(specs.desired, whole=True)
    for resource in world.resources:
        view = view_of(resource, world, None)
        for policy in SHIPPED.values():
            if resource.kind in policy.kinds:
                yield policy.name, view


VIEWS = list(views())


def places(value: Json, path: Place = ()) -> Iterator[Place]:
    """Yield the place of every value."""
    yield path
    items = value.items() if isinstance(value, dict) else ()
    for key, inner in [*items, *enumerate(value if isinstance(value, list) else ())]:
        yield from places(inner, (*path, key))


def everything(schema: Any, word: str) -> Iterator[Any]:
    """Yield the value of a keyword wherever it stands in a schema."""
    if isinstance(schema, dict):
        yield from ([schema[word]] if word in schema else [])
        schema = list(schema.values())
    for inner in schema if isinstance(schema, list) else ():
        yield from everything(inner, word)


LOADED = [schemas.load_schema(name) for name in schemas.names()]
PATTERNS = sorted({p for s in LOADED for p in everything(s, "pattern") if isinstance(p, str)})
WORDS = sorted({key for s in LOADED for names in everything(s, "properties") for key in names})
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 300)
    | st.sampled_from([0.5, 1.0, 1e300])
    | st.sampled_from([*WORDS, *ODD])
    | st.text(max_size=5)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*WORDS, *ODD]) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def bent(draw: st.DrawFn, cases: Sequence[tuple[str, Json]]) -> tuple[str, Json]:
    """Return one of the cases, changed in up to three places."""
    name, start = draw(st.sampled_from(cases))
    value: Json = start
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(sorted(places(value), key=repr)))
        old = find_value(value, path)
        match draw(st.sampled_from(["put", "add", "drop", "spell"])):
            case "put":
                value = with_value(value, path, draw(VALUES))
            case "drop" if path:
                value = without_value(value, path)
            case "spell" if isinstance(old, str):
                value = with_value(value, path, old + draw(st.sampled_from(ODD)))
            case _ if isinstance(old, dict):
                value = with_value(value, (*path, draw(st.sampled_from(WORDS))), draw(VALUES))
            case _:
                pass
    return name, value


def agreed(value: Json, name: str) -> bool:
    """Return the verdict, which has to be one."""
    verdict = surely_valid(value, name)
    assert verdict == validator_of(name).is_valid(value), json.dumps(value)
    return verdict


@pytest.mark.parametrize("number", range(len(DOCUMENTS)))
def test_both_validators_judge_the_documents_of_the_repository_alike(number: int) -> None:
    name, value = DOCUMENTS[number]
    agreed(value, name)


@given(bent(DOCUMENTS))
@settings(max_examples=400)
def test_both_validators_judge_bent_documents_alike(case: tuple[str, Json]) -> None:
    agreed(case[1], case[0])


def alike(policy: Policy, view: Json) -> bool:
    """Return whether a resource keeps a shipped policy, on which both have to agree."""
    assert isinstance(view, dict)
    kept = policy.is_surely_kept(view)
    is_meant = policy.when is None or policy.when.is_valid(view)
    assert kept == (not is_meant or policy.schema.is_valid(view)), json.dumps(view)
    return kept


def test_both_validators_judge_the_resources_of_the_repository_alike_by_shipped_policies() -> None:
    judged = {(name, alike(SHIPPED[name], view)) for name, view in VIEWS}
    assert {name for name, _ in judged} == set(SHIPPED)
    assert all(kept for _, kept in judged)


@given(bent(VIEWS))
@settings(max_examples=400)
def test_both_validators_judge_bent_resources_alike_by_shipped_policies(
    case: tuple[str, Json],
) -> None:
    name, view = case
    if isinstance(view, dict):
        alike(SHIPPED[name], view)


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.data())
@settings(max_examples=25)
def test_both_validators_match_alike(pattern: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(ecma_pattern(pattern)) | st.text(max_size=9))
    at = data.draw(st.integers(0, len(text)))
    text = text[:at] + data.draw(st.sampled_from(ODD)) + text[at:]
    fast = jsonschema_rs.Draft7Validator({"pattern": pattern})
    assert fast.is_valid(text) == bool(ecma_pattern(pattern).search(text))


def test_text_that_is_no_unicode_is_left_to_the_other_judge() -> None:
    name, value = next(case for case in DOCUMENTS if case[0] == "stack")
    assert not surely_valid(with_value(value, ("apiVersion",), "\ud800"), name)
