"""Sealed files, read and forged as somebody would who knows how they are made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.conftest import Lab, Ran


def canonical(value: Any) -> str:
    """Return a value on one line, keys sorted: what is compared and digested."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def digest(value: Any) -> str:
    """Return the digest of a value as docs/plan-files.md describes it."""
    return "sha256:" + hashlib.sha256(canonical(value).encode()).hexdigest()


def seal(lab: Lab, *arguments: str) -> dict[str, Any]:
    """Plan into plan.json, which must work, and return what is in it."""
    ran = lab.plan("-q", "--out", "plan.json", *arguments)
    assert ran.code in (0, 2), ran.out + ran.err
    return content_of(lab)


def content_of(lab: Lab, name: str = "plan.json") -> dict[str, Any]:
    """Return the content of a sealed file."""
    document: dict[str, Any] = json.loads((lab.folder / name).read_text())
    content: dict[str, Any] = document["content"]
    return content


def carry_out(lab: Lab, *arguments: str) -> Ran:
    """Apply plan.json."""
    return lab.apply("-q", "plan.json", *arguments)


def alter(path: Path, change: Callable[[dict[str, Any]], None], *, forge: bool = False) -> None:
    """Change a sealed file; a forger makes the digests anew, which needs no key."""
    document = json.loads(path.read_text())
    change(document)
    if forge:
        document["digest"] = digest(document["content"])
        members = ("format", "formatVersion", "made", "digest")
        document["seal"] = digest([document[name] for name in members])
    path.write_text(json.dumps(document))


def requests_in(content: dict[str, Any]) -> list[str]:
    """Return method, resource and body of each request of a file, to be compared."""
    return sorted(
        canonical([told["method"], told["resource"].lower(), told["body"]])
        for told in content["requests"]
    )


def writes(lab: Lab) -> list[str]:
    """Return method, path and body of each write that has reached the emulator, to be compared."""
    return sorted(
        canonical([entry["method"], entry["path"].lower(), entry["request"]])
        for entry in lab.arm.requests()
        if entry["method"] in ("PUT", "PATCH", "DELETE")
    )


def make_keys(folder: Path, name: str) -> None:
    """Make a pair of keys with openssl's forms, as its commands would."""
    key = Ed25519PrivateKey.generate()
    (folder / f"{name}.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (folder / f"{name}.pub.pem").write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
