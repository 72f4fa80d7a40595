"""Addresses made unreadable: keyed hashes, names that tell nothing, failures without quotes."""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from collections.abc import Container
from dataclasses import replace

from reconciler.kinds.suppression_list_address import folded_address
from reconciler.model.failure import OUR_CODES, Failure
from reconciler.model.ids import ResourceId

VARIABLE = "RECONCILER_PRIVACY_KEY"
"""The environment variable that holds the key."""

SHORTEST = 16
"""Characters that a key has at least."""

MAKE_A_KEY = (
    f"keep one key for good in a secret, made with `openssl rand -base64 32`, and set {VARIABLE}"
)

SCHEME = "hmac-sha256:"
WITHHELD = "what Azure said is not shown, since it may quote an address"

_CODE = re.compile(r"[A-Z][A-Za-z0-9]{1,79}|HTTP [0-9]{3}", re.ASCII)
"""Azure's error codes are words in PascalCase.
https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#handling-errors
"""
_SECRET = re.compile(
    r"secret|password|connectionstring|(access|primary|secondary|shared|api|account)[-_]?key|token$",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"(/suppressionListAddresses/)[^/?]+", re.IGNORECASE)
_CORRELATION = re.compile(r"[0-9A-Fa-f-]{1,64}", re.ASCII)


def names_a_secret(name: str) -> bool:
    """Whether a member or a tag sounds as if its value were a secret.

    Azure shows no secret in the bodies that are read here, yet people put anything into tags.
    """
    return _SECRET.search(name) is not None


def keyed_hash(key: bytes, address: str) -> str:
    """Return what stands for an address in a spec."""
    text = folded_address(address).encode()
    return SCHEME + hmac.new(key, text, hashlib.sha256).hexdigest()


def entry_name(
    key: bytes, suppression_list: ResourceId, address: str, taken: Container[str]
) -> str:
    """Return the name of a new entry: the same in every run, and telling nothing without the key.

    Args:
        key: the private key.
        suppression_list: the list that the entry is for.
        address: in the form in which it is compared.
        taken: names, in lower case, that other addresses have on this list.
    """
    number = 0
    while True:
        # No address holds a NUL, so that no name is the beginning of some address's hash.
        text = f"{suppression_list.folded}\0{address}\0{number}".encode()
        digest = hmac.new(key, text, hashlib.sha256).digest()
        name = str(uuid.UUID(bytes=digest[:16], version=4))
        if name not in taken:
            return name
        number += 1


def shown_path(path: str) -> str:
    """Return the path of a request without the name of a private entry."""
    return _ENTRY.sub(r"\1(withheld)", path)


def scrubbed(failure: Failure, request: str) -> Failure:
    """Return a failure without anything that Azure could have quoted an address in.

    Args:
        failure: as Azure or the step tells it.
        request: what was asked, in words without an address or a name.
    """
    return replace(
        failure,
        code=failure.code if _is_a_code(failure.code) else "withheld",
        message=WITHHELD,
        request=request,
        correlation_id=failure.correlation_id
        if _CORRELATION.fullmatch(failure.correlation_id)
        else "",
    )


def _is_a_code(text: str) -> bool:
    """Whether a text is a word of ours, or has the form of Azure's codes."""
    return text in OUR_CODES or _CODE.fullmatch(text) is not None
