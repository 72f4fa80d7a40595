"""A first look at a document, which is all that one without a mistake needs.

`jsonschema` says what is wrong, and is the judge of what is. It takes 0.2 ms for each resource,
though, and most documents are right: so `jsonschema_rs`, a compiled validator of the same draft,
looks first, and what it has nothing against is taken as valid. A test holds that the two agree.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema_rs import Draft7Validator, Registry

from reconciler.spec.schemas import file_name, load_schema, names


def surely_valid(value: Any, schema_name: str) -> bool:
    """Whether there is nothing wrong with ``value``; False if it takes the other judge to tell.

    Raises:
        KeyError: if there is no such schema.

    """
    validator = _validator_of(schema_name)
    try:
        return validator.is_valid(value)
    except ValueError:  # it is no text in Rust's eyes, such as half of a surrogate pair
        return False


@cache
def _validator_of(schema_name: str) -> Draft7Validator:
    """Return the validator for a shipped schema; it is compiled once."""
    return Draft7Validator(load_schema(schema_name), registry=_registry())


@cache
def _registry() -> Registry:
    """Return the schemas by file name, so that they can refer to each other."""
    return Registry((file_name(name), load_schema(name)) for name in names())
