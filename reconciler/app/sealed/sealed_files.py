"""Sealed files on disk: written whole or not at all, and read only as they were written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.app.sealed.signature import sign
from reconciler.core.sealed.canonical import pretty
from reconciler.core.sealed.seal import broken_member
from reconciler.documents.json_file import read_json
from reconciler.documents.rewrite import replace_file
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.errors import InvalidInputError, RefusedFileError, UnavailableError
from reconciler.model.source import Document
from reconciler.model.value import Json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def bytes_of(document: Mapping[str, Json]) -> bytes:
    """Return a sealed document as it is written; what was read and never altered gives the same."""
    return pretty(document).encode("ascii")


def write_sealed(
    path: Path, document: Mapping[str, Json], key: Ed25519PrivateKey | None = None
) -> None:
    """Write a sealed file, whole or not at all, and its signature if there is a key.

    Raises:
        UnavailableError: one of them cannot be written.

    """
    content = bytes_of(document)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise UnavailableError(f"{path} cannot be written: {reason}", "check the path") from error
    if key is not None:
        sign(path, content, key)


def read_sealed(path: Path, schema: str, what: str) -> Document:
    """Return a sealed file that is whole and as it was sealed.

    Args:
        path: the file.
        schema: the name of its schema.
        what: what it should be, in words.

    Raises:
        InvalidInputError: it is no such file.
        RefusedFileError: it was altered.

    """
    document, problems = read_json(path, schema, what)
    if document is None:
        raise InvalidInputError(tuple(problems))
    member = broken_member(document.value)
    if member:
        problem = f"the {what} was altered after it was sealed: `{member}` is not what it was"
        mend = f"make the {what} anew; a change of it would be a change that nobody reviewed"
        place = document.place(member, key=True).span
        raise RefusedFileError((Diagnostic(Code.BROKEN_SEAL, problem, mend, place),))
    return document
