"""Tokens that the emulator gives out, and reads when it looks who is calling.

They are JSON Web Tokens signed with a key that is no secret: https://www.rfc-editor.org/rfc/rfc7519.
A client takes them for what they are to it, a text to send along; real Azure refuses them.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from reconciler.emulator.wire.messages import JsonObject, write_json

LIFETIME = 3599
"""How many seconds a token is good for."""

_KEY = b"not a secret: the emulator signs with it so that its tokens have a signature"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a token is of."""

    tenant: str
    """The id of the tenant that gave it out."""
    principal: str
    """The object id, to which roles are assigned."""
    application: str
    """The client id."""


def mint(caller: Caller, audience: str, now: float) -> str:
    """Return a token for a caller.

    Args:
        caller: Whose token it is.
        audience: What it is for, such as ``https://management.azure.com``.
        now: The time in seconds since the epoch.

    """
    start = int(now)
    claims = {
        "aud": audience,
        "iss": issuer(caller.tenant),
        "iat": start,
        "nbf": start,
        "exp": start + LIFETIME,
        "appid": caller.application,
        "appidacr": "1",
        "idtyp": "app",
        "oid": caller.principal,
        "sub": caller.principal,
        "tid": caller.tenant,
        "ver": "1.0",
    }
    signed = f"{_part({'typ': 'JWT', 'alg': 'HS256'})}.{_part(claims)}"
    return f"{signed}.{_signature(signed)}"


def caller(token: str, now: float) -> Caller | None:
    """Return who a token is of; None when it is not one of the emulator's, or has expired."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature, _signature(signed)):
        return None
    claims = claims_of(token)
    if claims.get("exp", 0) <= now:
        return None
    return Caller(claims["tid"], claims["oid"], claims["appid"])


def claims_of(token: str) -> dict[str, Any]:
    """Return what a token says, whoever signed it; nothing when it is none."""
    parts = token.split(".")
    try:
        content = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, binascii.Error, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def issuer(tenant: str) -> str:
    """Return how tokens name the authority of a tenant."""
    return f"https://sts.windows.net/{tenant}/"


def _part(content: JsonObject) -> str:
    return base64.urlsafe_b64encode(write_json(content).encode()).decode().rstrip("=")


def _signature(signed: str) -> str:
    digest = hmac.digest(_KEY, signed.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
