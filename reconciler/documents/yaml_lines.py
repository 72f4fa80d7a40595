"""Values as block-style YAML, one line for each, so that something can be said about every line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from reconciler.documents.scalars import UnclearScalarError, resolve
from reconciler.model.text import LOG_COMMAND
from reconciler.model.value import Json, Path

_PLAIN = re.compile(r"[A-Za-z/](?:[-A-Za-z0-9_./+@#(){}$]|:(?! )| (?=[A-Za-z0-9]))*(?<!:)\Z")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_BRACKETS = re.compile(r"[{}\[\],]")
_OLDER_YAML: Final = frozenset({"y", "n", "yes", "no", "on", "off"})
"""Words that are true or false to readers of YAML 1.1."""


def yaml_lines(value: Json, path: Path = (), indent: str = "") -> Iterator[tuple[Path, str]]:
    """Yield the lines of a mapping or list, each with the path of what stands on it."""
    entries: Iterator[tuple[str | int, Json]]
    if isinstance(value, Mapping):
        entries = iter(value.items())
    else:
        assert isinstance(value, Sequence)
        entries = iter(enumerate(value))
    for step, inner in entries:
        head = f"{indent}{scalar(step)}:" if isinstance(step, str) else f"{indent}-"
        if inner and isinstance(inner, Mapping | list):
            yield (*path, step), head
            yield from yaml_lines(inner, (*path, step), indent + "  ")
        else:
            yield (*path, step), f"{head} {scalar(inner)}"


def scalar(value: Json, *, in_flow: bool = False, quotes: bool = False) -> str:
    """Return a value without parts on one line, in quotes where readers might differ.

    Args:
        value: the value.
        in_flow: whether it stands between brackets, where more has to be quoted.
        quotes: whether text is quoted in any case.

    """
    if not isinstance(value, str):
        return json.dumps(value)
    plain = not quotes and _is_plain(value) and not (in_flow and _BRACKETS.search(value))
    return value if plain else _quoted(value)


def flow(value: Json) -> str:
    """Return a value on one line, with brackets."""
    if isinstance(value, Mapping):
        pairs = (f"{scalar(k, in_flow=True)}: {flow(v)}" for k, v in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value, in_flow=True)


def _is_plain(text: str) -> bool:
    if text.lower() in _OLDER_YAML or not (_PLAIN.match(text) or _GUID.match(text)):
        return False
    try:
        return resolve(text) == text
    except UnclearScalarError:
        return False


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    shown = "".join(c if c.isprintable() else _escape(c) for c in quoted)
    return LOG_COMMAND.sub(r"\\x23#", shown)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
