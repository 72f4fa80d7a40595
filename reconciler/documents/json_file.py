"""JSON files of our own: read strictly, as documents that know where each value was written."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from reconciler.documents.files import shown_name
from reconciler.documents.source_text import SourceText
from reconciler.documents.validate import check
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.source import Document, Span
from reconciler.model.value import Path as ValuePath

LARGEST: Final = 100_000_000
"""How many bytes a file may hold: some 20,000 resources."""

_SPACE = " \t\r\n"
_DECODER = json.JSONDecoder()


def read_json(path: Path, schema: str, what: str) -> tuple[Document | None, list[Diagnostic]]:
    """Read a file and compare it with its schema.

    Args:
        path: the file.
        schema: the name of its schema.
        what: what the file should be, such as ``plan file``.

    Returns:
        The document, None if anything is wrong with it; and the findings.

    """
    name = shown_name(path)
    mend = f"make the {what} anew; it is not to be written by hand"
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError(f"it holds more than {LARGEST:,} bytes")
        text = content.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_refused)
    except OSError as error:
        problem = f"the {what} cannot be read: {(error.strerror or 'unknown reason').lower()}"
        return None, [Diagnostic(Code.NOT_SEALED, problem, "check the path", Span(name, 1, 1))]
    except json.JSONDecodeError as error:
        place = Span(name, error.lineno, error.colno)
        problem = f"this is no {what}: not JSON ({error.msg.lower()})"
        return None, [Diagnostic(Code.NOT_SEALED, problem, mend, place)]
    except (ValueError, RecursionError) as error:
        problem = f"this is no {what}: {error}"
        return None, [Diagnostic(Code.NOT_SEALED, problem, mend, Span(name, 1, 1))]
    if not isinstance(value, dict):
        return None, [Diagnostic(Code.NOT_SEALED, f"this is no {what}", mend, Span(name, 1, 1))]
    document = Document(name, value, _Locator(text, name))
    findings = [replace(f, code=Code.NOT_SEALED, mend=mend) for f in check(document, schema)]
    return (None, findings) if findings else (document, [])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object in which no key stands twice: readers differ on which one counts.

    Raises:
        ValueError: one does.

    """
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refused(constant: str) -> None:
    """Refuse what is no JSON, though Python reads it.

    Raises:
        ValueError: always.

    """
    raise ValueError(f"{constant} is no JSON value")


@dataclass(frozen=True, slots=True)
class _Locator:
    """Finds places in a text that is known to be JSON."""

    text: str
    file: str

    def __call__(self, path: ValuePath, key: bool, /) -> Span:  # noqa: FBT001  (a `Locator`)
        """Return the span of a path, or of its nearest ancestor that is there."""
        start = place = self._after_space(0)
        for step in path:
            found = self._member(place, step)
            if found is None:
                break
            start, place = found
        return SourceText(self.file, self.text).at_index(start if key else place)

    def _member(self, index: int, step: str | int) -> tuple[int, int] | None:
        """Return where a member of the object or list at ``index`` begins, and its value."""
        of_object = self.text[index] == "{"
        if self.text[index] not in "{[":
            return None
        number = 0
        index = self._after_space(index + 1)
        while self.text[index] not in "}]":
            start, name = index, number
            if of_object:
                name, index = _DECODER.raw_decode(self.text, index)
                index = self._after_space(self._after_space(index) + 1)
            if name == step:
                return start, index
            _, index = _DECODER.raw_decode(self.text, index)
            index = self._after_space(index)
            if self.text[index] == ",":
                index = self._after_space(index + 1)
            number += 1
        return None

    def _after_space(self, index: int) -> int:
        """Return the index of the next character that says something."""
        while self.text[index] in _SPACE:
            index += 1
        return index
