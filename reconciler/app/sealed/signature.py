"""Detached Ed25519 signatures of sealed files: who made a plan, not only that it is whole.

A signature is the 64 bytes of RFC 8032 over the bytes of the file, in ``FILE.sig``; ``openssl
pkeyutl -rawin`` makes and checks the same ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.documents.files import shown_name
from reconciler.documents.rewrite import replace_file
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.errors import RefusedFileError, UnavailableError, UsageError
from reconciler.model.source import Span

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

SUFFIX = ".sig"
MAKE_A_KEY = (
    "make one with `openssl genpkey -algorithm ed25519 -out key.pem`, and its public half with"
    " `openssl pkey -in key.pem -pubout -out key.pub.pem`"
)


def signature_of(path: Path) -> Path:
    """Return where the signature of a file is."""
    return path.with_name(f"{path.name}{SUFFIX}")


def signing_key(path: Path | None) -> Ed25519PrivateKey | None:
    """Return the key to sign with, from a PEM file without a password; None for no such file.

    Raises:
        UsageError: there is a file, and it is no key.

    """
    if path is None:
        return None
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_content(path), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"`{path}` is no private Ed25519 key in PEM", MAKE_A_KEY)
    return key


def sign(path: Path, content: bytes, key: Ed25519PrivateKey) -> None:
    """Write the signature of a file's content beside it.

    Raises:
        UnavailableError: it cannot be written.

    """
    try:
        replace_file(signature_of(path), key.sign(content))
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise UnavailableError(f"{signature_of(path)} cannot be written: {reason}") from error


def check_signature(path: Path, content: bytes, key_path: Path) -> None:
    """Raise unless a file was signed with the private half of a key.

    Args:
        path: the file.
        content: what was read from it.
        key_path: the public key, in PEM.

    Raises:
        RefusedFileError: it was not, or altered since.
        UsageError: there is no such key.

    """
    from cryptography.exceptions import InvalidSignature

    key = _public_key(key_path)
    try:
        key.verify(signature_of(path).read_bytes(), content)
    except FileNotFoundError:
        problem = f"the file is not signed: there is no {shown_name(signature_of(path))}"
    except (InvalidSignature, ValueError):
        problem = f"the file, as it is, was not signed with the key of {shown_name(key_path)}"
    except OSError as error:
        raise UnavailableError(f"{signature_of(path)} cannot be read: {error.strerror}") from error
    else:
        return
    mend = "make the file where it may be signed, with `--sign-key`, and bring its signature along"
    place = Span(shown_name(path), 1, 1)
    raise RefusedFileError((Diagnostic(Code.BROKEN_SEAL, problem, mend, place),))


def _public_key(path: Path) -> Ed25519PublicKey:
    """Return the key to check with.

    Raises:
        UsageError: it is none.

    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(_content(path))
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"`{path}` is no public Ed25519 key in PEM", MAKE_A_KEY)
    return key


def _content(path: Path) -> bytes:
    """Return the bytes of a key file.

    Raises:
        UsageError: it cannot be read.

    """
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise UsageError(f"the key `{path}` cannot be read: {reason}", MAKE_A_KEY) from error
