"""What travels between a run and its workers: questions and answers, as JSON.

No spec, no variable and no token is among it. A worker signs in by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from reconciler import __version__
from reconciler.core.sending.throttle import Allowance
from reconciler.engine.ports import Inquiry
from reconciler.model.errors import UnavailableError
from reconciler.model.event import RequestDelayed
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.value import Body

Told: TypeAlias = "Body | None | list[Body] | Failure"
"""An answer: a body, that there is none, the bodies of a list, or why nothing is known."""

VERSIONS = "build scheduler, workers and this machine from one image"
"""How versions that differ are mended."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What one worker is to find out in one go: questions about one subscription."""

    target: str
    """The endpoint that is asked."""
    tenants: Mapping[str, str]
    """Tenant ids by subscription id, where they are not that of the worker's sign-in."""
    subscription: str
    allowance: Allowance
    """What may be read of the subscription, by all that is known here."""
    inquiries: tuple[Inquiry, ...]

    def to_bytes(self) -> bytes:
        """Return the unit with the version that it is of."""
        return json.dumps({"version": __version__, **asdict(self)}).encode()

    @classmethod
    def of_bytes(cls, content: bytes) -> Unit:
        """Return a unit that has come in.

        Raises:
            UnavailableError: it is of another version, and may mean something else.

        """
        told = json.loads(content)
        if told["version"] != __version__:
            problem = f"a worker has acs-reconciler {__version__}, and not {told['version']}"
            raise UnavailableError(problem, VERSIONS)
        return cls(
            told["target"],
            told["tenants"],
            told["subscription"],
            Allowance(**told["allowance"]),
            tuple(Inquiry(**one) for one in told["inquiries"]),
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """What a worker has found out."""

    told: tuple[Told, ...]
    """For each question of the unit."""
    allowance: Allowance
    """What may still be read of the subscription."""
    waits: tuple[RequestDelayed, ...] = ()
    """Requests that had to wait."""

    def to_bytes(self) -> bytes:
        """Return the findings as they travel."""
        content = {
            "told": [_spelt(one) for one in self.told],
            "allowance": asdict(self.allowance),
            "waits": [asdict(wait) for wait in self.waits],
        }
        return json.dumps(content).encode()

    @classmethod
    def of_bytes(cls, content: bytes) -> Findings:
        """Return findings that have come in.

        Raises:
            UnavailableError: the worker could do nothing at all, and says why.

        """
        found = json.loads(content)
        if "problem" in found:
            raise UnavailableError(found["problem"], found["mend"])
        return cls(
            tuple(_read(one) for one in found["told"]),
            Allowance(**found["allowance"]),
            tuple(RequestDelayed(**wait) for wait in found["waits"]),
        )


def refusal(problem: str, mend: str) -> bytes:
    """Return what a worker answers that can do nothing at all."""
    return json.dumps({"problem": problem, "mend": mend}).encode()


def _spelt(told: Told) -> object:
    """Return an answer as it travels."""
    return {"failure": asdict(told)} if isinstance(told, Failure) else {"found": told}


def _read(spelt: Mapping[str, Any]) -> Told:
    """Return an answer that has travelled."""
    if "failure" in spelt:
        failure = spelt["failure"]
        return Failure(**{**failure, "kind": FailureClass(failure["kind"])})
    found: Told = spelt["found"]
    return found
