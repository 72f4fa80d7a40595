"""A first look at a document, which is all that one without a mistake needs.

`jsonschema` says what is wrong, and is the judge of what is. It takes 0.2 ms for each resource,
though, and most documents are right: so `jsonschema_rs`, a compiled validator of the same draft,
looks first, and what it has nothing against is taken as valid. A test holds that the two agree.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema_rs import Draft7Validator

from reconciler.spec.schemas import load_schema, name_of


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
    return Draft7Validator(load_schema(schema_name), retriever=_referred_to)


def _referred_to(uri: str) -> dict[str, Any]:
    """Return the schema that another one refers to by the name of its file."""
    return load_schema(name_of(uri.rpartition("/")[2]))
