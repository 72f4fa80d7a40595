"""A draft-07 validator whose verdicts equal those of validators in other languages.

Two things differ from `jsonschema.Draft7Validator`: patterns mean what they mean in ECMAScript,
as the standard asks, and the errors about keys carry the key instead of a sentence about it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT7

from reconciler.documents.schemas import file_name, load_schema, names

_TOKEN = re.compile(r"\\.|\[\^?|\]|.", re.DOTALL)
_SPACES = r"\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_OUTSIDE: Final = {
    "$": r"\Z",
    ".": r"[^\n\r\u2028\u2029]",
    r"\s": f"[{_SPACES}]",
    r"\S": f"[^{_SPACES}]",
}
_INSIDE: Final = {r"\s": _SPACES}


@cache
def ecma_pattern(pattern: str) -> re.Pattern[str]:
    r"""Compile a pattern as ECMAScript reads it.

    In Python ``$`` also matches before a last line break, ``\d`` and ``\w`` match digits and
    letters of all scripts, and ``.`` matches a carriage return.
    https://tc39.es/ecma262/#sec-patterns
    """
    parts: list[str] = []
    inside = False
    for match in _TOKEN.finditer(pattern):
        token = match.group()
        parts.append((_INSIDE if inside else _OUTSIDE).get(token, token))
        inside = token[0] == "[" or (inside and token != "]")
    with warnings.catch_warnings():
        # Python warns that a future version may read `[[` and `--` in a class as set operators.
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile("".join(parts), re.ASCII)


def _pattern(
    validator: Validator, pattern: str, instance: Any, _: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if validator.is_type(instance, "string") and not ecma_pattern(pattern).search(instance):
        yield ValidationError("does not match")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Any], instance: Any, _: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, subschema in patterns.items():
        for key, value in instance.items():
            if ecma_pattern(pattern).search(key):
                yield from validator.descend(value, subschema, path=key, schema_path=pattern)


def _additional_properties(
    validator: Any, allowed: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """Yield one error for each unknown key, with the key as the last step of its path."""
    if not validator.is_type(instance, "object"):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for key, value in instance.items():
        if key in known or any(ecma_pattern(p).search(key) for p in patterns):
            continue
        if allowed is False:
            yield ValidationError("unknown key", path=[key])
        else:
            yield from validator.descend(value, allowed, path=key)


def _property_names(
    validator: Any, names: Any, instance: Any, _: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """Yield one error for each bad key, with the key as the last step of its path."""
    if not validator.is_type(instance, "object"):
        return
    for key in instance:
        if errors := list(validator.descend(key, names)):
            yield ValidationError("bad name", path=[key], context=errors)


def _required(
    validator: Validator, required: list[str], instance: Any, _: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """Yield one error for each missing key, with the key as its message."""
    if validator.is_type(instance, "object"):
        yield from (ValidationError(key) for key in required if key not in instance)


def _dependencies(
    validator: Any, dependencies: Mapping[str, Any], instance: Any, _: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """Yield errors at the key that needs something, with the missing key as message."""
    if not validator.is_type(instance, "object"):
        return
    for key, needed in dependencies.items():
        if key not in instance:
            continue
        if isinstance(needed, list):
            yield from (ValidationError(n, path=[key]) for n in needed if n not in instance)
        else:
            yield from validator.descend(instance, needed, schema_path=key)


def _extended(base: Any, keywords: Mapping[str, Any]) -> Any:
    """Return a class of validators with other ideas of some keywords."""
    return extend(base, keywords)  # type: ignore[no-untyped-call]  # jsonschema has it untyped


_Draft7 = _extended(
    Draft7Validator,
    {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "propertyNames": _property_names,
        "required": _required,
        "dependencies": _dependencies,
    },
)


def _undeclared(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without ``$schema``.

    `jsonschema` takes that as a wish for its own validator, and would leave ours behind at the
    first reference from one file to another.
    """
    return {key: value for key, value in schema.items() if key != "$schema"}


@cache
def _registry() -> Registry[Any]:
    """Return the schemas by file name and by ``$id``, so that they can refer to each other."""
    resources = []
    for name in names():
        resource = DRAFT7.create_resource(_undeclared(load_schema(name)))
        addresses = {file_name(name), resource.id() or file_name(name)}
        resources += [(address, resource) for address in sorted(addresses)]
    return Registry[Any]().with_resources(resources).crawl()


def compile_schema(schema: Mapping[str, Any]) -> Validator:
    """Return a validator for a schema, which may refer to the shipped ones."""
    validator: Validator = _Draft7(_undeclared(schema), registry=_registry())
    return validator


@cache
def validator_of(schema_name: str) -> Validator:
    """Return the validator for a shipped schema; it is compiled once.

    Raises:
        KeyError: if there is no such schema.

    """
    return compile_schema(load_schema(schema_name))


def compile_bounded(schema: Mapping[str, Any], longest: int) -> Validator:
    """Return a validator for a schema of strangers, with references only to itself.

    Text of more than ``longest`` characters matches no pattern of it.
    """

    def pattern(
        validator: Validator, wanted: str, instance: Any, rest: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        if isinstance(instance, str) and len(instance) > longest:
            yield ValidationError("too long to be matched")
        else:
            yield from _pattern(validator, wanted, instance, rest)

    bounded = _extended(_Draft7, {"pattern": pattern})
    validator: Validator = bounded(_undeclared(schema), registry=Registry())
    return validator
