"""Texts that nobody would read whole, brought into a form that can be reviewed."""

from __future__ import annotations

import hashlib
import re
from collections import Counter

LONG = 120
"""Characters of a line that may say the same again and again."""


def outline(text: str) -> str:
    """Return what kinds of lines a text has, and how many of each, in the order of the first one.

    Numbers become ``#``, and what is said again and again on one line is said once. The digest in
    the first line holds every byte all the same.
    """
    lines = text.splitlines()
    kinds = Counter(map(_kind, lines))  # which keeps the order
    digest = hashlib.sha256(text.encode()).hexdigest()
    head = f"{len(text):,} characters in {len(lines):,} lines, sha256:{digest}\n"
    return head + "".join(f"{count:>6,} | {kind}".rstrip() + "\n" for kind, count in kinds.items())


def _kind(line: str) -> str:
    """Return a line without what differs from one resource to the next."""
    plain = re.sub(r"\d+", "#", re.sub(r"\b[0-9a-f]{32,}\b", "(hash)", line))
    return re.sub(r"(\S+,? )\1{2,}", r"\1(and so on) ", plain) if len(plain) > LONG else plain
