"""What is wrong with a schema that somebody wrote: everything that would make a run hang or lie.

A policy comes with the repository, and a run judges by it what nobody has reviewed yet. So its
schema reaches no network, ends, matches in bounded time, and names only what there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from jsonschema import Draft7Validator

from reconciler.core.specs.references import suggest
from reconciler.documents.draft7 import compile_schema
from reconciler.documents.patterns import why_refused
from reconciler.documents.schema_branches import relevant
from reconciler.documents.schema_errors import translate
from reconciler.documents.schema_failure import Failure
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Document
from reconciler.model.value import Json, Path, as_object

LARGEST: Final = 10_000
"""How many subschemas a schema may come to once its references are followed."""

ONE = ("not", "if", "then", "else", "additionalItems", "contains", "propertyNames")
ONE_OR_NAMED = (*ONE, "items", "additionalProperties")
NAMED = ("properties", "patternProperties", "definitions", "dependencies")
LISTED = ("allOf", "anyOf", "oneOf", "items")
SAME_VALUE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
"""Keywords whose schemas are about the value that theirs is about."""

KEYWORDS: Final = frozenset(Draft7Validator.META_SCHEMA["properties"])


def wrong_schema(
    document: Document, place: Path, schema: Json, known: frozenset[str], facts: frozenset[str]
) -> list[Diagnostic]:
    """Return everything that is wrong with the schema at ``place``.

    Args:
        document: the policy.
        place: where in it the schema is.
        schema: the schema.
        known: the names at the top of what it judges.
        facts: the names of the facts in there.

    """
    if not isinstance(schema, Mapping):
        return []
    found = [*_invalid(document, place, schema), *_spots(document, place, schema)]
    if found:
        return found
    endless = _size(schema, schema, ())
    if endless:
        return [_finding(document, (*place, *endless[0]), *endless[1:], key=False)]
    return [
        *_unknown_names(document, place, schema, known, "such a resource"),
        *_unknown_facts(document, place, schema, facts),
    ]


def subschemas(schema: Json, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield a schema and all schemas in it, with their paths; what is no object is passed over."""
    if not isinstance(schema, Mapping):
        return
    yield path, schema
    for step, inner in _inner(schema):
        yield from subschemas(inner, (*path, *step))


def _inner(schema: Mapping[str, Any]) -> Iterator[tuple[Path, Json]]:
    for word in ONE_OR_NAMED:
        if isinstance(schema.get(word), Mapping):
            yield (word,), schema[word]
    for word in NAMED:
        if isinstance(named := schema.get(word), Mapping):
            yield from (((word, name), inner) for name, inner in named.items())
    for word in LISTED:
        if isinstance(listed := schema.get(word), list):
            yield from (((word, i), inner) for i, inner in enumerate(listed))


def _invalid(document: Document, place: Path, schema: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Yield what draft-07 itself finds wrong."""
    here = Document(document.file, schema, lambda path, key: document.locate((*place, *path), key))
    errors = compile_schema(Draft7Validator.META_SCHEMA).iter_errors(schema)
    for failure in relevant(map(Failure.of, errors)):
        told = translate(failure, here)
        yield Diagnostic(Code.POLICY_SCHEMA, told.problem, told.mend, told.span)


def _spots(document: Document, place: Path, schema: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Yield what is wrong in single places: unknown keywords, references, patterns."""
    for path, inner in subschemas(schema):
        at = (*place, *path)
        for word in inner:
            if word not in KEYWORDS and not word.startswith("x-"):
                what = f"JSON Schema draft-07 has no keyword `{word}`, so it would ask nothing"
                yield _finding(document, (*at, word), what, suggest(word, sorted(KEYWORDS)))
        if "$id" in inner:
            mend = "remove it: a policy is found by its name"
            yield _finding(document, (*at, "$id"), "`$id` moves what references point at", mend)
        reference = inner.get("$ref")
        if isinstance(reference, str) and (wrong := _wrong_reference(schema, reference)):
            yield _finding(document, (*at, "$ref"), *wrong, key=False)
        named = inner.get("patternProperties")
        patterns: list[tuple[Path, str]] = []
        if isinstance(named, Mapping):
            patterns += [(("patternProperties", pattern), pattern) for pattern in named]
        if isinstance(inner.get("pattern"), str):
            patterns.append((("pattern",), inner["pattern"]))
        for step, pattern in patterns:
            if refused := why_refused(pattern):
                yield _finding(document, (*at, *step), *refused, key=len(step) > 1)


def _wrong_reference(schema: Mapping[str, Any], reference: str) -> tuple[str, str] | None:
    """Return what is wrong with a reference and the mend."""
    if not reference.startswith("#"):
        what = f"`{reference}` is outside of this schema, and nothing is ever fetched"
        return what, "copy it below `definitions`, and write `#/definitions/NAME`"
    if _target(schema, reference) is None:
        names = [f"#/definitions/{name}" for name in schema.get("definitions", ())]
        what = f"`{reference}` points at nothing"
        return what, suggest(reference, names) if names else "define it below `definitions`"
    return None


def _target(schema: Mapping[str, Any], reference: str) -> Json:
    """Return what a reference within a schema points at, None if there is nothing."""
    value: Any = schema
    for step in reference.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, Mapping) and name in value:
            value = value[name]
        else:
            return None
    return value if isinstance(value, Mapping | bool) else None


def _size(
    root: Mapping[str, Any], schema: Mapping[str, Any], following: tuple[str, ...]
) -> tuple[Path, str, str] | None:
    """Return where and why following all references would not end soon, or None."""
    budget = LARGEST
    stack: list[tuple[Path, Json, tuple[str, ...]]] = [((), schema, following)]
    while stack:
        path, current, behind = stack.pop()
        for inner_path, inner in subschemas(current):
            budget -= 1
            if budget < 0:
                what = f"with its references the schema comes to more than {LARGEST:,} schemas"
                return path, what, "refer to fewer definitions"
            reference = inner.get("$ref")
            if not isinstance(reference, str):
                continue
            first = path or (*inner_path, "$ref")
            if reference in behind or reference == "#":
                what = f"`{reference}` leads back to itself"
                return first, what, "write out the levels that there are"
            stack.append((first, _target(root, reference), (*behind, reference)))
    return None


def _unknown_names(
    document: Document, place: Path, schema: Json, known: frozenset[str], owner: str
) -> Iterator[Diagnostic]:
    """Yield each field that a schema speaks of and that there is not: it would judge nothing."""
    if not isinstance(schema, Mapping):
        return
    needed = schema.get("required")
    spoken: list[tuple[Path, str]] = [
        (("required", index), str(name))
        for index, name in enumerate(needed if isinstance(needed, list) else ())
    ]
    spoken += [(("properties", name), name) for name in as_object(schema.get("properties"))]
    for step, name in spoken:
        if name not in known:
            what, mend = f"{owner} has no `{name}`", suggest(name, sorted(known))
            of_key = step[0] == "properties"
            yield _finding(document, (*place, *step), what, mend, key=of_key)
    for step, inner in _inner(schema):
        if step[0] in SAME_VALUE:
            yield from _unknown_names(document, (*place, *step), inner, known, owner)


def _unknown_facts(
    document: Document, place: Path, schema: Mapping[str, Any], facts: frozenset[str]
) -> Iterator[Diagnostic]:
    """Yield each fact that there is not, where a schema speaks of the facts of a resource."""
    for step, inner in _inner(schema):
        if step == ("properties", "facts"):
            yield from _unknown_names(document, (*place, *step), inner, facts, "`facts`")
        elif step[0] in SAME_VALUE and isinstance(inner, Mapping):
            yield from _unknown_facts(document, (*place, *step), inner, facts)


def _finding(
    document: Document, path: Path, problem: str, mend: str, *, key: bool = True
) -> Diagnostic:
    return Diagnostic(Code.POLICY_SCHEMA, problem, mend, document.locate(path, key))
