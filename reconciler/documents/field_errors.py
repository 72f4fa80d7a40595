"""Errors about the keys of a mapping: unknown, missing, badly named, not going together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from reconciler.core.specs.references import nearest
from reconciler.documents.examples import line
from reconciler.documents.schema_failure import Failure
from reconciler.documents.wording import choices, field_name, quoted
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Document


def _tell_unknown(failure: Failure, document: Document) -> Diagnostic:
    key = str(failure.path[-1])
    known = sorted(failure.schema.get("properties", {}))
    guess = nearest(key, [name for name in known if name not in failure.value])
    mend = f"write {quoted(guess)}" if guess else "remove it"
    mend += f" (the fields: {choices(known)})" if known else ""
    problem = f"{quoted(key)} is no field of {field_name(failure.path[:-1])}"
    return Diagnostic(Code.UNKNOWN_FIELD, problem, mend, document.key(*failure.path))


def _tell_missing(failure: Failure, document: Document) -> Diagnostic:
    key = failure.about
    example = line(key, failure.schema.get("properties", {}).get(key))
    problem = f"{quoted(key)} is missing in {field_name(failure.path)}"
    code = Code.MISSING_FIELD
    if failure.conditional:
        code = Code.COMBINATION
        problem = (
            f"{quoted(key)} is missing, which the other fields of {field_name(failure.path)} need"
        )
    return Diagnostic(code, problem, f"add the line `{example}` to it", document.key(*failure.path))


def _tell_name(failure: Failure, document: Document) -> Diagnostic:
    key, cause = str(failure.path[-1]), (failure.children or (failure,))[0]
    place = document.key(*failure.path)
    mend = _name_mend(cause)
    if failure.conditional:
        problem = (
            f"{quoted(key)} does not go with the other fields of {field_name(failure.path[:-1])}"
        )
        return Diagnostic(Code.COMBINATION, problem, mend, place)
    problem = f"the name {quoted(key)} is not allowed in {field_name(failure.path[:-1])}"
    return Diagnostic(Code.NAME, problem, mend, place)


def _name_mend(cause: Failure) -> str:
    """Return the mend for a name, from the subschema that describes names."""
    if own := cause.schema.get("x-mend"):
        return str(own)
    if words := cause.schema.get("x-pattern-words"):
        return f"use {words}"
    match cause.keyword:
        case "enum":
            return f"use one of: {choices(cause.wanted)}"
        case "minLength" | "maxLength":
            bound = "least" if cause.keyword == "minLength" else "most"
            return f"use at {bound} {cause.wanted} characters"
        case "pattern":
            return f"use a name that matches the pattern {quoted(cause.wanted)}"
        case _:
            return "use another name"


def _tell_dependency(failure: Failure, document: Document) -> Diagnostic:
    needed = failure.about
    example = line(needed, failure.schema.get("properties", {}).get(needed))
    problem = f"{quoted(str(failure.path[-1]))} needs {quoted(needed)} beside it"
    mend = f"add the line `{example}`, or remove {quoted(str(failure.path[-1]))}"
    return Diagnostic(Code.COMBINATION, problem, mend, document.key(*failure.path))


FIELD_TELLERS: Final[Mapping[str, Callable[[Failure, Document], Diagnostic]]] = {
    "additionalProperties": _tell_unknown,
    "required": _tell_missing,
    "propertyNames": _tell_name,
    "dependencies": _tell_dependency,
}
