"""What a service on loopback is asked and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Reply:
    """What the server answers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Service:
    """A service; ``answer`` is asked for each request: method, path, body."""

    url: str = ""
    answer: Callable[[str, str, Any], Reply] = lambda method, path, body: Reply()
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
