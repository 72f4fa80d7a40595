"""The envelope of sealed files: what they say, when it was said, and digests over both.

``digest`` stands for the content alone and is the same for equal inputs, so that two plans can be
compared by it. ``seal`` stands for the whole file, times and commit included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.core.sealed.canonical import digest
from reconciler.model.value import Json

PREFIX: Final = "acs-reconciler/"
VERSION: Final = "1.0"
"""Grows in the second place when members are added, in the first when one changes or goes."""


def sealed(form: str, made: Mapping[str, Json], content: Mapping[str, Json]) -> dict[str, Json]:
    """Return a sealed document.

    Args:
        form: what it is: ``plan``, ``receipt`` or ``snapshot``.
        made: when, and from which commit: what varies between equal runs.
        content: what it says.
    """
    document: dict[str, Json] = {
        "format": f"{PREFIX}{form}",
        "formatVersion": VERSION,
        "made": made,
        "content": content,
        "digest": digest(content),
    }
    return {**document, "seal": _seal(document)}


def broken_member(document: Mapping[str, Json]) -> str:
    """Return the member that is not what it was when the document was sealed, empty if all are."""
    if document["digest"] != digest(document["content"]):
        return "content"
    return "" if document["seal"] == _seal(document) else "made"


def _seal(document: Mapping[str, Json]) -> str:
    """Return the digest of everything; that of the content stands for it."""
    return digest([document[name] for name in ("format", "formatVersion", "made", "digest")])
