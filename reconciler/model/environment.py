"""One place that the stacks of a repository are rolled out to, such as ``dev`` or ``prod``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.source import Document
from reconciler.model.value import Json


@dataclass(frozen=True, slots=True)
class Environment:
    """What an environment file says about stacks: values for their variables, and patches."""

    name: str
    document: Document
    """The file, as it was written."""
    values: Mapping[str, Json] = field(default_factory=dict)
    """The values of variables, by name."""
    patches: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    """JSON merge patches, by the name of the stack."""
