"""Plain YAML scalars as JSON values, where all readers agree on them."""

from __future__ import annotations

import math
import re
from typing import Final, TypeAlias

Scalar: TypeAlias = "bool | int | float | str | None"
"""A JSON value without parts."""

WORDS: Final[dict[str, bool | None]] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
"""The words of YAML 1.2's core schema; ``yes``, ``no``, ``on`` and ``off`` are text."""

_NUMBER_STARTS = frozenset("-+.0123456789")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_UNCLEAR = re.compile(
    r"""(?: [-+]?\.(?:inf|Inf|INF) | \.(?:nan|NaN|NAN)      # not in JSON
    | 0x[0-9a-fA-F]+ | 0o[0-7]+ | 0b[01]+                   # numbers to some readers
    | \+(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?
    | [-+]?\.[0-9]+(?:[eE][-+]?[0-9]+)? | -?[0-9]+\.(?:[eE][-+]?[0-9]+)? )\Z""",
    re.VERBOSE,
)
_LARGEST = 2**63 - 1


class UnclearScalarError(ValueError):
    """A plain scalar that means different things to different readers."""


def resolve(text: str) -> Scalar:
    """Return what a plain scalar means.

    Numbers are those of JSON's grammar. What only some YAML versions read as something else than
    text stays text if a person would read it so (``017``, ``12:30:45``, ``2026-11-23``).

    Raises:
        UnclearScalarError: if readers disagree and so would people; the message says why.

    """
    if text in WORDS:
        return WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _INTEGER.match(text):
        return _integer(text)
    if _FLOAT.match(text):
        return _float(text)
    if _UNCLEAR.match(text):
        msg = "is a number to some YAML readers and text to others"
        raise UnclearScalarError(msg)
    return text


def _integer(text: str) -> int:
    # The length is checked first: int() takes quadratic time and refuses 4,300 digits.
    if len(text) > 20 or not -_LARGEST - 1 <= int(text) <= _LARGEST:
        msg = "is a whole number beyond 64 bits"
        raise UnclearScalarError(msg)
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        msg = "is a number too large for a computer's arithmetic"
        raise UnclearScalarError(msg)
    return number
