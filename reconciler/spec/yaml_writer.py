"""Plain values become YAML that our own reader reads back as the same values."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from reconciler.model.value import Json
from reconciler.spec.scalars import UnclearScalarError, resolve

WIDTH = 100


def write(value: Mapping[str, Json]) -> str:
    """Return ``value`` as a block-style document, keys in the order given, without a modeline."""
    return yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=WIDTH,
        default_flow_style=False,
    )


class _Dumper(yaml.SafeDumper):
    """Quotes what YAML 1.1 or our reader would not take for text; repeats instead of aliases."""

    def ignore_aliases(self, data: object) -> bool:
        """Write equal values twice: an alias would tie them together."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Write a string."""
    try:
        plain = resolve(text) == text
    except UnclearScalarError:
        plain = False
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)
