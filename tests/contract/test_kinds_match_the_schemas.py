"""The table of kinds and the JSON Schemas are two descriptions of one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest

from reconciler.core.policy import Policy
from reconciler.core.specs.desired import NOT_IN_AZURE
from reconciler.documents import schemas
from reconciler.documents.draft7 import compile_schema
from reconciler.documents.examples import example_of
from reconciler.emulator.app import ROWS
from reconciler.kinds import KINDS, children_of
from reconciler.kinds.fields import IdSet, ManagedIdentity, Scalar, Tags
from reconciler.kinds.kind import Field, Kind
from reconciler.model.value import ABSENT

DESCRIBED = {kind.name: kind for kind in KINDS.values() if kind.schema}
RULES = {f"{row.namespace}/{row.name}".lower(): row.name_rule for row in ROWS.values()}
EMULATED = [n for n, k in DESCRIBED.items() if k.is_top and k.arm_type.lower() in RULES]
ONLY_IN_SPECS: Mapping[str, set[str]] = {
    "FederatedIdentityCredential": {"github", "kubernetes"},
    "RoleAssignment": {"remove", "scope"},
    "SuppressionList": {"addresses"},
}
"""Names that `Kind.expand` or the address turns into others before anything is compared."""
ONLY_IN_THE_TABLE: Mapping[str, set[str]] = {
    "RoleAssignment": {"principalType", "conditionVersion"},
}
NAMES = (
    "a", "ab", "abc", "A1", "a-b", "a_b", "-ab", "ab-", "_ab", "a.b", "a b", "é", "0abc",
    "a" * 63, "a" * 64, "a" * 128, "a" * 129, "", "abc\n",
)  # fmt: skip


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema with what it refers to below what it says itself."""
    if "$ref" not in schema:
        return schema
    file, _, pointer = schema["$ref"].partition("#/definitions/")
    target = schemas.load_schema(file.removesuffix(".schema.json"))
    found = target["definitions"][pointer] if pointer else target
    return {**found, **{k: v for k, v in schema.items() if k != "$ref"}}


def properties(kind: Kind) -> Mapping[str, Any]:
    """Return the properties of a kind's schema."""
    found: Mapping[str, Any] = schemas.load_schema(kind.schema)["properties"]
    return found


def takes_null(schema: Mapping[str, Any]) -> bool:
    """Whether null is a value."""
    whole = resolved(schema)
    types = whole.get("type", ())
    return "null" in ([types] if isinstance(types, str) else types)


def said(kind: Kind) -> Iterator[Field]:
    """Yield the fields that a spec says under their own names."""
    return (f for f in kind.writable if f.name in properties(kind))


def means_something(field: Field) -> bool:
    """Whether null has a meaning for a field's shape."""
    match field.shape:
        case Scalar(removed=removed):
            return removed is not ABSENT
        case Tags() | IdSet() | ManagedIdentity():
            return True
        case _:
            return False


def below(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every property of a schema with its dotted path, to the bottom."""
    for name, child in schema.get("properties", {}).items():
        yield f"{path}.{name}", child
        if "$ref" not in child:
            yield from below(child, f"{path}.{name}")


REPORTS = {"drift-report", "journal", "plan-report"}
"""Schemas of what the tool writes. Readers must pass over fields that they do not know."""


def every_property() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every property of every schema of what people write."""
    for name in sorted({*schemas.names()} - REPORTS):
        schema = schemas.load_schema(name)
        yield from below(schema, name)
        for key, definition in schema.get("definitions", {}).items():
            yield from below(definition, f"{name}#{key}")


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_spec_can_say_exactly_what_the_table_can_write(name: str) -> None:
    kind = DESCRIBED[name]
    nested = {child.collection for child in children_of(name)}
    written = {field.name for field in kind.writable}
    only_in_specs = nested | ONLY_IN_SPECS.get(name, set()) | NOT_IN_AZURE
    assert set(properties(kind)) - only_in_specs == written - ONLY_IN_THE_TABLE.get(name, set())


@pytest.mark.parametrize("name", DESCRIBED)
def test_null_is_allowed_exactly_where_it_means_something(name: str) -> None:
    kind = DESCRIBED[name]
    allowed = {f.name for f in said(kind) if takes_null(properties(kind)[f.name])}
    assert allowed == {f.name for f in said(kind) if means_something(f)}


@pytest.mark.parametrize("name", DESCRIBED)
def test_what_can_be_removed_is_never_required(name: str) -> None:
    kind = DESCRIBED[name]
    removable = {f.name for f in said(kind) if means_something(f)}
    assert removable.isdisjoint(schemas.load_schema(kind.schema).get("required", ()))


@pytest.mark.parametrize("name", DESCRIBED)
def test_every_kind_has_its_collection_in_the_schema_that_holds_it(name: str) -> None:
    kind = DESCRIBED[name]
    if kind.is_top:
        holder = schemas.load_schema("stack")["properties"]["spec"]["properties"]
    else:
        holder = properties(DESCRIBED[kind.parent])
    references = re.findall(r"'\$ref': '([^']+)'", str(holder[kind.collection]))
    assert f"{kind.schema}.schema.json" in references


def test_every_schema_file_is_used() -> None:
    documents = {
        "stack",
        "environment",
        "project",
        "policy",
        "common",
        "sealed-plan",
        "snapshot",
        "receipt",
    }
    assert set(schemas.names()) == {k.schema for k in DESCRIBED.values()} | documents | REPORTS


@pytest.mark.parametrize("name", EMULATED)
def test_the_schema_lets_no_name_through_that_the_control_plane_refuses(name: str) -> None:
    kind = DESCRIBED[name]
    collection = schemas.load_schema("stack")["properties"]["spec"]["properties"][kind.collection]
    pattern = re.compile(collection["propertyNames"]["pattern"].replace("$", r"\Z"), re.ASCII)
    rule = RULES[kind.arm_type.lower()]
    accepted = [n for n in NAMES if pattern.search(n)]
    assert accepted == [n for n in NAMES if rule.fullmatch(n)]
    assert accepted


@pytest.mark.parametrize("name", schemas.names())
def test_a_schema_is_valid_draft_7_and_says_so(name: str) -> None:
    schema = schemas.load_schema(name)
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == f"{name}.schema.json"


def test_every_property_has_a_description_that_ends_in_a_full_stop() -> None:
    described = [
        (path, resolved(schema).get("description", "")) for path, schema in every_property()
    ]
    assert [path for path, text in described if not re.match(r".{10,}[.]$", str(text))] == []


def test_every_property_shows_an_example() -> None:
    bare = [path for path, schema in every_property() if example_of(resolved(schema)) is ABSENT]
    assert bare == []


def test_every_example_is_accepted_by_its_own_schema() -> None:
    whole = [(name, schemas.load_schema(name)) for name in schemas.names()]
    wrong = []
    for path, schema in [*every_property(), *whole]:
        clean = resolved(schema)
        validator = compile_schema(clean)
        for example in clean.get("examples", ()):
            wrong += [f"{path}: {error.message}" for error in validator.iter_errors(example)]
    assert wrong == []


def test_every_object_is_closed_or_says_what_else_it_may_hold() -> None:
    open_ones = {"common", *REPORTS}
    whole = [(n, schemas.load_schema(n)) for n in schemas.names() if n not in open_ones]
    for path, schema in [*every_property(), *whole]:
        if "properties" in resolved(schema):
            assert "additionalProperties" in resolved(schema), path


def test_the_project_schema_names_the_defaults_that_hold_without_a_project_file() -> None:
    guards = schemas.load_schema("project")["properties"]["spec"]["properties"]["guards"]
    defaults = {name: guard["default"] for name, guard in guards["properties"].items()}
    policy = Policy()
    assert defaults == {
        "maxDeletes": policy.max_deletes,
        "maxReplaces": policy.max_replaces,
        "maxDeletePercent": policy.max_delete_percent,
        "maxAddressRemovePercent": policy.max_address_remove_percent,
    }
