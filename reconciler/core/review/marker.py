"""The first line of what we write into comments and issues: by it alone they are found again.

It is a comment of HTML with JSON in it, compared as a whole line and never searched for in the
text, so that one who quotes it is not taken for us.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from reconciler.model.value import Json

_LINE = re.compile(r"<!-- reconciler:(?P<what>[a-z]+) v1 (?P<data>\{.*\}) -->")


def marked(what: str, data: Mapping[str, Json], text: str) -> str:
    """Return a text with its marker in front."""
    spelt = json.dumps(data, sort_keys=True)
    for character in "<>-":  # nothing may end the comment early
        spelt = spelt.replace(character, f"\\u{ord(character):04x}")
    return f"<!-- reconciler:{what} v1 {spelt} -->\n{text}"


def read_marker(what: str, body: str) -> Mapping[str, Json] | None:
    """Return what the marker of a text says, None if it has none of this sort."""
    first, _, _ = body.partition("\n")
    found = _LINE.fullmatch(first.rstrip("\r"))
    if found is None or found["what"] != what:
        return None
    try:
        data = json.loads(found["data"])
    except ValueError:
        return None
    return data if isinstance(data, Mapping) else None


def text_of(body: str) -> str:
    """Return a text without its marker."""
    return body.partition("\n")[2]
