"""``${var.NAME}`` in the texts of a document becomes the value of a variable.

A text that is nothing but one variable takes its typed value; within a text it is written out.
``$${`` stands for the two characters ``${``. Values are not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from reconciler.core.specs.references import suggest
from reconciler.core.specs.variables import VARS, Variables
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import KEY, VALUE, Locator
from reconciler.model.value import OBJECT, Json, Path

MOST_WRITTEN = 1_000_000
"""How many characters variables may write into one stack."""

FIXED: tuple[Path, ...] = (("apiVersion",), ("kind",), ("metadata", "name"))
"""What is the same in every environment: patches go by the name."""

_OPENING = re.compile(r"\$\$\{|\$\{(?:var\.([A-Za-z][A-Za-z0-9_]{0,62})\})?")
_WORD = re.compile(r"\$\{\s*(?:vars?\.)?([A-Za-z][A-Za-z0-9_]*)\s*\}")


class Use(NamedTuple):
    """The variables in one text."""

    names: tuple[str, ...]
    exact: bool
    """Whether the text is nothing but one variable."""


def escape(text: str) -> str:
    """Return a text that stands for itself."""
    return text.replace("${", "$${")


def escaped(value: Json) -> Json:
    """Return a value in which every text stands for itself."""
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, Mapping):
        return {escape(key): escaped(inner) for key, inner in value.items()}
    return [escaped(inner) for inner in value] if isinstance(value, list) else value


def names_in(value: Json) -> frozenset[str]:
    """Return the names of all variables in a document's texts, but for its declarations.

    The empty name stands for a ``${`` or ``$${`` that starts no variable.
    """
    found: set[str] = set()
    _collect(value, (), found)
    return frozenset(found)


def _collect(value: Json, path: Path, found: set[str]) -> None:
    if isinstance(value, str):
        if "${" in value:
            found |= {m[1] or "" for m in _OPENING.finditer(value)}
    elif isinstance(value, OBJECT):
        for key, inner in value.items() if path != VARS else ():
            _collect(key, path, found)
            _collect(inner, (*path, key), found)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, (*path, 0), found)


class Substitution:
    """One pass over a document; keeps what it filled in, and where."""

    def __init__(self, variables: Variables, locate: Locator) -> None:
        """Fill in ``variables``; problems are located by ``locate``."""
        self._variables = variables
        self._locate = locate
        self._written = 0
        self.problems: list[Diagnostic] = []
        self.keys: dict[Path, str] = {}
        """Keys as they were written, by their path in the result, where the two differ."""
        self.values: dict[Path, Use] = {}
        """The variables in values, by path in the result."""
        self.names: dict[Path, Use] = {}
        """The variables in keys, by path in the result."""
        self.unresolved: set[Path] = set()
        """Texts that stayed as they were, because something in them is wrong."""
        self.used: set[str] = set()

    def fill(self, value: Json, written: Path = (), path: Path = ()) -> Json:
        """Return ``value`` with its variables filled in.

        Args:
            value: a value, or a whole document.
            written: its path in the document as it was written.
            path: its path in the result.

        """
        if isinstance(value, str):
            return self._value(value, written, path) if "${" in value else value
        if isinstance(value, OBJECT):
            return value if written == VARS else self._mapping(value, written, path)
        if isinstance(value, list):
            return [self.fill(v, (*written, i), (*path, i)) for i, v in enumerate(value)]
        return value

    def _mapping(self, value: Mapping[str, Json], written: Path, path: Path) -> Json:
        filled: dict[str, Json] = {}
        for key, inner in value.items():
            name = self._key(key, (*written, key), path) if "${" in key else key
            if name in filled:
                self._same_key(
                    name, (*written, key), (*written, self.keys.get((*path, name), name))
                )
                continue
            if name != key:
                self.keys[*path, name] = key
            filled[name] = self.fill(inner, (*written, key), (*path, name))
        return filled

    def _value(self, text: str, written: Path, path: Path) -> Json:
        """Return a value with its variables filled in; as it is, if something in it is wrong."""
        found = self._text(text, written, key=False)
        if found is None:
            self.unresolved.add(path)
            return text
        if found[1].names:
            self.values[path] = found[1]
        return found[0]

    def _key(self, key: str, written: Path, above: Path) -> str:
        """Return a key with its variables filled in; it becomes text, whatever they are."""
        found = self._text(key, written, key=True)
        if found is None:
            self.unresolved.add((*above, key))
            return key
        text = str(found[0])
        if found[1].names:
            self.names[*above, text] = found[1]
        return text

    def _text(self, text: str, written: Path, *, key: bool) -> tuple[Json, Use] | None:
        """Return what a text becomes, and by which variables; None if something is wrong."""
        if written in FIXED:
            what = f"`{written[-1]}` holds `${{`, and is the same in every environment"
            mend = "write it out; patches go by the name of a stack"
            self._report(Code.FIXED_FIELD, what, mend, written, key=key)
            return None
        pieces: list[str] = []
        names: list[str] = []
        end, right = 0, True
        for found in _OPENING.finditer(text):
            pieces.append(text[end : found.start()])
            end, name = found.end(), found[1]
            if found[0] == "$${":
                pieces.append("${")
            elif not name:
                self._no_variable(text[found.start() :], written, key=key)
                right = False
            elif self._known(name, written, key=key):
                names.append(name)
                pieces.append(self._variables.values[name].text)
            else:
                right = False
        pieces.append(text[end:])
        if not right or (names and not self._fits(pieces, written, key=key)):
            return None
        if not key and len(names) == 1 and text == f"${{var.{names[0]}}}":
            return self._variables.values[names[0]].value, Use((names[0],), exact=True)
        return "".join(pieces), Use(tuple(dict.fromkeys(names)), exact=False)

    def _known(self, name: str, written: Path, *, key: bool) -> bool:
        """Whether a variable has a value; one that is not declared is a problem."""
        declared = self._variables.declared
        if name not in declared:
            what = f"the stack declares no variable `{name}`"
            mend = suggest(name, sorted(declared))
            if not declared:
                mend = f"declare it: `vars: {{{name}: {{type: string}}}}` below `spec`"
            self._report(Code.UNKNOWN_VARIABLE, what, mend, written, key=key)
            return False
        self.used.add(name)
        return name in self._variables.values

    def _no_variable(self, rest: str, written: Path, *, key: bool) -> None:
        """Say that ``${`` starts something else than a variable."""
        shown = rest[:24] + ("..." if len(rest) > 24 else "")
        what = f"`{shown}` is no variable"
        mend = "write `${var.NAME}`, or `$${` for the two characters themselves"
        word = _WORD.match(rest)
        if word and word[1] in self._variables.declared:
            mend = f"write `${{var.{word[1]}}}`"
        self._report(Code.EXPRESSION, what, mend, written, key=key)

    def _fits(self, pieces: list[str], written: Path, *, key: bool) -> bool:
        """Whether what variables have written stays within its limit."""
        if self._written > MOST_WRITTEN:
            return False
        self._written += sum(map(len, pieces))
        if self._written > MOST_WRITTEN:
            what = f"up to here, variables write more than {MOST_WRITTEN:,} characters"
            mend = "shorten their values, or split the stack"
            self._report(Code.MUCH_TEXT, what, mend, written, key=key)
            return False
        return True

    def _same_key(self, name: str, again: Path, first: Path) -> None:
        """Say that two keys of one mapping have become the same."""
        what = f"two keys become `{name[:60]}` once their variables are filled in"
        related = ((self._locate(first, KEY), "the first one is here"),)
        place = self._locate(again, KEY)
        mend = "remove one of the two, or give it another name"
        self.problems.append(Diagnostic(Code.SAME_KEY, what, mend, place, related=related))

    def _report(self, code: Code, what: str, mend: str, written: Path, *, key: bool) -> None:
        place = self._locate(written, KEY if key else VALUE)
        self.problems.append(Diagnostic(code, what, mend, place))
