"""Examples from a schema, written as YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.documents.scalars import UnclearScalarError, resolve
from reconciler.documents.wording import shortened
from reconciler.model.value import ABSENT, Absent, Json

_PLAIN = re.compile(r"[A-Za-z0-9/][-A-Za-z0-9_./:+ ]*(?<![: ])\Z")


def example_of(schema: Any) -> Json | Absent:
    """Return a value that a schema accepts, or ABSENT if the schema shows none."""
    if not isinstance(schema, Mapping):
        return ABSENT
    for keyword in ("examples", "enum"):
        if values := schema.get(keyword):
            first: Json = values[0]
            return first
    for keyword in ("const", "default"):
        if keyword in schema:
            value: Json = schema[keyword]
            return value
    return ABSENT


def line(key: str, schema: Any) -> str:
    """Return a line that sets ``key`` to an example, or to ``...`` if the schema shows none."""
    example = example_of(schema)
    return f"{flow(key)}: {'...' if isinstance(example, Absent) else shortened(flow(example), 120)}"


def flow(value: Json) -> str:
    """Return a value as YAML on one line, quoted only where needed."""
    match value:
        case str():
            return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)
        case Mapping():
            inner = ", ".join(f"{flow(k)}: {flow(v)}" for k, v in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case Sequence():
            return f"[{', '.join(map(flow, value))}]"
        case _:
            return json.dumps(value)


def _is_plain(text: str) -> bool:
    try:
        return bool(_PLAIN.match(text)) and ": " not in text and resolve(text) == text
    except UnclearScalarError:
        return False
