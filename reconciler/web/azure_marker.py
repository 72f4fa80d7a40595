"""The marker of what we write, spelt so that no editor and no filter of HTML takes it away.

Work items are HTML that people edit and Azure DevOps filters; whether comments in it stay is not on
record. So a marker becomes one word of letters, digits, ``-``, ``_`` and ``=`` that is shown.
"""

from __future__ import annotations

import base64
import binascii
import re

WORD = re.compile(r"reconciler:(?P<data>[A-Za-z0-9_-]{8,}={0,2})(?:</\w+>|<br ?/?>|&nbsp;|\s)*$")
"""At the end, where nothing but tags may follow: who quotes it goes on."""


def hidden(marker: str) -> str:
    """Return a marker as one word."""
    return "reconciler:" + base64.urlsafe_b64encode(marker.encode()).decode()


def shown(text: str) -> str:
    """Return the marker whose word a text ends with, empty if there is none."""
    found = WORD.search(text)
    try:
        return base64.urlsafe_b64decode(found["data"]).decode() if found else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""
