"""A first look at a document, which is all that one without a mistake needs.

`jsonschema` says what is wrong, and is the judge of what is. It takes 0.2 ms for each resource,
though, and most documents are right: so `jsonschema_rs`, a compiled validator of the same draft,
looks first, and what it has nothing against is taken as valid. A test holds that the two agree.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

from jsonschema_rs import Draft7Validator

from reconciler.documents.schemas import load_schema, name_of

Look: TypeAlias = Callable[[Any], bool]
"""Tells whether there is nothing wrong with a value; False if it takes the other judge to tell."""


def surely_valid(value: Any, schema_name: str) -> bool:
    """Whether a shipped schema has nothing against ``value``, as a `Look` tells it.

    Raises:
        KeyError: if there is no such schema.

    """
    return _look_of(schema_name)(value)


def first_look(schema: dict[str, Any]) -> Look:
    """Return the look at values through a schema, which may refer to the shipped ones."""
    validator = Draft7Validator(schema, retriever=_referred_to, validate_formats=False)

    def surely_fits(value: Any) -> bool:
        try:
            return validator.is_valid(value)
        except ValueError:  # it is no text in Rust's eyes, such as half of a surrogate pair
            return False

    return surely_fits


@cache
def _look_of(schema_name: str) -> Look:
    """Return the look through a shipped schema; it is compiled once."""
    return first_look(load_schema(schema_name))


def _referred_to(uri: str) -> dict[str, Any]:
    """Return the schema that another one refers to by the name of its file."""
    return load_schema(name_of(uri.rpartition("/")[2]))
