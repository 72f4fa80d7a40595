"""The variables of a stack: what it declares, and the values that they have in an environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.environment import Environment
from reconciler.model.source import Document, Span
from reconciler.model.value import ABSENT, Absent, Json, Path

VARS: Path = ("spec", "vars")
"""Where a stack declares its variables, and an environment gives them values."""

_TYPES: Mapping[str, str] = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
}


class Variable(NamedTuple):
    """A declared variable."""

    name: str
    type: str
    """``string``, ``integer`` or ``boolean``."""
    default: Json | Absent = ABSENT
    choices: tuple[Json, ...] = ()
    pattern: str = ""
    """What the whole text must match, if anything."""


class Value(NamedTuple):
    """The value of a variable, which knows where it was written."""

    value: Json
    place: Callable[[], Span]
    """Positions are worked out only when they are asked for."""

    @property
    def text(self) -> str:
        """The value as a part of a text."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return str(self.value)


class Variables(NamedTuple):
    """The variables of one stack in one environment."""

    declared: Mapping[str, Variable | None] = MappingProxyType({})
    """By name; None where the declaration itself is wrong, which its schema tells."""
    values: Mapping[str, Value] = MappingProxyType({})
    missing: frozenset[str] = frozenset()
    """Those with neither a value nor a default."""


def variables_of(
    document: Document, environment: Environment | None, problems: list[Diagnostic]
) -> Variables:
    """Return the variables of a stack with their values; a wrong value is a problem, and no value.

    Args:
        document: the stack, with the environment's patch applied.
        environment: where values come from, before the defaults.
        problems: what is found is added to it.

    """
    declared = dict(_declarations(document))
    values: dict[str, Value] = {}
    missing: set[str] = set()
    for name, variable in declared.items():
        if variable is None:
            continue
        default = _default(variable, document, problems)
        if environment is not None and name in environment.values:
            found = _given(variable, document, environment, problems)
        elif variable.default is ABSENT:
            missing.add(name)
            continue
        else:
            found = default
        if found is not None:
            values[name] = found
    return Variables(declared, values, frozenset(missing))


def no_value(name: str, document: Document, environment: Environment | None) -> Diagnostic:
    """Say that a variable which is used has no value."""
    place = document.key(*VARS, name)
    if environment is None:
        mend = "choose an environment with `-e NAME`, or give it a `default`"
        what = f"the variable `{name}` has no default, and no environment is chosen"
        return Diagnostic(Code.NO_VALUE, what, mend, place)
    what = f"the variable `{name}` has no default, and no value in environment `{environment.name}`"
    mend = f"add `{name}: ...` to `vars` in {environment.document.file}, or give it a `default`"
    asked = environment.document.key(*(VARS if environment.values else ("metadata", "name")))
    return Diagnostic(Code.NO_VALUE, what, mend, place, related=((asked, "no value here"),))


def _declarations(document: Document) -> Iterator[tuple[str, Variable | None]]:
    """Yield what the stack declares, as far as it makes sense."""
    spec = document.value.get("spec")
    declared = spec.get("vars") if isinstance(spec, Mapping) else None
    for name, entry in declared.items() if isinstance(declared, Mapping) else ():
        yield name, _declaration(name, entry)


def _declaration(name: str, entry: Json) -> Variable | None:
    """Return a declaration, or None if it breaks the schema."""
    if not isinstance(entry, Mapping):
        return None
    kind, choices, pattern = entry.get("type"), entry.get("enum", ()), entry.get("pattern", "")
    if not isinstance(kind, str) or kind not in _TYPES:
        return None
    if not isinstance(choices, list | tuple) or not isinstance(pattern, str):
        return None
    return Variable(name, kind, entry.get("default", ABSENT), tuple(choices), pattern)


def _default(variable: Variable, document: Document, problems: list[Diagnostic]) -> Value | None:
    """Return the default if it is right."""
    path = (*VARS, variable.name)
    try:
        re.compile(variable.pattern)
    except (re.error, OverflowError, RecursionError):
        what = f"the pattern of `{variable.name}` is no regular expression"
        mend = "write one, such as `[a-z0-9-]+`; the whole value has to match it"
        place = document.at(*path, "pattern")
        problems.append(Diagnostic(Code.WRONG_VALUE, what, mend, place))
        return None
    if variable.default is ABSENT:
        return None
    told = _mistake(variable, variable.default)
    if told is not None:
        what, mend = f"the default of `{variable.name}` {told[0]}", told[1]
        place = document.at(*path, "default")
        problems.append(Diagnostic(Code.WRONG_VALUE, what, mend, place))
        return None
    return Value(variable.default, lambda: document.at(*path, "default"))


def _given(
    variable: Variable, document: Document, environment: Environment, problems: list[Diagnostic]
) -> Value | None:
    """Return the environment's value if it is right."""
    path = (*VARS, variable.name)
    value = environment.values[variable.name]
    told = _mistake(variable, value)
    if told is not None:
        what = f"the value of `{variable.name}` {told[0]}"
        place = environment.document.at(*path)
        related = ((document.key(*path), "declared here"),)
        problems.append(Diagnostic(Code.WRONG_VALUE, what, told[1], place, related=related))
        return None
    return Value(value, lambda: environment.document.at(*path))


def _mistake(variable: Variable, value: Json) -> tuple[str, str] | None:
    """Return what is wrong with a value, and its mend."""
    kind = _type_of(value)
    if kind != variable.type:
        mend = f"write {_TYPES[variable.type]}"
        if variable.type == "string" and kind in _TYPES:
            mend = "put it in quotes"
        elif kind == "string":
            mend += ", without quotes"
        return f"is {_TYPES.get(kind, kind)}, but takes {_TYPES[variable.type]}", mend
    if isinstance(value, str) and "${" in value:
        mend = "write the value out; a literal `${` can only stand in the stack, as `$${`"
        return "holds `${`, and values are not expanded", mend
    if variable.choices and not _listed(value, variable.choices):
        known = ", ".join(str(choice) for choice in variable.choices[:20])
        return "is none of its choices", f"write one of: {known}"
    if variable.pattern and isinstance(value, str) and not _matches(variable.pattern, value):
        return "does not match its pattern", f"write text that matches `{variable.pattern[:80]}`"
    return None


def _type_of(value: Json) -> str:
    """Return a value's type as it is declared, or in words where no variable can have it."""
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case str():
            return "string"
        case None:
            return "null"
        case float():
            return "a broken number"
        case _:
            return "a mapping" if isinstance(value, Mapping) else "a list"


def _listed(value: Json, choices: Sequence[Json]) -> bool:
    """Whether a value is among the choices; true is not 1."""
    return any(value == choice and type(value) is type(choice) for choice in choices)


def _matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches; a pattern that is none has been told already."""
    try:
        return re.fullmatch(pattern, text, re.ASCII) is not None
    except (re.error, OverflowError, RecursionError):
        return True
