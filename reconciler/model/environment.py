"""One place that the stacks of a repository are rolled out to, such as ``dev`` or ``prod``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from reconciler.model.source import Document
from reconciler.model.value import Json


class Environment(NamedTuple):
    """What an environment file says about stacks: values for their variables, and patches."""

    name: str
    document: Document
    """The file, as it was written."""
    values: Mapping[str, Json] = MappingProxyType({})
    """The values of variables, by name."""
    patches: Mapping[str, Mapping[str, Json]] = MappingProxyType({})
    """JSON merge patches, by the name of the stack."""
