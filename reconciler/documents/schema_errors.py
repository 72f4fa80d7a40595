"""Errors of the schema validator in plain sentences, each with a mend and the place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from reconciler.core.specs.references import nearest
from reconciler.documents.examples import example_of, flow
from reconciler.documents.field_errors import FIELD_TELLERS
from reconciler.documents.schema_branches import branches, relevant
from reconciler.documents.schema_failure import Failure
from reconciler.documents.wording import (
    any_of,
    choices,
    field_name,
    quoted,
    shortened,
    shown,
    type_of,
)
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Document
from reconciler.model.value import ABSENT, Json, Path

Teller: TypeAlias = Callable[[Failure, Document], Diagnostic]
"""Turns the failure of one keyword into a finding."""

_TYPES: Final[Mapping[str, str]] = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true,false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
_SPOKEN_BOOLEANS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("yes", "on", "true", "y", "enabled"), "true"),
    **dict.fromkeys(("no", "off", "false", "n", "disabled"), "false"),
}
_LIMITS: Final[Mapping[str, str]] = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
}


def findings_of(document: Document, schema_name: str) -> list[Diagnostic]:
    """Return what `jsonschema` finds wrong, by place.

    Raises:
        KeyError: if there is no such schema.

    """
    from reconciler.documents.draft7 import validator_of

    errors = validator_of(schema_name).iter_errors(document.value)
    findings = {translate(f, document) for f in relevant(map(Failure.of, errors))}
    return sorted(findings, key=lambda finding: finding.sort_key)


def is_private(path: Path) -> bool:
    """Whether a path lies in the `addresses` of a suppression list, where some write addresses."""
    lists = [i for i, step in enumerate(path) if step == "suppressionLists"]
    return any(path[i + 2 : i + 3] == ("addresses",) for i in lists)


def translate(failure: Failure, document: Document) -> Diagnostic:
    """Return the finding for a failure; the schema's own ``x-mend`` wins over our mend."""
    teller = _TELLERS.get(failure.keyword, _tell_anything)
    told = teller(failure, document)
    if is_private(failure.path):
        return _tell_private(failure, document)
    own = failure.schema.get("x-mend")
    if own is None:
        return told
    return Diagnostic(told.code, told.problem, str(own), told.span, told.label, told.related)


def _tell_private(failure: Failure, document: Document) -> Diagnostic:
    """Tell that something is wrong where addresses may stand, without quoting it."""
    of_hashes = "hashed" in failure.path
    problem = "this is no list of keyed hashes" if of_hashes else "this does not describe addresses"
    mend = "write `{file: FILE}` here, and addresses in that file alone"
    if of_hashes:
        mend = "write what `reconciler addresses hash FILE` prints, each once"
    return Diagnostic(
        Code.ADDRESS_FIELD,
        f"{problem} (it is not shown, since it may be an address)",
        f"{mend}; `reconciler explain SuppressionList.addresses` describes it",
        document.at(*failure.path),
        private=True,
    )


def _tell_type(failure: Failure, document: Document) -> Diagnostic:
    value, schema = failure.value, failure.schema
    wanted = failure.wanted
    types = [wanted] if isinstance(wanted, str) else list(wanted)
    problem = f"{field_name(failure.path)} is {type_of(value)}, but takes {_type_words(types)}"
    mend = _type_mend(value, types, schema)
    return Diagnostic(Code.TYPE, problem, mend, document.at(*failure.path))


def _type_words(types: list[str]) -> str:
    return any_of([word for t in types for word in _TYPES.get(t, t).split(",")])


def _type_mend(value: Json, types: list[str], schema: Mapping[str, Any]) -> str:
    match value:
        case None:
            return f"write {_type_words(types)}, or remove the field"
        case bool() | int() | float() if "string" in types:
            return f'quote it: `"{json.dumps(value)}"`'
        case str() if "boolean" in types and value.lower() in _SPOKEN_BOOLEANS:
            return f"write {_SPOKEN_BOOLEANS[value.lower()]}, without quotes"
        case str() if {"integer", "number"} & set(types) and value.isdecimal():
            return f"remove the quotes: `{shortened(value)}`"
        case str() | bool() | int() | float() if "array" in types:
            return f"write a list: `[{shortened(flow(value))}]`"
        case _:
            example = example_of(schema)
            such_as = "" if example is ABSENT else f", such as `{shortened(flow(example))}`"
            return f"write {_type_words(types)}{such_as}"


def _tell_choice(failure: Failure, document: Document) -> Diagnostic:
    value = failure.value
    known = [failure.wanted] if failure.keyword == "const" else failure.wanted
    words = [k for k in known if isinstance(k, str)]
    guess = nearest(value, words) if isinstance(value, str) else None
    if guess is None and len(known) > 1:
        mend = f"write one of: {choices(known)}"
    else:
        mend = f"write `{flow(guess if guess is not None else known[0])}`"
        mend += f" (the choices: {choices(known)})" if len(known) > 1 else ""
    problem = f"{field_name(failure.path)} is {shown(value)}, which is none of its choices"
    if len(known) == 1:
        problem = f"{field_name(failure.path)} is {shown(value)}, which it cannot be"
    return Diagnostic(Code.NOT_A_CHOICE, problem, mend, document.at(*failure.path))


def _tell_pattern(failure: Failure, document: Document) -> Diagnostic:
    words = failure.schema.get("x-pattern-words")
    form = words or f"text that matches the pattern {quoted(failure.wanted)}"
    name, value = field_name(failure.path), shown(failure.value)
    problem = f"{name} is {value}, which does not have the form it needs"
    return Diagnostic(Code.PATTERN, problem, f"write {form}", document.at(*failure.path))


def _tell_length(failure: Failure, document: Document) -> Diagnostic:
    limit, count = failure.wanted, len(failure.value)
    problem = f"{field_name(failure.path)} has {_counted(count, 'character')}, {_limit(failure)}"
    mend = f"shorten it by {_counted(count - limit, 'character')}"
    if failure.keyword == "minLength":
        mend = "write a value" if limit == 1 else f"write at least {limit} characters"
    return Diagnostic(Code.LENGTH, problem, mend, document.at(*failure.path))


def _tell_count(failure: Failure, document: Document) -> Diagnostic:
    limit, count = failure.wanted, len(failure.value)
    is_map = isinstance(failure.schema.get("additionalProperties"), Mapping)
    noun = "field" if failure.keyword.endswith("Properties") and not is_map else "entry"
    problem = f"{field_name(failure.path)} has {_counted(count, noun)}, {_limit(failure)}"
    mend = f"remove {_counted(count - limit, noun)}"
    if count < limit:
        mend = f"add {_counted(limit - count, noun)}, or remove {field_name(failure.path)}"
    return Diagnostic(Code.COUNT, problem, mend, document.at(*failure.path))


def _limit(failure: Failure) -> str:
    word = "least" if failure.keyword.startswith("min") else "most"
    return f"the {word} is {failure.wanted}"


def _counted(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun.removesuffix('y')}ies" if noun.endswith("y") else f"{count} {noun}s"


def _tell_range(failure: Failure, document: Document) -> Diagnostic:
    words = _LIMITS[failure.keyword].format(failure.wanted)
    problem = f"{field_name(failure.path)} is {shown(failure.value)}, but must be {words}"
    return Diagnostic(
        Code.RANGE, problem, f"write a number that is {words}", document.at(*failure.path)
    )


def _tell_repeated(failure: Failure, document: Document) -> Diagnostic:
    items = [json.dumps(item, sort_keys=True) for item in failure.value]
    again = next((i for i, item in enumerate(items) if item in items[:i]), 0)
    first = document.at(*failure.path, items.index(items[again]))
    return Diagnostic(
        Code.REPEATED,
        f"{shown(failure.value[again])} is listed twice in {field_name(failure.path)}",
        "remove one of the two",
        document.at(*failure.path, again),
        "again here",
        ((first, "first listed here"),),
    )


def _tell_forms(failure: Failure, document: Document) -> Diagnostic:
    """Tell that no branch of ``anyOf`` or ``oneOf`` fits, or more than one."""
    name, value, place = field_name(failure.path), failure.value, document.at(*failure.path)
    groups = branches(failure)
    if not groups:
        problem = f"{name} fits more than one of the forms it can have"
        return Diagnostic(Code.COMBINATION, problem, "keep the fields of one form only", place)
    types = [child for group in groups for child in group if child.keyword == "type"]
    if len(types) == len(groups):
        wanted = _type_words([name for t in types for name in _listed(t.wanted)])
        problem = f"{name} is {type_of(value)}, but takes {wanted}"
        return Diagnostic(Code.TYPE, problem, f"write {wanted}", place)
    forms = any_of([form for group in groups if (form := _form(group[0]))])
    mend = f"write {forms}" if forms else "write it in one of its forms"
    return Diagnostic(
        Code.NO_FORM, f"{name} is {shown(value)}, which has no known form", mend, place
    )


def _form(failure: Failure) -> str:
    """Return what a branch takes, in a few words."""
    match failure.keyword:
        case "enum":
            return f"one of {choices(failure.wanted)}"
        case "const":
            return f"`{flow(failure.wanted)}`"
        case "type":
            return _type_words(_listed(failure.wanted))
        case _:
            return str(failure.schema.get("x-pattern-words", failure.schema.get("title", "")))


def _listed(types: str | list[str]) -> list[str]:
    return [types] if isinstance(types, str) else types


def _tell_anything(failure: Failure, document: Document) -> Diagnostic:
    """Tell an error that has no sentence of its own, by what the schema says of the field."""
    about = failure.schema.get("description")
    mend = f"see what the field takes: {shortened(str(about), 200)}" if about else "remove it"
    problem = f"{field_name(failure.path)} is {shown(failure.value)}, which is not allowed here"
    code = Code.COMBINATION if failure.keyword in {"not", "contains"} else Code.SCHEMA
    return Diagnostic(code, problem, mend, document.at(*failure.path))


_TELLERS: Final[Mapping[str, Teller]] = {
    **FIELD_TELLERS,
    "type": _tell_type,
    "pattern": _tell_pattern,
    "uniqueItems": _tell_repeated,
    **dict.fromkeys(("enum", "const"), _tell_choice),
    **dict.fromkeys(("minLength", "maxLength"), _tell_length),
    **dict.fromkeys(("minItems", "maxItems", "minProperties", "maxProperties"), _tell_count),
    **dict.fromkeys(_LIMITS, _tell_range),
    **dict.fromkeys(("anyOf", "oneOf"), _tell_forms),
}
