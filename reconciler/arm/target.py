"""Which control plane to talk to, and as whom."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from reconciler.model.errors import UsageError

PUBLIC_AZURE = "https://management.azure.com"


@dataclass(frozen=True, slots=True)
class Target:
    """An ARM endpoint.

    A plain-http endpoint must be on this machine, and is only ever given the emulator's made-up
    token: a real token cannot travel in clear.
    """

    endpoint: str
    """Scheme, host and port, without a slash at the end."""

    def __post_init__(self) -> None:
        """Refuse an endpoint that is no origin, or that would send tokens in clear."""
        parts = urlsplit(self.endpoint)
        origin = re.fullmatch(
            r"https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?", self.endpoint
        )
        if origin is None or not 0 < int((origin[2] or ":1")[1:]) < 65536:
            problem = f"`{self.endpoint}` is no endpoint"
            raise UsageError(
                problem, "write `azure`, `emulator`, or an address like http://127.0.0.1:8480"
            )
        if parts.scheme == "http" and not self.is_local:
            problem = f"`{self.endpoint}` is plain http, and not on this machine"
            raise UsageError(problem, "use https, so that tokens do not travel in clear")

    @property
    def takes_any_token(self) -> bool:
        """Whether it is an emulator over http: it gets a made-up token, and never a real one."""
        return urlsplit(self.endpoint).scheme == "http"

    @property
    def is_local(self) -> bool:
        """Whether the host is this machine: an emulator, never Azure."""
        host = urlsplit(self.endpoint).hostname or ""
        if host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False
