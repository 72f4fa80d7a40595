"""How values, names and actions are written for people, safely in every format."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from reconciler.model.plan import Action
from reconciler.model.value import Absent, Json, Pending

UNKNOWN = "(known after apply)"

SYMBOLS: Mapping[Action, str] = {
    Action.NONE: " ",
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.ADOPT: "~",
    Action.REPLACE: "-/+",
    Action.DELETE: "-",
    Action.BLOCKED: "!",
}
"""Actions differ in shape, not only in colour."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def safe(text: str, form: str = "\\u{:04x}") -> str:
    """Return ``text`` with control and direction characters spelt out: they drive terminals."""
    return _CONTROL.sub(lambda match: form.format(ord(match.group())), text)


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
            plain = re.fullmatch(r"[A-Za-z0-9/(][^\s\"'#:{}\[\],]*( [^\s\"'#:{}\[\],]+)*", value)
            odd = value.lower() in ("true", "false", "null") or value != value.strip()
            return safe(value) if plain and not odd else json.dumps(value)
        case _:
            return safe(json.dumps(value, ensure_ascii=False, sort_keys=True))


def dotted(path: tuple[str, ...]) -> str:
    """Return a field's path: names joined by dots, ids and odd keys in brackets."""
    text = ""
    for part in path:
        if re.fullmatch(r"[A-Za-z0-9_-]+", part):
            text += f".{part}" if text else part
        else:
            text += f"[{safe(part)}]"
    return text


def plural(count: int, noun: str) -> str:
    """Return ``1 request``, ``2 requests``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
