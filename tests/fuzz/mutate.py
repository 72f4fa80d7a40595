"""Inputs that look like specs and are not quite: known ones, changed at random."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from reconciler.documents.yaml_reader import read

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "documents" / "corpus"
FOLDERS = ("specs", "examples", "tests/documents/malformed", "tests/documents/corpus")

TOKENS = (
    *(
        ": ",
        ":",
        "- ",
        "\n",
        "\n  ",
        "    ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&a ",
        "*a",
        "!x ",
        "'",
        '"',
    ),
    *("|\n", ">-\n", "#", "? ", "---\n", "...\n", "<<: ", "\t", "%YAML 1.2\n", "0x1", "~", "null"),
    *("!!python/object:os.system ", "\x00", "\x1b[31m", "\x07", "\x85", "\u2028", "\u202e"),
    *("\r", "\r\n", "\\", "1e999", "-.inf", "true", "yes", "9" * 400, "@octocat", "`x`", "\ufeff"),
    *("${var.x}", "$${", "${", "ref:", "ref:stack/a//identities/x", "ref:identities/../../x#y"),
    *("/subscriptions/", "/subscriptions/x/", "../../../etc/passwd", "file", "remove: true"),
    *("lifecycle", "addresses", "hidden-x", "exact", "github", "identity", "tags", "\U0001f600"),
)
"""What is put in between, or used as a name."""

ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e308, 10**400, "", " ", "\n", "a" * 5000, "\x00", "\u202e"),
    *([], {}, [[]], [None], {"": None}, {"a": {"b": {}}}, {"remove": True}, "2999-13-41"),
    *("ref:x", "ref:identities/nobody", "ref:stack/b//", "${var.}", "/subscriptions/a", "../x.txt"),
    *({"include": ["ref:identities/a"]}, {"type": "SystemAssigned, UserAssigned"}, "\U0001f600"),
)
"""What is put in the place of a value."""


@cache
def seeds() -> tuple[bytes, ...]:
    """Return the inputs that others are made of, in a fixed order."""
    found = [p for folder in FOLDERS for p in sorted((ROOT / folder).rglob("*.yaml"))]
    found += sorted(CORPUS.iterdir())
    texts = (path.read_bytes() for path in dict.fromkeys(found))
    return tuple(text for text in texts if len(text) < 20_000)


def mutated(random: Random) -> bytes:
    """Return an input that nobody has tried."""
    text = random.choice(seeds())
    for _ in range(random.randint(1, 4)):
        text = random.choice(MUTATIONS)(text, random)
    return text[:40_000]


def _flip(text: bytes, random: Random) -> bytes:
    """Change some bytes."""
    changed = bytearray(text or b"a")
    for _ in range(random.randint(1, 8)):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _insert(text: bytes, random: Random) -> bytes:
    """Put a token anywhere."""
    at = random.randint(0, len(text))
    return text[:at] + random.choice(TOKENS).encode("utf-8", "surrogatepass") + text[at:]


def _cut(text: bytes, random: Random) -> bytes:
    """Take a piece out."""
    start = random.randint(0, len(text))
    return text[:start] + text[start + random.randint(1, 200) :]


def _splice(text: bytes, random: Random) -> bytes:
    """Put the beginning of one before the end of another."""
    other = random.choice(seeds())
    return text[: random.randint(0, len(text))] + other[random.randint(0, len(other)) :]


def _lines(text: bytes, random: Random) -> bytes:
    """Repeat, drop, swap or shift a line."""
    lines = text.split(b"\n")
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randint(0, 3):
        case 0:
            lines.insert(other, lines[at])
        case 1:
            del lines[at]
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            lines[at] = b" " * random.randint(0, 9) + lines[at].lstrip()
    return b"\n".join(lines)


def _nest(text: bytes, random: Random) -> bytes:
    """Open many brackets."""
    bracket = random.choice([b"[", b"{a: ", b"- ", b"? ", b"&a [*a, "])
    at = random.randint(0, len(text))
    return text[:at] + bracket * random.choice([3, 60, 2000]) + text[at:]


def _value(text: bytes, random: Random) -> bytes:
    """Put something odd in the place of a value, or under a name of its own."""
    found, _ = read(text, "f.yaml")
    if found is None:
        return _insert(text, random)
    document = json.loads(json.dumps(found.value))
    places = _places(document)
    if not places:
        return _insert(text, random)
    holder, key = random.choice(places)
    other_holder, other_key = random.choice(places)
    match random.randint(0, 3):
        case 0:
            holder[key] = random.choice(ODD)
        case 1:
            holder[key] = json.loads(json.dumps(other_holder[other_key]))
        case 2 if isinstance(holder, dict):
            holder[random.choice([str(other_key), *TOKENS])] = holder.pop(key)
        case _:
            del holder[key]
    written = json.dumps(document, ensure_ascii=random.random() < 0.5)
    return written.encode("utf-8", "surrogatepass")


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in a document, as what holds it and its key."""
    keys: list[Any] = []
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = list(range(len(value)))
    found = [(value, key) for key in keys]
    for key in keys:
        found += _places(value[key])
    return found


MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (
    *(_flip, _insert, _insert, _cut, _splice, _lines, _nest),
    *(_value, _value, _value),
)
