"""Who has to say yes to a change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Approval:
    """People or teams of whom one has to approve, and the files because of which."""

    owners: tuple[str, ...]
    """As CODEOWNERS spells them: ``@person``, ``@team/name`` or an address; never empty."""
    files: tuple[str, ...]
