"""A small part of the Kusto query language: enough for queries over a list of resources.

``table | where ... | extend ... | project ... | order by ... | take N | count | distinct ... |
summarize count() by ...``. What is not of this part is refused loudly, never passed over.
https://learn.microsoft.com/azure/governance/resource-graph/concepts/query-language
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reconciler.emulator.resource_manager import kql_functions
from reconciler.emulator.resource_manager.kql_functions import (
    Row,
    UnsupportedError,
    folded,
    sort_key,
)

Value = Callable[[Row], Any]
"""An expression: what it gives for a row."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<comment>//[^\n]*)|(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    r"""|(?P<number>\d+(?:\.\d+)?[dhms]?\b)|(?P<word>[A-Za-z_][\w-]*[~]?|[!]?in~|\$\w+)"""
    r"""|(?P<sign>==|!=|=~|!~|<=|>=|\|\||[|()\[\],.<>=*]|!\w+~?))"""
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "=~": lambda a, b: folded(a) == folded(b),
    "!~": lambda a, b: folded(a) != folded(b),
    "<": lambda a, b: a is not None and b is not None and a < b,
    "<=": lambda a, b: a is not None and b is not None and a <= b,
    ">": lambda a, b: a is not None and b is not None and a > b,
    ">=": lambda a, b: a is not None and b is not None and a >= b,
    "contains": lambda a, b: folded(b) in folded(a),
    "!contains": lambda a, b: folded(b) not in folded(a),
    "has": lambda a, b: re.search(rf"(?<!\w){re.escape(folded(b))}(?!\w)", folded(a)) is not None,
    "startswith": lambda a, b: folded(a).startswith(folded(b)),
    "endswith": lambda a, b: folded(a).endswith(folded(b)),
}
_LISTS: dict[str, Callable[[Any, list[Any]], bool]] = {
    "in": lambda a, b: a in b,
    "!in": lambda a, b: a not in b,
    "in~": lambda a, b: folded(a) in map(folded, b),
    "!in~": lambda a, b: folded(a) not in map(folded, b),
}


@dataclass
class Query:
    """A query that was read."""

    table: str
    """The folded name of the table."""
    steps: list[Callable[[list[Row]], list[Row]]] = field(default_factory=list)

    def run(self, rows: list[Row]) -> list[Row]:
        """Return what the query makes of the rows of its table."""
        for step in self.steps:
            rows = step(rows)
        return rows


def parse(text: str, now: float) -> Query:
    """Read a query.

    Args:
        text: The query.
        now: The time in seconds since the epoch, for ``ago`` and ``now``.

    Raises:
        UnsupportedError: There is something in it that is not of this part of the language.

    """
    return _Reader(_tokens(text), now).query()


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            message = f"cannot read {text[place:].strip()[:30]!r}"
            raise UnsupportedError(message)
        if match["comment"] is None:
            found.append(match[0].strip())
        place = match.end()
    return found


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[str], now: float) -> None:
        self._tokens = tokens
        self._now = now
        self._next = 0

    def query(self) -> Query:
        query = Query(folded(self._take()))
        while self._accept("|"):
            query.steps.append(self._step())
        if self._next < len(self._tokens):
            message = f"cannot read {self._peek()!r} here"
            raise UnsupportedError(message)
        return query

    def _step(self) -> Callable[[list[Row]], list[Row]]:
        word = folded(self._take())
        readers = {
            "where": self._where, "project": self._project, "extend": self._extend,
            "order": self._order, "sort": self._order, "take": self._take_rows,
            "limit": self._take_rows, "count": self._count, "distinct": self._distinct,
            "summarize": self._summarize,
        }  # fmt: skip
        if word not in readers:
            message = f"the operator {word!r} is not emulated; emulated are {', '.join(readers)}"
            raise UnsupportedError(message)
        return readers[word]()

    def _where(self) -> Callable[[list[Row]], list[Row]]:
        test = self._either()
        return lambda rows: [row for row in rows if test(row)]

    def _project(self) -> Callable[[list[Row]], list[Row]]:
        columns = self._columns()
        return lambda rows: [{name: value(row) for name, value in columns} for row in rows]

    def _extend(self) -> Callable[[list[Row]], list[Row]]:
        columns = self._columns()
        return lambda rows: [row | {name: value(row) for name, value in columns} for row in rows]

    def _order(self) -> Callable[[list[Row]], list[Row]]:
        self._expect("by")
        keys: list[tuple[Value, bool]] = []
        while True:
            value = self._operand()
            rises = self._accept("asc")
            if not rises:
                self._accept("desc")
            keys.append((value, not rises))
            if not self._accept(","):
                break

        def sort(rows: list[Row]) -> list[Row]:
            for value, falls in reversed(keys):
                rows = sorted(rows, key=lambda row: sort_key(value(row)), reverse=falls)
            return rows

        return sort

    def _take_rows(self) -> Callable[[list[Row]], list[Row]]:
        number = int(self._take())
        return lambda rows: rows[:number]

    def _count(self) -> Callable[[list[Row]], list[Row]]:
        return lambda rows: [{"Count": len(rows)}]

    def _distinct(self) -> Callable[[list[Row]], list[Row]]:
        columns = self._columns()

        def distinct(rows: list[Row]) -> list[Row]:
            found = [{name: value(row) for name, value in columns} for row in rows]
            return [row for number, row in enumerate(found) if row not in found[:number]]

        return distinct

    def _summarize(self) -> Callable[[list[Row]], list[Row]]:
        name = "count_"
        first = self._take()
        if self._accept("="):
            name, first = first, self._take()
        if folded(first) != "count" or not (self._accept("(") and self._accept(")")):
            message = "summarize is emulated with count() alone"
            raise UnsupportedError(message)
        columns = self._columns() if self._accept("by") else []

        def summarize(rows: list[Row]) -> list[Row]:
            groups: list[Row] = []
            for row in rows:
                key = {column: value(row) for column, value in columns}
                known = next((g for g in groups if {c: g[c] for c in key} == key), None)
                if known is None:
                    groups.append(key | {name: 1})
                else:
                    known[name] += 1
            return groups if columns else [{name: len(rows)}]

        return summarize

    def _columns(self) -> list[tuple[str, Value]]:
        """Read ``name``, ``name = expression`` or a path, whose name has underscores for dots."""
        found: list[tuple[str, Value]] = []
        while True:
            start = self._next
            name = self._take()
            if self._accept("="):
                value = self._either()
            else:
                self._next = start
                value = self._operand()
                name = "_".join(t for t in self._tokens[start : self._next] if t not in ".[]")
            found.append((name, value))
            if not self._accept(","):
                return found

    def _either(self) -> Value:
        found = [self._both()]
        while self._accept("or"):
            found.append(self._both())
        return found[0] if len(found) == 1 else lambda row: any(test(row) for test in found)

    def _both(self) -> Value:
        found = [self._comparison()]
        while self._accept("and"):
            found.append(self._comparison())
        return found[0] if len(found) == 1 else lambda row: all(test(row) for test in found)

    def _comparison(self) -> Value:
        left = self._operand()
        sign = folded(self._peek())
        if sign in _COMPARISONS:
            compare, _ = _COMPARISONS[sign], self._take()
            right = self._operand()
            return lambda row: compare(left(row), right(row))
        if sign in _LISTS:
            within, _ = _LISTS[sign], self._take()
            self._expect("(")
            listed = self._arguments()
            return lambda row: within(left(row), [value(row) for value in listed])
        return left

    def _operand(self) -> Value:
        token = self._take()
        if token == "(":
            inner = self._either()
            self._expect(")")
            return inner
        if token[0] in "'\"":
            text = re.sub(r"\\(.)", r"\1", token[1:-1])
            return lambda _: text
        if token[0].isdigit():
            return kql_functions.number(token)
        if folded(token) in ("true", "false", "null"):
            constant = {"true": True, "false": False, "null": None}[folded(token)]
            return lambda _: constant
        if self._accept("("):
            return kql_functions.call(folded(token), self._arguments(), self._now)
        return self._path(token)

    def _arguments(self) -> list[Value]:
        found: list[Value] = []
        while not self._accept(")"):
            found.append(self._either())
            self._accept(",")
        return found

    def _path(self, name: str) -> Value:
        """Read ``properties.x['y'].z``; members ignore case, as columns of the service do."""
        if not re.fullmatch(r"[A-Za-z_$][\w$]*", name):
            message = f"cannot read {name!r} here"
            raise UnsupportedError(message)
        parts = [name]
        while True:
            if self._accept("."):
                parts.append(self._take())
            elif self._accept("["):
                parts.append(self._take().strip("'\""))
                self._expect("]")
            else:
                return lambda row: kql_functions.member(row, parts)

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        if not token:
            message = "the query ends too early"
            raise UnsupportedError(message)
        self._next += 1
        return token

    def _accept(self, token: str) -> bool:
        if folded(self._peek()) != token:
            return False
        self._next += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._accept(token):
            message = f"{token!r} is expected before {self._peek()!r}"
            raise UnsupportedError(message)
