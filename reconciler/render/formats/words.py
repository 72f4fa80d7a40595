"""How values and names are written for people, safely in every format."""

from __future__ import annotations

import json
import re
from functools import lru_cache

from reconciler.model.text import LINE_COMMAND, LOG_COMMAND, is_obeyed
from reconciler.model.value import Absent, Json, Pending

UNKNOWN = "(known after apply)"


def safe(text: str, form: str = "") -> str:
    """Return ``text`` with everything spelt out that a terminal or a pipeline's log obeys.

    Args:
        text: of a file or of Azure, with the line breaks of others.
        form: how a character is spelt, given its number; as JSON does if empty, so that a text
            which is JSON keeps its meaning.

    """
    if text.isprintable() and "##" not in text:
        return text
    if not text.isprintable():
        text = "".join(_spelt(c, form) if is_obeyed(c) else c for c in text)
    return LOG_COMMAND.sub(f"{_spelt('#', form or _HASH)}#".replace("\\", r"\\"), text)


_HASH = "\\u{:04x}"


def _spelt(character: str, form: str) -> str:
    """Return an escape; JSON has two for a character beyond the first 65,536."""
    return form.format(ord(character)) if form else json.dumps(character)[1:-1]


def lines_of_others(text: str) -> str:
    """Return lines of a file, or a diff of it, so that neither terminal nor log obeys them."""
    shown_lines = "\n".join(safe(line) for line in text.split("\n"))
    return LINE_COMMAND.sub(r"\1\\u003a:", shown_lines)


def json_text(document: Json, *, sort_keys: bool = False) -> str:
    """Return a document as JSON for a file or a terminal: direction characters are spelt out."""
    text = json.dumps(document, indent=2, sort_keys=sort_keys, ensure_ascii=False)
    return "\n".join(map(safe, text.split("\n"))) + "\n"


def shown(value: Json | Absent | Pending) -> str:
    """Return a value as a person would write it in YAML."""
    match value:
        case Absent():
            return "(absent)"
        case Pending():
            return UNKNOWN
        case str():
            plain = _PLAIN.fullmatch(value)
            odd = value.lower() in ("true", "false", "null") or value != value.strip()
            return safe(value if plain and not odd else json.dumps(value))
        case _:
            return safe(json.dumps(value, ensure_ascii=False, sort_keys=True))


_PLAIN = re.compile(r"[A-Za-z0-9/(][^\s\"'#:{}\[\],]*( [^\s\"'#:{}\[\],]+)*")
_NAME = re.compile(r"[A-Za-z0-9_-]+")


@lru_cache(maxsize=4096)
def dotted(path: tuple[str, ...]) -> str:
    """Return a field's path: names joined by dots, ids and odd keys in brackets."""
    text = ""
    for part in path:
        if _NAME.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{safe(part)}]"
    return text


def plural(count: int, noun: str) -> str:
    """Return ``1 request``, ``2 requests``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
