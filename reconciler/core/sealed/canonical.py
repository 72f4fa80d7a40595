"""One spelling for each value: what is digested, sealed and sent is the same for equal values."""

from __future__ import annotations

import hashlib
import hmac
import json

from reconciler.model.value import Json

ALGORITHM = "sha256"


def canonical(value: Json) -> bytes:
    """Return ``value`` as JSON in one line of ASCII, keys sorted, without spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def digest(value: Json) -> str:
    """Return what stands for a value, ``sha256:`` and 64 hexadecimal digits."""
    return digest_of(canonical(value))


def digest_of(content: bytes) -> str:
    """Return what stands for some bytes, in the form of `digest`."""
    return f"{ALGORITHM}:{hashlib.sha256(content).hexdigest()}"


def keyed_digest(key: bytes, value: Json) -> str:
    """Return what stands for a value that can be guessed, and tells nothing without the key."""
    return f"hmac-{ALGORITHM}:{hmac.new(key, canonical(value), hashlib.sha256).hexdigest()}"


def pretty(value: Json) -> str:
    """Return ``value`` as a file that people can read, and tools compare line by line.

    It is ASCII: nothing in it can turn text round or drive a terminal.
    """
    return json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n"
