"""Texts as zone files and programs write them: quoted, escaped, in pieces of 255 bytes."""

from __future__ import annotations

import json
import re

from reconciler.model.dns import pieces
from reconciler.render.formats.words import safe

MARK = "reconciler dns export"
"""Stands in every file, so that a later run knows that it may replace it."""

MADE_BY = f"Made by {MARK} from what Azure asks for."


def zone_text(text: str, escape: str = "\\{:03d}") -> str:
    """Return a TXT value as zone files write it.

    Args:
        text: the value.
        escape: how a byte that is no printable ASCII is written; decimal in zone files
            (https://www.rfc-editor.org/rfc/rfc1035#section-5.1), octal in Route 53.

    """
    return " ".join(f'"{_escaped(piece, escape)}"' for piece in pieces(text))


def quoted(text: str) -> str:
    """Return a text in double quotes, as JSON, YAML and JavaScript read it."""
    return safe(json.dumps(text, ensure_ascii=False))


def comment(text: str) -> str:
    """Return a text that cannot end the comment that it stands in."""
    return safe(text)


def label(text: str, *, hyphens: bool) -> str:
    """Return a name in a program, made from a name in DNS.

    Args:
        text: what it is made from.
        hyphens: whether such names may have hyphens.

    """
    word = re.sub(r"[^A-Za-z0-9_-]" if hyphens else r"[^A-Za-z0-9_]", "_", text)
    return word if re.match(r"[A-Za-z_]", word) else f"_{word}"


def _escaped(text: str, escape: str) -> str:
    """Return a piece of text between the quotes of a zone file."""
    found = ""
    for byte in text.encode("utf-8", "surrogatepass"):
        character = chr(byte)
        if character in '"\\':
            found += f"\\{character}"
        elif 32 <= byte < 127:
            found += character
        else:
            found += escape.format(byte)
    return found
