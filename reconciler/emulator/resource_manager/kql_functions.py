"""What expressions of a query are made of: members of rows, numbers, and a few functions.

https://learn.microsoft.com/kusto/query/scalar-functions
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from reconciler.emulator.wire.sources import timestamp

Row = dict[str, Any]
"""One row of a table."""

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


class UnsupportedError(Exception):
    """A query has something in it that is not emulated."""


def folded(value: Any) -> str:
    """Return a value as text, for comparisons that ignore case."""
    return text_of(value).casefold()


def text_of(value: Any) -> str:
    """Return a value as text; nothing for null, booleans in lower case."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def sort_key(value: Any) -> tuple[int, float, str]:
    """Return what values are sorted by: null first, then numbers, then texts."""
    if value is None:
        return (0, 0.0, "")
    if isinstance(value, int | float):
        return (1, float(value), "")
    return (2, 0.0, text_of(value))


def member(row: Row, path: list[str]) -> Any:
    """Return a member of a row; null where there is none."""
    value: Any = row
    for name in path:
        if isinstance(value, list) and name.isdigit():
            value = value[int(name)] if int(name) < len(value) else None
        elif isinstance(value, dict):
            value = next((v for n, v in value.items() if n.casefold() == name.casefold()), None)
        else:
            return None
    return value


def number(token: str) -> Callable[[Row], Any]:
    """Return a number, or a length of time such as ``14d``."""
    if token[-1] in _UNITS:
        span = timedelta(**{_UNITS[token[-1]]: float(token[:-1])})
        return lambda _: span
    value = float(token) if "." in token else int(token)
    return lambda _: value


def call(name: str, arguments: list[Callable[[Row], Any]], now: float) -> Callable[[Row], Any]:
    """Return the call of a function.

    Raises:
        UnsupportedError: It is none of those that are emulated.

    """
    functions: dict[str, Callable[..., Any]] = {
        "ago": lambda span: moment(timestamp(now - span.total_seconds())),
        "array_length": lambda value: len(value) if isinstance(value, list) else None,
        "datetime": moment,
        "isempty": lambda value: text_of(value) == "",
        "isnotempty": lambda value: text_of(value) != "",
        "isnotnull": lambda value: value is not None,
        "isnull": lambda value: value is None,
        "not": lambda value: not value,
        "now": lambda: moment(timestamp(now)),
        "strcat": lambda *values: "".join(map(text_of, values)),
        "todatetime": moment,
        "tolower": lambda value: text_of(value).lower(),
        "tostring": text_of,
        "toupper": lambda value: text_of(value).upper(),
    }
    if name not in functions:
        message = f"the function {name!r} is not emulated; emulated are {', '.join(functions)}"
        raise UnsupportedError(message)
    return lambda row: functions[name](*(argument(row) for argument in arguments))


def moment(text: Any) -> str | None:
    """Return a time in the one form in which times can be compared as texts."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(\.\d+)?)?Z?", text_of(text))
    if match is None:
        return None
    whole = datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00:00'}").replace(tzinfo=UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{(match[3] or '.')[1:]:0<7}Z"
