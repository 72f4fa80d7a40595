"""What a document wants to be, before anybody has checked that it is."""

from __future__ import annotations

from typing import Final

from reconciler.model.source import Document

ENVIRONMENT: Final = "Environment"
POLICY: Final = "Policy"
NO_STACKS: Final = (ENVIRONMENT, POLICY)
"""What may lie in one folder with stacks."""


def is_a(kind: str, document: Document) -> bool:
    """Whether a document wants to be of a kind."""
    return document.value.get("kind") == kind


def is_no_stack(document: Document) -> bool:
    """Whether a document is passed over where stacks are looked for."""
    return document.value.get("kind") in NO_STACKS
