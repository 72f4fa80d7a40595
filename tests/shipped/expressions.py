"""As much of the expressions of GitHub Actions as our files use; anything else is an error."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\|\||&&|==|!=|[!()]|[\w-]+(?:\.[\w-]+)*)")
CONSTANTS = {"true": True, "false": False, "null": None}

Contexts = Mapping[str, Any]


def fill(value: Any, contexts: Contexts) -> Any:
    """Return a value of a workflow with its expressions evaluated, lists and mappings too."""
    if isinstance(value, dict):
        return {key: fill(one, contexts) for key, one in value.items()}
    if isinstance(value, list):
        return [fill(one, contexts) for one in value]
    if not isinstance(value, str):
        return value
    if whole := re.fullmatch(r"\$\{\{((?:(?!\}\}).)*)\}\}", value):
        return evaluate(whole.group(1), contexts)
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: text(evaluate(found[1], contexts)), value)


def text(value: Any) -> str:
    """Return a value as GitHub writes it into a text."""
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, bool | dict | list) else str(value)


def evaluate(expression: str, contexts: Contexts) -> Any:
    """Evaluate one expression.

    Args:
        expression: without the braces.
        contexts: ``inputs``, ``steps`` and so on by name; functions are those without a dot.

    """
    tokens = _tokens(expression)
    value, rest = _either(tokens, contexts)
    assert rest == [], f"{expression}: what is {rest}?"
    return value


def _tokens(expression: str) -> list[str]:
    def take(rest: str) -> Iterator[str]:
        while rest.strip():
            found = TOKEN.match(rest)
            assert found, f"{expression}: what is {rest}?"
            yield found.group(1)
            rest = rest[found.end() :]

    return list(take(expression))


def _either(tokens: list[str], contexts: Contexts) -> tuple[Any, list[str]]:
    value, rest = _both(tokens, contexts)
    while rest[:1] == ["||"]:
        other, rest = _both(rest[1:], contexts)
        value = value or other
    return value, rest


def _both(tokens: list[str], contexts: Contexts) -> tuple[Any, list[str]]:
    value, rest = _same(tokens, contexts)
    while rest[:1] == ["&&"]:
        other, rest = _same(rest[1:], contexts)
        value = value and other
    return value, rest


def _same(tokens: list[str], contexts: Contexts) -> tuple[Any, list[str]]:
    value, rest = _one(tokens, contexts)
    while rest[:1] in (["=="], ["!="]):
        other, after = _one(rest[1:], contexts)
        value, rest = (value == other) == (rest[0] == "=="), after
    return value, rest


def _one(tokens: list[str], contexts: Contexts) -> tuple[Any, list[str]]:
    head, rest = tokens[0], tokens[1:]
    if head == "!":
        value, rest = _one(rest, contexts)
        return not value, rest
    if head == "(":
        value, rest = _either(rest, contexts)
        assert rest[0] == ")"
        return value, rest[1:]
    if head.startswith("'"):
        return head[1:-1].replace("''", "'"), rest
    if rest[:1] == ["("]:
        return _call(contexts[head], rest[1:], contexts)
    if head in CONSTANTS:
        return CONSTANTS[head], rest
    return _look_up(head, contexts), rest


def _call(
    function: Callable[..., Any], tokens: list[str], contexts: Contexts
) -> tuple[Any, list[str]]:
    if tokens[0] == ")":
        return function(), tokens[1:]
    value, rest = _either(tokens, contexts)
    assert rest[0] == ")"
    return function(value), rest[1:]


def _look_up(name: str, contexts: Contexts) -> Any:
    """Return a property: there must be such a context, and what it lacks is null as on GitHub."""
    first, *path = name.split(".")
    value = contexts[first]
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
