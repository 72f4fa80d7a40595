"""Values, names and lists as they are shown in a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from reconciler.model.value import Json, Path

_LONGEST = 60
_MOST_CHOICES = 20


def escaped(text: str) -> str:
    """Return ``text`` on one line, without characters that a terminal or a reader obeys."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text
    )


def shortened(text: str, longest: int = _LONGEST) -> str:
    """Return ``text`` escaped, cut in its middle if it is longer than ``longest``."""
    if len(text) > longest:
        half = (longest - 3) // 2
        text = f"{text[:half]}...{text[-half:]}"
    return escaped(text)


def quoted(text: str) -> str:
    """Return ``text`` in backquotes."""
    return f"`{shortened(text)}`"


def shown(value: Json) -> str:
    """Return a value for use in a sentence."""
    match value:
        case str():
            return quoted(value) if value else "empty"
        case Mapping():
            return "a mapping" if value else "an empty mapping"
        case Sequence():
            return "a list" if value else "an empty list"
        case _:
            return f"`{json.dumps(value)}`"


def type_of(value: Json) -> str:
    """Return the type of a value in a writer's words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case Mapping():
            return "a mapping"
        case _:
            return "a list"


def field_name(path: Path) -> str:
    """Return the last name on ``path`` with the list indexes behind it; `` `linked[2]` ``."""
    if not path:
        return "the document"
    names = [i for i, step in enumerate(path) if isinstance(step, str)]
    tail = path[names[-1] if names else 0 :]
    text = "".join(f"[{step}]" if isinstance(step, int) else step for step in tail)
    return quoted(text)


def any_of(words: Sequence[str]) -> str:
    """Join words with commas and ``or``."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def choices(values: Iterable[Json]) -> str:
    """Return a list of values to choose from, without end if it is long."""
    texts = [v if isinstance(v, str) else json.dumps(v) for v in values]
    more = [f"and {len(texts) - _MOST_CHOICES} more"] if len(texts) > _MOST_CHOICES else []
    return ", ".join([shortened(t) for t in texts[:_MOST_CHOICES]] + more)
